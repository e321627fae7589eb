"""What a run holds, learnt by reading it once: all that a file must say before its first span."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from explorer.collect.source import SPAN, Array, Batch, Loss, Marker, OpenSpan, Process, Tally, Track
from explorer.export.nested import Nesting
from explorer.export.recorded import Recorded
from explorer.export.requests import Requests
from explorer.recording.notes import Notes
from explorer.records.schema import CPU_NOT_TAKEN
from explorer.records.states import Flag, Kind, TrackKind
from explorer.store.losses import LossLog

WORKING: Final = (TrackKind.LOOP, TrackKind.THREAD, TrackKind.CONNECTION, TrackKind.WINDOW, TrackKind.SESSION)
"""Tracks whose spans work on a request: between them go the arrows of its way."""

MOST_TRACKS: Final = 1 << 22
"""Tracks are numbered one after the other: a number beyond this is a damage, and arrays by track would be huge."""


@dataclass(slots=True)
class Survey:
    """What there is: `names` by number, `tracks` and `processes` by number, `used` tracks: those with spans or
    samples.

    `spans` and `samples` are counts; `first` and `last` the earliest start and the latest end, `now` the clock at the
    end of the recording (ns); `losses`, `markers` (the user's notes among them), `tally` and `open_spans` as
    in the batches. `nested` says of the deeper tracks of foreign threads where their spans belong (`Nesting.nested`).
    """

    names: list[str] = field(default_factory=lambda: [""])
    tracks: dict[int, Track] = field(default_factory=dict)
    processes: dict[int, Process] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    markers: list[Marker] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    open_spans: list[OpenSpan] = field(default_factory=list)
    requests: Requests = field(default_factory=Requests)
    nested: dict[int, tuple[int, int]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    spans: int = 0
    samples: int = 0
    first: int = 0
    last: int = 0
    now: int = 0

    @property
    def origin(self) -> int:
        """The moment that seconds of the run are counted from, ns."""
        return origin_of(self.markers, self.first)

    def kinds(self, *kinds: TrackKind) -> Array:
        """Whether a track is of one of these kinds, as an array by its number."""
        chosen = np.zeros(max(self.tracks, default=0) + 1, bool)
        chosen[[number for number, track in self.tracks.items() if track.kind in kinds]] = True
        return chosen

    def name(self, number: int) -> str:
        """The text of a name number; empty if it is unknown."""
        return self.names[number] if 0 <= number < len(self.names) else ""

    def unfinished(self) -> Array:
        """The spans that had begun and not ended when the recording did, as SPAN with `Flag.BEGIN`; end is `now`."""
        spans = np.zeros(len(self.open_spans), SPAN)
        for row, one in zip(spans, self.open_spans, strict=True):
            row["start"], row["end"], row["request"] = one.start, max(self.now, one.start), one.request
            row["argument"] = CPU_NOT_TAKEN << 32 | one.value
            row["name"], row["track"], row["depth"] = one.name, one.track, one.depth
            row["kind"], row["state"], row["flags"] = one.kind, one.state, Flag.BEGIN
        return spans


def at_work(spans: Array, working: Array) -> Array:
    """Of which spans arrows of a request's way may begin: the outermost on a track that is `working` (by number), and
    any there of a trace made elsewhere, whose arrows name spans one by one.
    """
    found: Array = working[spans["track"]] & ((spans["depth"] == 0) | (spans["kind"] == Kind.FOREIGN))
    return found


def origin_of(markers: Sequence[Marker], first: int) -> int:
    """The moment that the timeline's axis counts from: the first span's start, or the load's begin if that was before.

    In ns; `first` is the first span's start.
    """
    return min([first, *(marker.time for marker in markers if marker.kind == "begin")])


def survey(recorded: Recorded, told: Callable[[float], None] = lambda share: None) -> Survey:
    """Read a run once; `told` is told the share that was read, 0 to 1."""
    found, losses, notes, nesting = Survey(), LossLog(), Notes(), Nesting()
    for batch in recorded.batches(told):
        _declare(found, batch)
        notes.feed(batch.events)
        for loss in batch.losses:
            losses.add(loss)
        if len(batch.spans):
            _count(found, batch.spans)
            nesting.feed(batch.spans, found.tracks, found.processes)
        if len(batch.samples):
            found.samples += len(batch.samples)
            found.used.update(np.unique(batch.samples["track"]).tolist())
    found.losses = losses.all
    found.nested = nesting.nested
    found.markers += [Marker(note.time, "note", _text(note.text)) for note in notes.shown]
    found.used.update(span.track for span in found.open_spans)
    found.requests.settle()
    return found


def _declare(found: Survey, batch: Batch) -> None:
    found.now, found.tally = max(found.now, batch.now), batch.tally
    for track in batch.tracks:
        if track.number > MOST_TRACKS:
            continue
        found.tracks[track.number] = replace(track, name=_text(track.name), unit=_text(track.unit))
    for process in batch.processes:
        found.processes[process.number] = replace(process, label=_text(process.label))
    found.markers += [replace(one, text=_text(one.text), detail=_text(one.detail)) for one in batch.markers]
    if batch.open_spans is not None:
        found.open_spans = batch.open_spans
    for number, text in batch.names:
        if number >= len(found.names):
            found.names.extend([""] * (number + 1 - len(found.names)))
        found.names[number] = _text(text)


def _text(text: str) -> str:
    """The text without what no encoding knows: half a pair of surrogates, which JSON may hold and a file may not."""
    return text.encode("utf-8", "replace").decode()


def _count(found: Survey, spans: Array) -> None:
    first, last = int(spans["start"].min()), int(spans["end"].max())
    found.first = min(found.first, first) if found.spans else first
    found.last = max(found.last, last)
    found.spans += len(spans)
    tracks = np.unique(spans["track"])
    found.used.update(tracks.tolist())
    of_requests = spans[spans["request"] > 0]
    known = of_requests["track"] < len(lanes := found.kinds(TrackKind.LANE))
    of_requests = of_requests[known]
    found.requests.add_pieces(of_requests[lanes[of_requests["track"]]])
    found.requests.add_work(of_requests[at_work(of_requests, found.kinds(*WORKING))])
