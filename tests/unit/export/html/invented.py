"""A run whose every text is `TEXT`: what it holds can be looked for in the report."""

import io
from typing import Any

import numpy as np

from explorer.collect.source import SPAN, Batch, Loss, Marker, Process, Track
from explorer.export.html.gather import Gathered
from explorer.export.html.page import write
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from tests.unit.analysis.runs import LOOP, MS, T0, THREAD, S, steady

ROUTES, LANE = 20, 21
HOSTILE = "</script><!--<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x00\ud800 &amp;"


def run_json(text: str) -> dict[str, Any]:
    """A run.json with `text` in every place that a stranger could have written."""
    return {
        "scenario": {
            "name": text,
            "model": {"id": text},
            "dispatch": {"id": "thread_pool", "tokens": 40},
            "load": {"mode": "users", "users": 4, "duration": 0.0},
            "app": {"target": text, "route": [{"path": text, text: [text]}]},
        },
        "versions": {"explorer": text, text: "1.0"},
        "machine": {"system": text},
        "anchor": {"monotonic_ns": 1, "wall_ns": 1_790_000_000_000_000_000},
    }


def gathered(text: str = "plain", seconds: float = 4.0) -> Gathered:
    """A run with requests, their pieces, a marker, a loss and a death."""
    found = Gathered(run_json(text), text)
    found.feed_all(steady(seconds, 20, 0.05))
    tracks = [
        Track(ROUTES, TrackKind.REQUESTS, text, 0),
        Track(LANE, TrackKind.LANE, "1", 0, parent=ROUTES),
        Track(30, TrackKind.THREAD, text, 1, tid=105, pid=100),
    ]
    end = T0 + round(seconds * S)
    names = [(1, text), (2, "job " + text), (3, "waits for the loop")]
    dead = Process(1, 100, Role.SERVER, text, 1, 1, text, T0, end, text)
    markers = [Marker(T0 + 2 * S, "note", text, text), Marker(T0 + 3 * S, "change", "Tokens 3 to 4")]
    batch = Batch(end, spans=_pieces(seconds), tracks=tracks, names=names, processes=[dead], markers=markers)
    batch.losses.append(Loss((LOOP,), T0 + S, T0 + S + MS, 12))
    batch.events.append({"type": "recording", "time": end, "text": text})
    found.feed(batch)
    return found


def _pieces(seconds: float) -> Any:
    count = round(seconds * 10)
    made = np.zeros(3 * count, SPAN)
    made["start"] = T0 + np.repeat(np.arange(count), 3) * 100 * MS + np.tile([0, 20, 60], count) * MS
    made["end"] = made["start"] + np.tile([20, 40, 10], count) * MS
    made["request"] = np.repeat(np.arange(count), 3) + 1
    made["argument"] = span_argument()
    made["track"] = np.tile([LANE, LANE, THREAD], count)
    made["name"] = np.tile([3, 2, 1], count)
    made["kind"] = np.tile([Kind.PIECE, Kind.PIECE, Kind.JOB], count)
    made["state"] = np.tile([State.QUEUED, State.RUNNING, State.BLOCKED], count)
    made["flags"] = Flag.COMPLETE
    return made[np.argsort(made["end"], kind="stable")]


def page_of(found: Gathered, **how: Any) -> str:
    """The report as text."""
    file = io.BytesIO()
    write(found, file, **how)
    return file.getvalue().decode("utf-8")
