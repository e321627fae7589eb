"""A known program, a real sampler that looks at it, and what the sampler has written about it."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from explorer.collect.ring_source import RunSource
from explorer.collect.source import SPAN, Array, OpenSpan, Track
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.supervise.channel import Child
from explorer.supervise.spawn import spawn
from tests.waiting import wait_until

ROOT = str(Path(__file__).resolve().parents[3])


class Stage:
    """The program `pid` with its `threads` (what each does, by native id), the `sampler` and its `events`."""

    def __init__(self, run: Path, program: "subprocess.Popen[str]", sampler: Child, threads: dict[int, str]) -> None:
        self.pid = program.pid
        self.threads = threads
        self.sampler = sampler
        self.events: list[dict[str, Any]] = []
        self.tracks: dict[int, Track] = {}
        self.names: dict[int, str] = {}
        self.samples: dict[str, list[float]] = defaultdict(list)
        self.source = RunSource(run)
        self._spans: dict[int, list[Any]] = defaultdict(list)
        self._open: list[OpenSpan] = []
        self._now = 0
        sampler.on_message(lambda message: self.events.append(dict(message)))

    def tid(self, does: str) -> int:
        """The first thread that does this."""
        return next(tid for tid, what in self.threads.items() if what == does)

    def look(self, *, drain: bool = False) -> "Stage":
        """Take in what has been written; gives itself."""
        batch = self.source.drain() if drain else self.source.poll()
        self._now = batch.now
        self.tracks |= {track.number: track for track in batch.tracks}
        self.names |= dict(batch.names)
        if batch.open_spans is not None:
            self._open = batch.open_spans
        for span in batch.spans:
            if span["kind"] in (Kind.THREAD_STATE, Kind.GIL_HELD):
                assert span["flags"] == Flag.COMPLETE
                self._spans[int(span["track"])].append(span)
        for sample in batch.samples:
            self.samples[self.tracks[int(sample["track"])].name].append(float(sample["value"]))
        return self

    def watch(self, seconds: float) -> None:
        """Wait until every thread has been looked at for so long, then end the sampler and take in all it wrote."""
        self.await_looks(seconds)
        self.end()

    def await_looks(self, seconds: float) -> None:
        """Wait until every thread has been looked at for so long."""
        wait_until(lambda: self._watched(seconds), 40, "samples of every thread")

    def end(self) -> None:
        """End the sampler and take in all that it wrote."""
        self.sampler.stop()
        assert self.sampler.wait(10) == 0
        self.look()
        self.look(drain=True)

    def states(self, tid: int) -> Array:
        """The spans of a thread's states, (n,) of SPAN in order."""
        numbers = [track.number for track in self.tracks.values() if (track.kind, track.tid) == (TrackKind.STATES, tid)]
        assert len(numbers) <= 1
        return np.array([span for number in numbers for span in self._spans[number]], SPAN)

    def shares(self, does: str) -> dict[State, float]:
        """Share of each state in the time that a thread was looked at, the mean of all that do this."""
        found = []
        for tid in (tid for tid, what in self.threads.items() if what == does):
            spans = self.states(tid)
            lengths = spans["end"] - spans["start"]
            found.append([float(lengths[spans["state"] == state].sum() / lengths.sum()) for state in State])
        return dict(zip(State, np.mean(found, axis=0).tolist(), strict=True))

    def gil(self) -> Array:
        """The spans of the GIL's lane, (n,) of SPAN in order; there is one lane."""
        (number,) = [track.number for track in self.tracks.values() if track.kind is TrackKind.GIL]
        return np.array(self._spans[number], SPAN)

    def watching(self, tid: int) -> bool:
        """Whether the strip of a thread was being written when it was last looked at: a nap of 50 ms is announced."""
        spans = self.states(tid)
        recent = len(spans) > 0 and self._now - int(spans["end"][-1]) < 500_000_000
        return recent or self.is_open(tid)

    def is_open(self, tid: int) -> bool:
        """Whether a thread is in a state that lasts, as far as is known."""
        return any(self._tid_of(span) == tid for span in self._open)

    def _watched(self, seconds: float) -> bool:
        self.look()
        return all(self._looked_at(tid) >= seconds for tid in self.threads)

    def _looked_at(self, tid: int) -> float:
        spans = self.states(tid)
        lasts = [self._now - span.start for span in self._open if self._tid_of(span) == tid]
        return (float((spans["end"] - spans["start"]).sum()) + sum(lasts)) / 1e9

    def _tid_of(self, span: OpenSpan) -> int:
        track = self.tracks.get(span.track)
        return track.tid if track is not None and span.kind is Kind.THREAD_STATE else 0


@contextmanager
def performed(run: Path, *kinds: str, python: str = sys.executable, sampler: str = "") -> Iterator[Stage]:
    """Have threads do `kinds` (`program`) under the interpreter `python`, looked at by a sampler under `sampler`."""
    program = subprocess.Popen(
        [python, "-m", "tests.integration.sampler.program", *kinds],
        env={**os.environ, "EXPLORER_RUN": str(run), "PYTHONPATH": ROOT},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    child = stage = None
    try:
        threads = {int(tid): what for tid, what in json.loads(program.stdout.readline()).items()}
        wait_until(lambda: list(run.glob("gil-*.json")), 20, "where the program's GIL is")
        child = spawn("explorer.sampler.process", role=Role.SAMPLER, run=run, interpreter=sampler)
        stage = Stage(run, program, child, threads)
        child.configure(run=str(run))
        child.wait_for("ready", 20)
        yield stage
    finally:
        if child is not None:
            child.stop()
            child.wait(10)
        program.kill()
        program.communicate()
        if stage is not None:
            stage.source.close()
