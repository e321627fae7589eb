"""A real child writes through its tracer, the source reads along: nothing is lost, everything is told."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from explorer.collect import ring_source
from explorer.collect.collector import Collector
from explorer.collect.ring_source import RunSource
from explorer.collect.source import Array, Batch, Marker, Process, Tally, Track
from explorer.records.clock import now_ns
from explorer.records.states import Kind, State, TrackKind

Wait = Callable[..., None]


class Child:
    """The process of `child.py` in a run."""

    def __init__(self, run: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.collect.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "EXPLORER_RUN": str(run), "EXPLORER_EPOCH": "3"},
        )
        self.pid = self.process.pid
        self._answer("ready")

    def do(self, command: str, count: int = 1) -> None:
        """Have a command carried out; returns when it is."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command} {count}\n")
        self.process.stdin.flush()
        self._answer("done")

    def kill(self) -> None:
        """As `kill -9`."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Let it end by itself."""
        self.process.communicate()

    def _answer(self, expected: str) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == expected


class Watch:
    """A collector at work on a run, and all that it handed on."""

    def __init__(self, run: Path) -> None:
        self.batches: list[Batch] = []
        self.failures: list[BaseException] = []
        self.source = RunSource(run)
        self.collector = Collector(self.source, [self.batches.append], self.failures.append)

    @property
    def tally(self) -> Tally:
        return self.batches[-1].tally if self.batches else Tally()

    @property
    def processes(self) -> dict[int, Process]:
        """As the last batch that spoke of it left it, by pid."""
        return {process.pid: process for batch in self.batches for process in batch.processes}

    @property
    def tracks(self) -> dict[int, Track]:
        return {track.number: track for batch in self.batches for track in batch.tracks}

    @property
    def names(self) -> dict[int, str]:
        return {number: text for batch in self.batches for number, text in batch.names}

    def spans(self, kind: Kind) -> Array:
        return np.concatenate([batch.spans[batch.spans["kind"] == kind] for batch in self.batches])

    def open_names(self) -> set[tuple[TrackKind, str, State]]:
        """Track kind, name and state of what is open now."""
        opened = [batch.open_spans for batch in self.batches if batch.open_spans is not None]
        return {(self.tracks[one.track].kind, self.names[one.name], one.state) for one in (opened or [[]])[-1]}


@pytest.fixture
def run(run_folder: Path) -> Path:
    (run_folder / "numbers").mkdir()
    (run_folder / "rings").mkdir()
    (run_folder / "run.json").write_text(json.dumps({"schema": 1, "token": "t0ken"}))
    return run_folder


@pytest.fixture
def child(run: Path) -> Iterator[Child]:
    started = Child(run)
    yield started
    started.process.kill()
    started.process.communicate()


@pytest.fixture
def watch(run: Path) -> Iterator[Watch]:
    """Started; stopped at the end if the test has not done so."""
    watch = Watch(run)
    watch.collector.start()
    yield watch
    watch.collector.stop()
    assert watch.failures == []


def test_every_record_arrives_once_and_the_books_agree(child: Child, watch: Watch, wait_until: Wait) -> None:
    for _ in range(20):
        child.do("requests", 1000)
    watch.source.expect_end(child.pid)
    child.end()
    watch.collector.stop()
    tally = watch.tally
    assert tally.read + tally.lost == tally.written
    assert (tally.lost, tally.rings) == (0, 1)
    assert tally.written == 20 * 1000 * 4 + 1
    assert len(watch.spans(Kind.REQUEST)) == len(watch.spans(Kind.STEP)) == 20_000
    samples = np.concatenate([batch.samples for batch in watch.batches])
    tracks, names = watch.tracks, watch.names
    memory = next(number for number, track in tracks.items() if track.unit == "MB")
    assert samples["value"][samples["track"] == memory].tolist() == [42.5] * 20_000
    assert {tracks[number].kind for number in set(watch.spans(Kind.REQUEST)["track"].tolist())} == {TrackKind.REQUESTS}
    assert {names[number] for number in set(watch.spans(Kind.STEP)["name"].tolist())} == {"job"}
    assert {tracks[number].epoch for number in set(watch.spans(Kind.STEP)["track"].tolist())} == {3}
    ends = np.concatenate([batch.spans["end"][batch.spans["kind"] == Kind.STEP] for batch in watch.batches])
    assert np.all(np.diff(ends) >= 0)


