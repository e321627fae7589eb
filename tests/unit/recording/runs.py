"""A small invented run: batches of everything that a batch can hold, and folders to record them in."""

import json
from pathlib import Path

import numpy as np

from explorer.collect.source import SAMPLE, SPAN, Array, Batch, Loss, Marker, OpenSpan, Process, Source, Tally, Track
from explorer.records.states import Flag, Kind, Role, State, TrackKind

TOKEN = "5ec2e7"
STEP_NS = 20_000_000


def run_json(folder: Path, **changed: object) -> Path:
    """Write a run.json into `folder` and return the folder."""
    facts = {
        "schema": 1,
        "token": TOKEN,
        "scenario": {"name": "", "model": {"id": "event_loop"}, "workload": {"id": "sleep"}},
        "anchor": {"monotonic_ns": 1_000, "wall_ns": 1_790_000_000_000_000_000},
    }
    folder.mkdir(exist_ok=True)
    (folder / "run.json").write_text(json.dumps(facts | changed))
    return folder


def batches(count: int, spans_each: int = 7, seed: int = 1) -> list[Batch]:
    """`count` batches 20 ms apart; the first declares everything."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        now = 1_000 + (number + 1) * STEP_NS
        spans = np.zeros(spans_each, SPAN)
        spans["end"] = now - random.integers(0, STEP_NS, spans_each)
        spans.sort(order="end")
        spans["start"] = spans["end"] - 500
        spans["request"] = random.integers(0, 1 << 63, spans_each)
        spans["argument"] = random.integers(0, 1 << 63, spans_each)
        spans["track"], spans["kind"], spans["state"], spans["flags"] = 3, Kind.STEP, State.RUNNING, Flag.COMPLETE
        spans["depth"], spans["name"] = 2, 1 + number
        samples = np.array([(now, number / 3, 4, 0)], SAMPLE)
        tally = Tally(number * 10, number * 10, 0, number, 2)
        made.append(Batch(now=now, spans=spans, samples=samples, tally=tally, names=[(1 + number, f"name {number}")]))
        made[-1].events.append({"type": "load", "time": now, "ok": number, "latency": {"612": 3}})
    made[0].processes.append(Process(1, 77, Role.SERVER, "server", 1, 1, "python3", 5, None, ""))
    made[0].tracks.append(Track(3, TrackKind.LOOP, "loop", 1, tid=9))
    made[0].tracks.append(Track(4, TrackKind.COUNTER, "cpu_s", 1, unit="s"))
    made[-1].processes.append(Process(1, 77, Role.SERVER, "server", 1, 1, "python3", 5, 99, "killed"))
    made[-1].markers.append(Marker(44, "death", "Server died", "signal 9"))
    made[-1].losses.append(Loss((3, 4), 5, 6, 1204))
    made[-1].open_spans = [OpenSpan(3, 0, 1234, 1, 8, Kind.JOB, State.BLOCKED)]
    return made


def read_all(source: Source, polls: int = 10_000) -> list[Batch]:
    """Everything a file source gives; closes it."""
    found = []
    try:
        for _ in range(polls):
            found.append(source.poll())
            if getattr(source, "finished", False):
                break
    finally:
        source.close()
    return found


def joined(parts: list[Batch]) -> Batch:
    """The batches as one."""
    whole = Batch(now=max((part.now for part in parts), default=0))
    whole.spans, whole.samples = _rows([part.spans for part in parts]), _rows([part.samples for part in parts])
    for part in parts:
        whole.open_spans = part.open_spans if part.open_spans is not None else whole.open_spans
        for kind in ("processes", "tracks", "names", "losses", "markers", "events"):
            getattr(whole, kind).extend(getattr(part, kind))
        whole.tally = part.tally
    return whole


def equal(one: Batch, other: Batch) -> bool:
    """Whether two batches say the same."""
    kinds = ("now", "open_spans", "processes", "tracks", "names", "losses", "markers", "events", "tally")
    same = all(getattr(one, kind) == getattr(other, kind) for kind in kinds)
    return same and np.array_equal(one.spans, other.spans) and np.array_equal(one.samples, other.samples)


def _rows(parts: list[Array]) -> Array:
    return np.concatenate(parts)
