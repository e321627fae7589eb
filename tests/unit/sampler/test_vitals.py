"""Counters of made-up processes, with a clock that the test turns."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from explorer.records.states import TrackKind
from explorer.ring.pool import SizeClass
from explorer.ring.reader import RingReader
from explorer.ring.writer import Ring
from explorer.sampler.machine import Machine, MachineLoad
from explorer.sampler.reading import Gone, Reading, ThreadTimes
from explorer.sampler.roll import Roll
from explorer.sampler.vitals import Vitals
from tests import run_reading
from tests.ring_memory import ring_memory

SECOND = 1_000_000_000
CAPACITY = 1 << 12


class Tracer:
    """Numbers tracks, and lends one ring that lies in memory."""

    track = 1

    def __init__(self) -> None:
        self.tracks: dict[int, dict[str, Any]] = {}
        self.ring = Ring(ring_memory(CAPACITY))
        self.given_back = False

    def declare(self, kind: TrackKind, text: str, *, parent: int | None = None, **extra: object) -> int:
        assert kind is TrackKind.COUNTER
        number = len(self.tracks) + 2
        self.tracks[number] = {"text": text, **extra}
        return number

    def name(self, text: str) -> int:
        raise AssertionError("vitals have no names")

    def lease(self, size: SizeClass, track: int) -> Ring:
        return self.ring

    def give_back(self, ring: Ring) -> None:
        self.given_back = True


class Subject:
    """A process that is what the test says."""

    def __init__(self) -> None:
        self.reading = Reading(0.0, 1000, 1)
        self.times: dict[int, float] = {}
        self.queued: dict[int, float] = {}
        self.gone = False
        self.closed = False

    def read(self) -> Reading:
        if self.gone:
            raise Gone
        return self.reading

    def thread_times(self) -> dict[int, ThreadTimes]:
        return {tid: ThreadTimes(cpu_s, self.queued.get(tid)) for tid, cpu_s in self.times.items()}

    def close(self) -> None:
        self.closed = True


def no_descriptors() -> dict[int, ThreadTimes]:
    raise OSError(errno.EMFILE, "Too many open files")


class NoDescriptors(dict[int, Subject]):
    """Processes that cannot be opened."""

    def __contains__(self, pid: object) -> bool:
        return not no_descriptors()


class QuietMachine(Machine):
    """A machine with constant figures."""

    def read(self) -> MachineLoad | None:
        return MachineLoad(25.0, 1.5)


class Stage:
    """A run of made-up processes and everything around the sampler."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.now = 5 * SECOND
        self.tracer = Tracer()
        self.subjects: dict[int, Subject] = {}
        self.vitals = Vitals(
            self.tracer, Roll(run), machine=QuietMachine(), open_subject=self._open, clock=lambda: self.now
        )
        self._reader = RingReader(self.tracer.ring.buffer)

    def join(self, pid: int) -> Subject:
        self.subjects[pid] = Subject()
        note = {"number": pid, "pid": pid, "role": "server"}
        (self.run / f"process-{pid}.json").write_text(json.dumps(note), encoding="utf-8")
        return self.subjects[pid]

    def tick(self, after_s: float = 0.1) -> dict[tuple[str, int, int], float]:
        self.now += round(after_s * SECOND)
        self.vitals.tick()
        found = {}
        for record in self._reader.poll():
            track = self.tracer.tracks[int(record["track"])]
            key = (track["text"], track.get("pid", 0), track.get("tid", 0))
            found[key] = run_reading.counter_value(int(record["argument"]))
        return found

    def _open(self, pid: int) -> Subject:
        if pid not in self.subjects:
            raise Gone
        return self.subjects[pid]


@pytest.fixture
def stage(run_folder: Path) -> Stage:
    return Stage(run_folder)


def test_cpu_is_a_share_of_one_core_since_the_sample_before(stage: Stage) -> None:
    process = stage.join(7)
    first = stage.tick()
    assert ("cpu", 7, 0) not in first  # a share needs two readings
    assert first["rss", 7, 0] == 1000
    process.reading = Reading(0.15, 2000, 3)
    second = stage.tick(0.1)
    assert second["cpu", 7, 0] == pytest.approx(150.0)
    assert second["rss", 7, 0] == 2000
    assert second["threads", 7, 0] == 3