def test_every_request_is_on_a_lane_from_begin_to_end(child: Child, watch: Watch) -> None:
    child.do("requests", 300)
    child.end()
    watch.collector.stop()
    requests, pieces = watch.spans(Kind.REQUEST), watch.spans(Kind.PIECE)
    lanes = {watch.tracks[number] for number in set(pieces["track"].tolist())}
    assert {(lane.kind, lane.name, watch.tracks[lane.parent].name) for lane in lanes} == {
        (TrackKind.LANE, "1", "GET /job")
    }
    lengths = dict(zip(requests["request"].tolist(), (requests["end"] - requests["start"]).tolist(), strict=True))
    for request, length in lengths.items():
        mine = pieces[pieces["request"] == request]
        assert int((mine["end"] - mine["start"]).sum()) == length


def test_a_killed_process_died_and_all_it_wrote_is_there(child: Child, watch: Watch, wait_until: Wait) -> None:
    child.do("requests", 5000)
    child.do("block")
    child.kill()
    wait_until(lambda: watch.processes.get(child.pid) and watch.processes[child.pid].ended_ns)
    assert watch.processes[child.pid].died
    watch.collector.stop()
    assert len(watch.spans(Kind.REQUEST)) == 5000
    assert watch.tally.read == watch.tally.written == 5000 * 4 + 2
    assert watch.open_names() == set()
    assert all(track.ended_ns for track in watch.tracks.values() if track.process)
    blocked = watch.spans(Kind.PIECE)[-1]
    assert blocked["end"] == watch.processes[child.pid].ended_ns


def test_what_a_request_waited_for_when_its_process_died_is_known(child: Child, watch: Watch, wait_until: Wait) -> None:
    child.do("wait")
    child.kill()
    wait_until(lambda: watch.processes.get(child.pid) and watch.processes[child.pid].ended_ns)
    watch.collector.stop()
    last = watch.spans(Kind.PIECE)[-1]
    ended = watch.processes[child.pid].ended_ns
    assert (watch.names[int(last["name"])], State(last["state"])) == ("waits for a thread", State.QUEUED)
    assert last["end"] == ended
    [counter] = [track for track in watch.tracks.values() if track.name == "waiting for a thread"]
    assert counter.process == watch.processes[child.pid].number


def test_what_was_held_back_when_its_process_ended_is_not_too_late(
    child: Child, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring_source, "WATERMARK_NS", 60_000_000_000)
    source = RunSource(run)
    child.do("wait")
    child.kill()
    batches = [source.poll(), source.poll(), source.poll(), source.drain()]
    source.close()
    assert [len(batch.spans) for batch in batches[:3]] == [0, 0, 0], "all is too new to be released"
    [ended] = [process.ended_ns for batch in batches for process in batch.processes if process.ended_ns]
    last = batches[-1].spans[batches[-1].spans["kind"] == Kind.PIECE][-1]
    assert (State(last["state"]), last["end"]) == (State.QUEUED, ended)


def test_what_a_process_wrote_while_a_poll_had_begun_is_from_before_its_end(child: Child, run: Path) -> None:
    begun = [now_ns()]
    source = RunSource(run, lambda: begun.pop() if begun else now_ns())
    child.do("wait")
    child.kill()
    batches = [source.poll(), source.drain()]
    source.close()
    [ended] = [process.ended_ns for batch in batches for process in batch.processes if process.ended_ns]
    last = batches[-1].spans[batches[-1].spans["kind"] == Kind.PIECE][-1]
    assert (State(last["state"]), last["end"]) == (State.QUEUED, ended)


