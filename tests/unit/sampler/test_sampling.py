"""Sampling of the test's own process, with a clock that the test turns."""

import json
import os
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest

from explorer.probe import gil
from explorer.records.states import Role, TrackKind
from explorer.sampler.gil import GilLane
from explorer.sampler.missing import Missing
from explorer.sampler.roll import Roll
from explorer.sampler.sampling import PART, Sampling
from explorer.sampler.states import ProcessStates
from tests import leaks
from tests.unit.sampler.stand_ins import Life, Tracer, threads_that_wait

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="threads are looked at on Linux only"),
    pytest.mark.skipif(not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="this Python has no GIL"),
]
MS = 1_000_000


class Stage:
    """A run whose processes are all this one, and its sampling."""

    def __init__(self, run: Path, most: float = 0.05) -> None:
        (run / "rings").mkdir()
        self.run = run
        self.now = 5_000 * MS
        self.tracer, self.life = Tracer(), Life()
        self.said: list[object] = []
        self.sampling = Sampling(
            self.tracer,
            Roll(run),
            Missing(lambda name, **fields: self.said.append((name, fields))),
            most,
            alive=lambda: self.life,
            clock=lambda: self.now,
            cpu=lambda: 0.0,
        )

    def join(self, number: int = 1, *, knows: bool = True) -> None:
        """This process joins, with where its GIL is, or it tells that later."""
        note = {"number": number, "pid": os.getpid(), "role": Role.SERVER, "gil": gil.find() if knows else None}
        (self.run / f"process-{number}.json").write_text(json.dumps(note), encoding="utf-8")

    def go_on(self, seconds: float, step_ms: int = 5) -> None:
        """Let the clock run, and sample whenever it has made a step."""
        for _ in range(round(seconds * 1000 / step_ms)):
            self.now += step_ms * MS
            self.sampling.tick()


@pytest.fixture
def stage(run_folder: Path) -> Iterator[Stage]:
    stage = Stage(run_folder)
    yield stage
    stage.sampling.close()


def test_threads_that_end_between_two_parts_of_a_round_are_passed_over(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.join()
    with threads_that_wait(2 * PART + 10) as tids:
        stage.go_on(0.5)
        assert set(tids) <= {track.get("tid") for track in stage.tracer.tracks.values()}
        while stage.sampling.tick() > 0:  # until a round has begun and is not over
            stage.now += MS
    turns = cycle(sorted(tids)[-PART // 2 :])  # who has their turn last in the round passed the GIL on just before
    monkeypatch.setattr(GilLane, "holder", property(lambda lane: next(turns)))
    stage.go_on(1)


def test_while_it_is_off_nothing_is_opened_and_what_ends_is_let_go_of(run_folder: Path) -> None:
    before = leaks.files()
    stage = Stage(run_folder, most=0)
    stage.join()
    stage.go_on(1)
    assert stage.life.watched == {1: os.getpid()}
    assert leaks.files() == before
    stage.sampling.most = 0.05
    stage.go_on(1)
    assert len(leaks.files()) > len(before)
    stage.sampling.most = 0
    stage.life.over = [1]
    stage.go_on(1)
    assert leaks.files() == before
    stage.sampling.close()


def test_what_ends_before_it_is_switched_on_is_never_looked_at(run_folder: Path) -> None:
    stage = Stage(run_folder, most=0)
    stage.join()
    stage.go_on(1)
    stage.life.over = [1]
    stage.go_on(1)
    stage.sampling.most = 0.05
    stage.go_on(1)
    assert not [track for track in stage.tracer.tracks.values() if track.get("pid")]
    stage.sampling.close()


def test_periods_do_not_count_the_time_in_which_it_was_off(stage: Stage) -> None:
    stage.join()
    stage.go_on(3)
    stage.sampling.most = 0
    stage.go_on(10)
    before = len(stage.tracer.values("sampling_period"))
    stage.sampling.most = 0.05
    stage.go_on(3)
    assert len(stage.tracer.values("sampling_period")) > before > 0
    assert max(stage.tracer.values("sampling_period")) <= 60
    assert max(stage.tracer.values("gil_period")) <= 10


def test_nobody_is_left_waiting_for_the_gil_when_it_is_switched_off(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.sampler.states.ProcessStates.waiting", lambda states: 3)
    stage.join()
    stage.go_on(1)
    assert stage.tracer.values("gil_waiting") == [3]
    stage.sampling.most = 0
    stage.go_on(1)
    assert stage.tracer.values("gil_waiting") == [3, 0]
    stage.sampling.most = 0.05
    stage.go_on(1)
    stage.life.over = [1]
    stage.go_on(1)
    assert stage.tracer.values("gil_waiting") == [3, 0, 3, 0]


def test_an_answer_that_cannot_be_written_is_written_later(stage: Stage) -> None:
    answer = stage.run / "sampled-1.json"
    answer.mkdir()  # stands for a disk that is full: nothing can be put in its place
    (answer / "file").touch()
    stage.join(knows=False)
    (stage.run / "gil-1.json").write_text(json.dumps(gil.find()), encoding="utf-8")
    stage.go_on(1)
    assert answer.is_dir()
    (answer / "file").unlink()
    answer.rmdir()
    stage.go_on(1)
    assert json.loads(answer.read_text()) == {"gil": True}


@pytest.mark.parametrize(("allowed_after", "said"), [(3, False), (10_000, True)])
def test_what_is_refused_is_tried_for_a_while(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, allowed_after: int, said: bool
) -> None:
    tries = 0

    def refused_at_first(*given: object) -> object:
        nonlocal tries
        tries += 1
        if tries <= allowed_after:
            raise PermissionError
        return (ProcessStates if len(given) == 4 else GilLane)(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("explorer.sampler.observed.ProcessStates", refused_at_first)
    monkeypatch.setattr("explorer.sampler.observed.GilLane", refused_at_first)
    stage.join()
    stage.go_on(6)
    assert len(stage.said) == int(said)
    kinds = {track["kind"] for track in stage.tracer.tracks.values()}
    assert ({TrackKind.STATES, TrackKind.GIL} <= kinds) is not said


def test_who_joins_under_two_numbers_at_once_is_looked_at_under_the_later_one(stage: Stage) -> None:
    """As a program that starts itself anew as it begins, with the process that it is."""
    for number in (1, 2, 3):
        stage.join(number)
    stage.go_on(1)
    assert stage.life.watched == {number: os.getpid() for number in (1, 2, 3)}
    assert list(stage.sampling._processes) == [3]
