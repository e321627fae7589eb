"""Jobs: however they are cut, the result is the same, and NumPy's is the same to the last bit."""

import importlib
from typing import Any

import pytest

from explorer.labs.parallelism.job import Job, Piece, filled, jobs

SMALL = {"mandelbrot": 24, "primes": 5_000, "text": 40, "matrix": 10}
EVERY = [pytest.param(job, id=job.id) for job in jobs()]


def done(job: Job, size: int, grain: int, module: str = "") -> bytes:
    body = job.body()
    data, _ = body.prepare(size)

    def fetch(piece: Piece) -> bytes:
        return bytes(data[piece.offset : piece.offset + piece.length])

    task: Any = getattr(importlib.import_module(module or job.module), job.task)
    combined: bytes = body.combine([task(*filled(each, fetch)) for each in body.cut(size, grain, data)])
    return combined


@pytest.mark.parametrize("job", EVERY)
@pytest.mark.parametrize("grain", [1, 3, 7])
def test_how_it_is_cut_makes_no_difference(job: Job, grain: int) -> None:
    size = SMALL[job.id]
    grain *= 100 if job.id == "primes" else 1
    if job.id == "primes":  # its checks are those of the segments
        found = done(job, size, grain)
        assert found.startswith(b"(669, ")  # the primes below 5,000
        return
    assert done(job, size, grain) == done(job, size, size)


@pytest.mark.parametrize("job", [each for each in jobs() if each.vectorised], ids=lambda job: job.id)
def test_numpy_gives_the_same_bits(job: Job) -> None:
    size = SMALL[job.id]
    assert done(job, size, 700 if job.id == "primes" else 3, job.numpy_module) == done(
        job, size, 700 if job.id == "primes" else 3
    )


def test_a_product_of_matrices_is_one() -> None:
    from array import array

    body = next(job for job in jobs() if job.id == "matrix").body()
    left, right = array("d", [1, 2, 3, 4]), array("d", [5, 7, 6, 8])  # the second by columns
    assert array("d", body.rows(2, left.tobytes(), right.tobytes())).tolist() == [19, 22, 43, 50]


def test_words_are_those_of_real_files() -> None:
    body = next(job for job in jobs() if job.id == "text").body()
    data, words = body.prepare(2)
    assert len(data) == 2_000
    assert "standard library" in words
    assert body.count(b"def Def deaf") == {b"def": 2, b"deaf": 1}
    assert body.combine([{b"b": 1}, {b"a": 2, b"b": 3}]) == b"a 2\nb 4"


@pytest.mark.parametrize("job", EVERY)
def test_a_job_says_what_it_is(job: Job) -> None:
    assert job.size_bounds[0] <= job.size <= job.size_bounds[1]
    assert job.vectorised != bool(job.no_numpy)
    assert job.summary.endswith(".")
    assert hasattr(job.body(), job.task)