def test_threads_are_read_once_a_second(stage: Stage) -> None:
    process = stage.join(7)
    process.times, process.queued = {70: 0.5, 71: 1.5}, {70: 0.25}
    first = stage.tick()
    assert (first["thread_cpu", 7, 71], first["thread_queued", 7, 70]) == (1.5, 0.25)
    assert ("thread_queued", 7, 71) not in first, "the system does not say"
    process.times = {70: 0.6}
    assert ("thread_cpu", 7, 70) not in stage.tick(0.1)
    assert stage.tick(1.0)["thread_cpu", 7, 70] == 0.6


def test_a_thread_number_that_comes_again_is_another_track(stage: Stage) -> None:
    process = stage.join(7)
    for times in ({70: 0.5}, {}, {70: 0.1}):
        process.times = times
        stage.tick(1.0)
    assert sum(track["text"] == "thread_cpu" for track in stage.tracer.tracks.values()) == 2


def test_a_process_that_goes_is_dropped_and_the_others_stay(stage: Stage) -> None:
    gone = stage.join(7)
    stage.join(8)
    stage.tick()
    gone.gone = True
    found = stage.tick()
    assert ("rss", 8, 0) in found
    assert ("rss", 7, 0) not in found
    assert gone.closed
    assert stage.vitals.pids == {8}
    assert stage.tick(0.3)["rss", 8, 0] == 1000  # and looking at the folder again does not bring it back
    assert stage.vitals.pids == {8}


def test_new_processes_are_found_every_200_ms(stage: Stage) -> None:
    stage.tick()
    stage.join(7)
    assert stage.tick(0.1) == {}
    assert ("rss", 7, 0) in stage.tick(0.11)


def test_a_note_without_a_living_process_or_without_sense_is_passed_over(stage: Stage) -> None:
    (stage.run / "process-99.json").write_text('{"number": 99, "pid": 99, "role": "server"}', encoding="utf-8")
    (stage.run / "process-98.json").write_text("{", encoding="utf-8")
    (stage.run / "process-97.json").write_text('{"number": 4}', encoding="utf-8")
    stage.join(7)
    stage.tick()
    assert stage.vitals.pids == {7}


def test_the_machine_as_a_whole(stage: Stage) -> None:
    found = stage.tick()
    assert found["machine_cpu", 0, 0] == 25.0
    assert found["machine_steal", 0, 0] == 1.5


def test_reading_slows_down_when_it_costs_too_much(stage: Stage) -> None:
    process = stage.join(7)
    stage.tick()
    assert stage.vitals.period == 0.1

    def slowly() -> Reading:
        stage.now += round(0.012 * SECOND)
        return Reading(0.0, 1, 1)

    process.read = slowly  # type: ignore[method-assign]  # this process takes 12 ms to read
    stage.tick()
    assert stage.vitals.period == pytest.approx(0.4)


def test_closing_lets_go_of_everything(stage: Stage) -> None:
    process = stage.join(7)
    stage.tick()
    stage.vitals.close()
    assert process.closed
    assert stage.tracer.given_back


def test_vitals_take_half_of_what_the_sampler_may_and_never_more_than_3_per_cent(stage: Stage) -> None:
    process = stage.join(7)
    costs_ms = 6

    def slow() -> Reading:
        stage.now += costs_ms * SECOND // 1000
        return Reading(0.0, 1000, 1)

    process.read = slow  # type: ignore[method-assign]
    periods = {}
    for most in (0.01, 0.05, 1.0, 0.0):
        stage.vitals.allow(most)
        stage.tick()
        periods[most] = round(stage.vitals.period, 6)
    assert periods == {0.01: 1.2, 0.05: 0.24, 1.0: 0.2, 0.0: 0.2}


def test_a_process_that_no_file_can_be_opened_for_is_found_later(stage: Stage) -> None:
    stage.join(7)
    opened, stage.subjects = stage.subjects, NoDescriptors()
    assert ("rss", 7, 0) not in stage.tick()
    stage.subjects = opened
    assert stage.tick(0.3)["rss", 7, 0] == 1000


def test_threads_that_no_file_can_be_opened_for_keep_their_tracks(stage: Stage) -> None:
    process = stage.join(7)
    process.times = {70: 0.5}
    stage.tick()
    tracks = len(stage.tracer.tracks)
    real, process.thread_times = process.thread_times, no_descriptors  # type: ignore[method-assign]
    assert ("thread_cpu", 7, 70) not in stage.tick(1.0)
    process.thread_times = real  # type: ignore[method-assign]
    process.times = {70: 0.7}
    assert stage.tick(1.0)["thread_cpu", 7, 70] == 0.7
    assert len(stage.tracer.tracks) == tracks
