"""The lines of `events.jsonl`: all of a recording that is not a span or a sample, one JSON object a line.

Types: `begin` (format version, pid of the recorder, wall clock), `name`, `track`, `process`, `marker`, `loss`, `open`
(the complete set of open spans), `locks` (the same for locks held and awaited), `event` (an entry of the run's own
log, unchanged), `flush` (what came before belongs together: the clock, the tally, and how many rows of which segment go
with it) and `end` (the recording was closed in order). Names and tracks stand before the flush whose rows use them.

A recording may come from anybody: every value is checked for its type, so that what leaves this module can be used.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from explorer.collect.source import Batch, Loss, Marker, OpenLock, OpenSpan, Process, Tally, Track
from explorer.records.states import Kind, Role, State, TrackKind

VERSION: Final = 1

Line = dict[str, Any]

_LONG: Final = 1 << 63
_NUMBERS: Final = 1 << 32
"""Names, tracks and processes have less than so many numbers: spans carry 32 bits."""


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
    """The open spans, each as a list of its fields but the value, which has been made into pieces already."""
    return {"type": "open", "spans": [list(span[:-1]) for span in spans]}


def locks_line(locks: list[OpenLock]) -> Line:
    """What is held and awaited, each as a list of its fields."""
    return {"type": "locks", "open": [list(each) for each in locks]}


def flush_line(now: int, tally: Tally, rows: Mapping[str, tuple[int, int]]) -> Line:
    """The end of a group. `rows`: table name → (segment number, number of rows)."""
    return {"type": "flush", "now": now, "tally": list(dataclasses.astuple(tally)), **rows}


def add_to(batch: Batch, line: Line) -> None:
    """Put what a line says into `batch`. Unknown types and fields (of a later version) are ignored.

    Raises KeyError, TypeError or ValueError if the line does not hold what its type promises, then `batch` is as it
    was.
    """
    match line.get("type"):
        case "name":
            batch.names.append((_number(line["number"]), _text(line["text"])))
        case "process":
            batch.processes.append(_made(Process, line, number=_number(line["number"]), role=Role(line["role"])))
        case "track":
            batch.tracks.append(_made(Track, line, number=_number(line["number"]), kind=TrackKind(line["kind"])))
        case "marker":
            batch.markers.append(_made(Marker, line))
        case "loss":
            batch.losses.append(_made(Loss, line, tracks=tuple(map(_number, line["tracks"]))))
        case "open":
            batch.open_spans = [_open_span(*each) for each in line["spans"]]
        case "locks":
            batch.locks = [_open_lock(*each) for each in line["open"]]
        case "event":
            if not isinstance(line["event"], dict):
                raise TypeError("an event that is no object")
            batch.events.append(line["event"])
        case "flush":
            now, tally = _whole(line["now"]), Tally(*map(_whole, line["tally"]))
            batch.now, batch.tally = now, tally
        case _:
            pass


def version_of(line: Line) -> int:
    """The version in a `begin` line. Raises TypeError or ValueError if it is none."""
    return _whole(line.get("version", 0))


def _open_span(track: Any, depth: Any, start: Any, name: Any, request: Any, kind: Any, state: Any) -> OpenSpan:
    depth, request = _whole(depth, 0, 256), _whole(request, 0, 2 * _LONG)
    return OpenSpan(_number(track), depth, _whole(start), _number(name), request, Kind(kind), State(state))


def _open_lock(
    kind: Any, track: Any, start: Any, name: Any, request: Any, other: Any, owner: Any, depth: Any
) -> OpenLock:
    request, depth = _whole(request, 0, 2 * _LONG), _whole(depth, 0, 256)
    place = _number(track), _whole(start), _number(name)
    return OpenLock(Kind(kind), *place, request, _number(other), _number(owner), depth)


def _made(what: type[Any], line: Line, /, **changed: Any) -> Any:
    """A dataclass of the fields that it knows, each of the type it is declared with."""
    values = {key: value for key, value in line.items() if key in _TYPES[what]} | changed
    for key, value in values.items():
        if type(value) not in _TYPES[what][key]:
            raise TypeError(f"{key} is of another type")
        if isinstance(value, int):
            _whole(value)
    return what(**values)


def _whole(value: Any, least: int = -_LONG, below: int = _LONG) -> int:
    if type(value) is not int:
        raise TypeError("no whole number where one should be")
    if not least <= value < below:
        raise ValueError("a number out of range")
    return value


def _number(value: Any) -> int:
    return _whole(value, 0, _NUMBERS)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text where one should be")
    return value


def _types(hint: Any) -> tuple[type, ...]:
    return get_args(hint) if isinstance(hint, UnionType) else (get_origin(hint) or hint,)


_TYPES: Final = {
    what: {name: _types(hint) for name, hint in get_type_hints(what).items()} for what in (Process, Track, Marker, Loss)
}
"""The types that each field may have."""