def test_a_process_that_was_asked_to_end_did_not_die(child: Child, watch: Watch) -> None:
    watch.source.expect_end(child.pid)
    child.kill()
    watch.collector.stop()
    process = watch.processes[child.pid]
    assert (process.ended_ns is not None, process.died) == (True, "")


def test_a_process_that_closed_its_rings_did_not_die(child: Child, watch: Watch) -> None:
    child.do("leave")
    child.end()
    watch.collector.stop()
    assert watch.processes[child.pid].died == ""


def test_rings_of_a_process_that_ended_are_read_and_removed(
    child: Child, watch: Watch, run: Path, wait_until: Wait
) -> None:
    child.do("requests", 10)
    assert list((run / "rings").iterdir())
    child.end()
    wait_until(lambda: not list((run / "rings").iterdir()))
    assert watch.tally.read == watch.tally.written == 41


def test_what_has_begun_is_open_on_its_thread_and_on_its_lane(child: Child, watch: Watch, wait_until: Wait) -> None:
    child.do("block")
    expected = {(TrackKind.LOOP, "job", State.BLOCKED), (TrackKind.LANE, "job", State.BLOCKED)}
    wait_until(lambda: watch.open_names() == expected)


def test_the_track_of_a_thread_ends_with_it(child: Child, watch: Watch) -> None:
    child.do("threads", 5)
    child.end()
    watch.collector.stop()
    threads = [track for track in watch.tracks.values() if track.kind is TrackKind.THREAD]
    jobs = watch.spans(Kind.JOB)
    assert {track.name for track in threads} == {f"worker {number}" for number in range(5)}
    ends = {track.number: track.ended_ns for track in threads}
    processed = watch.processes[child.pid].ended_ns
    for job in jobs:
        ended = ends[int(job["track"])]
        assert ended is not None
        assert processed is not None
        assert job["end"] <= ended < processed


def test_a_ring_that_ran_over_is_a_loss_of_a_known_number(child: Child, run: Path) -> None:
    watch = Watch(run)
    watch.source.poll()
    child.do("requests", 25_000)
    child.end()
    watch.collector.stop()
    tally = watch.tally
    losses = [loss for batch in watch.batches for loss in batch.losses]
    assert tally.lost > 0
    assert tally.read + tally.lost == tally.written == 100_001
    assert sum(loss.count for loss in losses) == tally.lost
    kinds = {watch.tracks[number].kind for loss in losses for number in loss.tracks}
    assert TrackKind.LOOP in kinds
    first = min(batch.spans["start"].min() for batch in watch.batches if len(batch.spans))
    assert all(loss.start <= loss.end for loss in losses)
    assert losses[-1].end <= first


def test_markers_and_events_go_with_the_next_batch(run: Path) -> None:
    source = RunSource(run)
    source.add_marker(Marker(5, "note", "here"))
    source.add_event({"type": "load", "time": 6})
    batch = source.poll()
    assert [marker.text for marker in batch.markers] == ["here"]
    assert batch.events == [{"type": "load", "time": 6}]
    assert source.poll().markers == []
    source.close()


def test_a_stalled_collector_catches_up_without_loss(child: Child, run: Path, wait_until: Wait) -> None:
    go_on = threading.Event()
    watch = Watch(run)

    def stall(batch: Batch) -> None:
        if len(batch.spans):
            go_on.wait(20)

    collector = Collector(watch.source, [watch.batches.append, stall], watch.failures.append)
    collector.start()
    child.do("requests", 10)
    wait_until(lambda: any(len(batch.spans) for batch in watch.batches))
    child.do("requests", 5000)
    child.end()
    go_on.set()
    collector.stop()
    assert watch.tally.lost == 0
    assert watch.tally.read == watch.tally.written == 5010 * 4 + 1
    assert len(watch.spans(Kind.REQUEST)) == 5010
