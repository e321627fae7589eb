"""The server under every other Python of this machine: each model with a few dispatches and workloads.

Each Python has the framework and little else: neither NumPy nor Qt. For each combination the books must agree: read +
lost = written, nothing lost, and the server has seen exactly the requests that the load has counted.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Final

from explorer.catalog import Catalog
from explorer.records.states import Kind, Role, TrackKind
from explorer.supervise.interpreters.find import Interpreters
from tests.combinations import possible, settings
from tests.full.outcome import Failed, Skipped
from tests.integration.session.stage import Stage, status
from tests.pythons import VERSIONS, WANTED, prepared

PAIRS: Final = (
    ("coroutine", "sleep"),
    ("thread_pool", "cpu_python"),
    ("process_pool", "file_io"),
    ("interpreter_pool", "cpu_python"),
    ("interpreter_pool", "http_upstream"),
    ("thread_pool", "gc_pressure"),
)
ANSWERS: Final = 25
FREE_THREADED: Final = " free-threaded"


def run() -> str:
    """Try all of them under each Python; how many runs there were, and what is not here."""
    said, failed = [], []
    for version in VERSIONS:
        python, complaint = prepared(version)
        if complaint:
            said.append(f"{version} not tried ({complaint})")
            continue
        began, triples = time.monotonic(), wanted(python)
        for triple in triples:
            try:
                asyncio.run(try_out(python, version, triple))
            except Exception as error:
                failed.append(f"{version} {' × '.join(triple)}: {type(error).__name__}: {error}")
                print(f"  {failed[-1]}", file=sys.stderr, flush=True)
        said.append(f"{version}: {len(triples)} runs, {(time.monotonic() - began) / len(triples):.1f} s each")
    if failed:
        raise Failed(f"{len(failed)} runs failed: {'; '.join(failed)}")
    if all("not tried" in line for line in said):
        raise Skipped("; ".join(said))
    return "; ".join(said)


def wanted(python: str) -> list[tuple[str, str, str]]:
    """The combinations that this Python can run: its own version counts, and what a model needs besides."""
    answer = Interpreters().asked(python, WANTED)
    catalog = Catalog()
    bare = {model.id for model in catalog.all("model") if not model.needs}
    return [each for each in possible(catalog, answer.version) if each[0] in bare and each[1:] in PAIRS]


async def try_out(python: str, version: str, triple: tuple[str, str, str]) -> None:
    """One run, whole; raises AssertionError with what is wrong."""
    stage = Stage()
    try:
        words = [word for word in settings(triple) if not word.startswith("server.")]
        await stage.start(*words, f"server.interpreter={python}", "server.http=h11", "load.users=3")
        await stage.until(lambda: stage.answered >= ANSWERS, timeout=60, what=f"{ANSWERS} answers")
        if has_gil_lane(version):
            await stage.until(lambda: stage.count(Kind.GIL_HELD), timeout=60, what="who holds the GIL")
        await stage.session.stop()
        for check in CHECKS:
            check(stage, version)
    finally:
        await stage.close()


def books(stage: Stage, version: str) -> None:
    """Nothing is lost, and both sides have counted the same requests."""
    tally = stage.tally
    assert tally.written > 0
    assert (tally.read, tally.lost) == (tally.written, 0), tally
    assert not stage.failures, stage.failures
    sent, served = stage.spans(Kind.CLIENT_REQUEST), stage.spans(Kind.REQUEST, "GET /job")
    assert stage.answered == len(sent) == len(served), (stage.answered, len(sent), len(served))
    assert set(sent["request"].tolist()) == set(served["request"].tolist())
    assert status(served) == {200}


def python_of_all(stage: Stage, version: str) -> None:
    """Every process of the server ran under the Python that was asked for."""
    serving = (Role.SERVER, Role.WORKER, Role.STANDBY, Role.CONNECTION, Role.POOL)
    pythons = {process.interpreter for process in stage.processes.values() if process.role in serving}
    (one,) = pythons
    assert one.startswith(f"cpython {version.rstrip('t')}."), one
    assert one.endswith(FREE_THREADED) == version.endswith("t"), one


def has_gil_lane(version: str) -> bool:
    """Whether this system tells who holds the GIL of a Python, and the Python has one."""
    return sys.platform == "linux" and not version.endswith("t")


def gil_lanes(stage: Stage, version: str) -> None:
    """Who holds the GIL is seen where there is one, and nowhere else."""
    lanes = {track.pid for track in stage.tracks.values() if track.kind is TrackKind.GIL}
    assert bool(lanes) == has_gil_lane(version), lanes


CHECKS: Final[tuple[Callable[[Stage, str], None], ...]] = (books, python_of_all, gil_lanes)
"""What must hold of every run, given its stage and the version that was asked for."""
