"""The lines of `events.jsonl`: all of a recording that is not a span or a sample, one JSON object a line.

Types: `begin` (format version, pid of the recorder, wall clock), `name`, `track`, `process`, `marker`, `loss`, `open`
(the complete set of open spans), `event` (an entry of the run's own log, unchanged), `flush` (what came before belongs
together: the clock, the tally, and how many rows of which segment go with it) and `end` (the recording was closed in
order). Names and tracks stand before the flush whose rows use them.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from explorer.collect.source import Batch, Loss, Marker, OpenSpan, Process, Tally, Track
from explorer.records.states import Kind, Role, State, TrackKind

VERSION: Final = 1

Line = dict[str, Any]


def encode(line: Mapping[str, Any]) -> str:
    """One line, with its newline."""
    return json.dumps(line, separators=(",", ":"), default=str) + "\n"


def lines_of(batch: Batch) -> Iterator[Line]:
    """What a batch declares, as lines; its rows, open spans and tally are not among them."""
    for number, text in batch.names:
        yield {"type": "name", "number": number, "text": text}
    for process in batch.processes:
        yield {"type": "process", **dataclasses.asdict(process)}
    for track in batch.tracks:
        yield {"type": "track", **dataclasses.asdict(track)}
    for marker in batch.markers:
        yield {"type": "marker", **dataclasses.asdict(marker)}
    for loss in batch.losses:
        yield {"type": "loss", **dataclasses.asdict(loss)}
    for event in batch.events:
        yield {"type": "event", "event": dict(event)}


def open_line(spans: list[OpenSpan]) -> Line:
    """The open spans, each as a list of its fields."""
    return {"type": "open", "spans": [list(span) for span in spans]}


def flush_line(now: int, tally: Tally, rows: Mapping[str, tuple[int, int]]) -> Line:
    """The end of a group. `rows`: table name → (segment number, number of rows)."""
    return {"type": "flush", "now": now, "tally": list(dataclasses.astuple(tally)), **rows}


def add_to(batch: Batch, line: Line) -> None:
    """Put what a line says into `batch`. Unknown types and fields (of a later version) are ignored.

    Raises KeyError, TypeError or ValueError if the line does not hold what its type promises.
    """
    match line.get("type"):
        case "name":
            batch.names.append((int(line["number"]), str(line["text"])))
        case "process":
            batch.processes.append(_made(Process, line, role=Role(line["role"])))
        case "track":
            batch.tracks.append(_made(Track, line, kind=TrackKind(line["kind"])))
        case "marker":
            batch.markers.append(_made(Marker, line))
        case "loss":
            batch.losses.append(_made(Loss, line, tracks=tuple(line["tracks"])))
        case "open":
            batch.open_spans = [_open_span(*each) for each in line["spans"]]
        case "event":
            batch.events.append(dict(line["event"]))
        case "flush":
            batch.now = int(line["now"])
            batch.tally = Tally(*line["tally"])
        case _:
            pass


def _open_span(track: int, depth: int, start: int, name: int, request: int, kind: int, state: int) -> OpenSpan:
    return OpenSpan(track, depth, start, name, request, Kind(kind), State(state))


def _made(what: type[Any], line: Line, /, **changed: Any) -> Any:
    """A dataclass of the fields that it knows."""
    known = {field.name for field in dataclasses.fields(what)}
    return what(**{key: value for key, value in line.items() if key in known} | changed)
