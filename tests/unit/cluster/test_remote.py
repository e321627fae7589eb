"""A worker on another host as a process of the run, read as everybody reads a run."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.cluster.clocks import Offset
from explorer.cluster.remote import RemoteWorker
from explorer.collect.ring_source import RunSource
from explorer.collect.source import Batch, OpenSpan, Process, Track
from explorer.probe.tracer import Elsewhere
from explorer.records.clock import now_ns
from explorer.records.states import Kind, Role, State, TrackKind
from explorer.sampler.roll import Roll

AHEAD = Offset(3_500_000_000, 90_000)
THREAD = 77
MS = 1_000_000


class Scene:
    """A run folder with one remote worker, and what a source read of it."""

    def __init__(self, run: Path) -> None:
        for part in (run, run / "numbers", run / "rings"):
            part.mkdir(exist_ok=True)
        self.run = run
        self.source = RunSource(run)
        self.worker = RemoteWorker(run, "token", Elsewhere("10.0.0.2", os.getpid() + 1, "cpython 3.11.7"), AHEAD, 3)
        self.batches: list[Batch] = []

    def read(self) -> None:
        """All that there is."""
        self.batches += [self.source.poll(), self.source.drain()]

    @property
    def open(self) -> list[OpenSpan]:
        """What is open, as it was last told."""
        return [batch.open_spans for batch in self.batches if batch.open_spans is not None][-1]

    @property
    def process(self) -> Process:
        """The worker, as it was last told."""
        return [process for batch in self.batches for process in batch.processes][-1]

    @property
    def lane(self) -> Track:
        """The worker's only thread."""
        (number,) = {track.number for batch in self.batches for track in batch.tracks if track.kind is TrackKind.THREAD}
        return [track for batch in self.batches for track in batch.tracks if track.number == number][-1]

    def jobs(self) -> list[tuple[int, int, int]]:
        """Start, end and request of the finished jobs."""
        rows = [row for batch in self.batches for row in batch.spans if row["kind"] == Kind.JOB]
        return [(int(row["start"]), int(row["end"]), int(row["request"])) for row in rows]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A scene that is closed."""
    scene = Scene(tmp_path)
    yield scene
    scene.worker.close()
    scene.source.close()


def done(start: int, duration: int, request: int = 5) -> dict[str, object]:
    return {"done": [[THREAD, "work", request, AHEAD.there(start), duration, 1000]], "running": [], "lost": 0}


def test_a_worker_is_a_process_on_its_host_with_its_threads_as_lanes(scene: Scene) -> None:
    scene.worker.hear(done(now_ns() - 50 * MS, 10 * MS))
    scene.read()

    process = scene.process
    assert (process.role, process.host, process.pid) == (Role.CLUSTER, "10.0.0.2", os.getpid() + 1)
    assert process.label == "Dask worker 3 on 10.0.0.2, clock ±0.1 ms"
    assert process.interpreter == "cpython 3.11.7"
    assert (scene.lane.name, scene.lane.tid) == ("task thread", THREAD)
    assert process.ended_ns is None


def test_jobs_stand_on_this_hosts_clock(scene: Scene) -> None:
    start = now_ns() - 50 * MS
    scene.worker.hear(done(start, 10 * MS))
    scene.read()

    assert scene.jobs() == [(start, start + 10 * MS, 5)]


def test_jobs_of_a_thread_never_overlap_though_its_clock_was_measured_anew(scene: Scene) -> None:
    start = now_ns() - 50 * MS
    scene.worker.hear(done(start, 10 * MS))
    scene.worker.sync(Offset(AHEAD.ahead_ns + MS, 90_000))
    scene.worker.hear(done(start + 10 * MS, 10 * MS))
    scene.read()

    assert scene.jobs() == [(start, start + 10 * MS, 5), (start + 10 * MS, start + 19 * MS, 5)]


def test_a_job_that_runs_is_open_until_it_is_told_to_be_over(scene: Scene) -> None:
    start = now_ns() - 50 * MS
    scene.worker.hear({"done": [], "running": [[THREAD, "work", 5, AHEAD.there(start)]], "lost": 0})
    scene.read()
    (span,) = scene.open
    assert (span.start, span.request, span.kind, span.state) == (start, 5, Kind.JOB, State.RUNNING)
    assert span.track == scene.lane.number

    scene.worker.hear(done(start, 40 * MS))

    scene.read()
    assert scene.open == []


def test_another_error_of_the_clock_is_another_label(scene: Scene) -> None:
    scene.worker.sync(Offset(AHEAD.ahead_ns, 2_340_000))
    scene.read()

    assert scene.process.label == "Dask worker 3 on 10.0.0.2, clock ±2.3 ms"


def test_a_worker_that_was_lost_has_ended_and_died(scene: Scene) -> None:
    scene.worker.hear(done(now_ns() - 50 * MS, 10 * MS))
    scene.read()
    gone = now_ns()
    scene.worker.end("was lost", gone)
    scene.read()
    scene.read()

    assert (scene.process.ended_ns, scene.process.died) == (gone, "was lost")
    assert scene.lane.ended_ns is not None


def test_a_worker_that_goes_on_when_the_run_ends_did_not_die(scene: Scene) -> None:
    scene.read()
    scene.worker.close()
    scene.read()

    assert scene.process.died == ""


def test_the_sampler_looks_at_nobody_on_another_host(scene: Scene) -> None:
    (note,) = scene.run.glob("process-*.json")
    assert json.loads(note.read_text())["host"] == "10.0.0.2"

    assert list(Roll(scene.run).new()) == []
