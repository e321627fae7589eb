"""What is under the pointer, what is selected, and what belongs to it. No Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from explorer.collect.source import OpenSpan
from explorer.desktop.words import duration, request_label, state_title
from explorer.records.schema import request_counter
from explorer.records.states import Kind, State
from explorer.store.rows import Span
from explorer.store.store import Store

AnySpan = Span | OpenSpan
CLICKS: Final = "Click: select   Double-click: zoom"


@dataclass(slots=True)
class Selection:
    """The selected span (None: none, or a whole request), its request (0: none), and all pieces of that request."""

    span: AnySpan | None = None
    request: int = 0
    spans: list[Span] = field(default_factory=list)
    open_spans: list[OpenSpan] = field(default_factory=list)
    count: int = -1
    """Spans the store had when the pieces were looked up."""

    def __bool__(self) -> bool:
        return self.span is not None or self.request != 0

    def choose(self, span: AnySpan | None, store: Store) -> None:
        """Select a span and with it its request; None selects nothing."""
        self.span = span
        self.request = span.request if span is not None else 0
        self.look_up(store)

    def choose_request(self, number: int, store: Store) -> None:
        """Select a request without any one span of it."""
        self.span = None
        self.request = number
        self.look_up(store)

    def look_up(self, store: Store) -> None:
        """Find the pieces again; a span that was open is replaced by the finished one once that is there."""
        self.count = store.count + store.dropped
        self.spans = store.request(self.request)
        self.open_spans = [span for span in store.open_spans if self.request and span.request == self.request]
        if isinstance(self.span, OpenSpan) and self.span not in store.open_spans:
            done = store.find(self.span.track, self.span.depth, self.span.start)
            self.span = done if done is not None else self.span

    def stale(self, store: Store) -> bool:
        """Whether a look-up could find more: while something of it is open, and a moment after."""
        open_now = bool(self.open_spans) or isinstance(self.span, OpenSpan)
        return bool(self) and open_now and self.count != store.count + store.dropped

    def extent(self, now: int) -> tuple[int, int] | None:
        """First start and last end (ns) of what is selected: the span if there is one, else the request."""
        if self.span is not None:
            return self.span.start, span_end(self.span, now)
        return self.request_extent(now)

    def request_extent(self, now: int) -> tuple[int, int] | None:
        """First start and last end (ns) of the request."""
        every: Sequence[AnySpan] = [*self.spans, *self.open_spans]
        if not every:
            return None
        return min(span.start for span in every), max(span_end(span, now) for span in every)


def span_end(span: AnySpan, now: int) -> int:
    """When a span ended; an open one reaches to now."""
    return span.end if isinstance(span, Span) else max(now, span.start)


def span_at(
    store: Store,
    open_spans: Mapping[int, Sequence[OpenSpan]],
    track: int,
    time: int,
    tolerance: int,
    horizon: int,
    pixel: int = 0,
) -> AnySpan | None:
    """The innermost span of a track at `time` (ns), or the nearest within `tolerance` if there is none.

    Spans shorter than `pixel` (ns) are found only where no longer one is drawn: who points at a bar means the bar, not
    a sliver in it that nobody can see. What lies wholly beyond the horizon is not on the screen and is not found.
    """
    opened = {span.depth: span for span in open_spans.get(track, ()) if span.start <= time + tolerance}
    depths = sorted({*store.depths(track), *opened}, reverse=True)
    sliver: AnySpan | None = None
    for depth in depths:
        if depth in opened and opened[depth].start <= time:
            return opened[depth]
        found = store.find(track, depth, time)
        if found is None or found.start >= horizon:
            continue
        if found.duration < pixel:
            found = _longest(store, track, depth, time - pixel, time + pixel, horizon) or found
        if found.duration >= pixel:
            return found
        sliver = sliver or found
    if sliver is not None:
        return sliver
    for depth in depths:
        nearest = _nearest(store, track, depth, time, tolerance, horizon)
        if nearest is not None:
            return nearest
    return next(iter(opened.values()), None)


def _longest(store: Store, track: int, depth: int, begin: int, end: int, horizon: int) -> Span | None:
    """The longest span of a row that touches the time from `begin` to `end`."""
    best, length = None, -1
    for piece in store.slices(track, depth, begin, min(end, horizon - 1)):
        at = int(np.argmax(piece.end - piece.start))
        start, stop = int(piece.start[at]), int(piece.end[at])
        if stop - start > length:
            best, length = store.find(track, depth, (start + stop) // 2), stop - start
    return best


def _nearest(store: Store, track: int, depth: int, time: int, tolerance: int, horizon: int) -> Span | None:
    """The span of a row nearest to `time`, at most `tolerance` away."""
    best, least = None, tolerance + 1
    for piece in store.slices(track, depth, time - tolerance, min(time + tolerance, horizon - 1)):
        distance = np.maximum(np.maximum(piece.start - time, time - piece.end), 0)
        at = int(np.argmin(distance))
        if distance[at] < least:
            best = store.find(track, depth, (int(piece.start[at]) + int(piece.end[at])) // 2)
            least = int(distance[at])
    return best


def neighbour(store: Store, open_spans: Mapping[int, Sequence[OpenSpan]], span: AnySpan, step: int) -> AnySpan | None:
    """The span before (`step` -1) or after (1) in its row; the open one comes last."""
    opened = [other for other in open_spans.get(span.track, ()) if other.depth == span.depth]
    if isinstance(span, Span):
        found = store.previous(span) if step < 0 else store.next(span)
        if found is None and step > 0:
            return next((other for other in opened if other.start >= span.end), None)
        return found
    if step > 0:
        return None
    pieces = store.slices(span.track, span.depth, 0, span.start)
    return store.find(span.track, span.depth, int(pieces[-1].end[-1]) - 1) if pieces else None


def describe(store: Store, span: AnySpan, lane: str, now: int) -> tuple[str, ...]:
    """Lines about a span: name and duration; state, lane and request; what a click does.

    Running work whose CPU time was taken says how much of it was spent on a core: the rest it waited, for the GIL or
    for a core.
    """
    if span.kind is Kind.THREAD_STATE:
        return _sampled_words(span, lane, now)
    # A holder has a name, but the lane says it better.
    name = (span.kind is not Kind.GIL_HELD and store.name(span.name)) or kind_word(span.kind)
    length = duration(span_end(span, now) - span.start)
    going = " so far" if isinstance(span, OpenSpan) else ""
    request = f"request {request_label(span.request)}" if span.request else ""
    cpu = on_core(span)
    if cpu:
        where = [f"{state_title(span.state)}, {cpu}", ", ".join(part for part in (lane, request) if part)]
    else:
        state = f"{state_title(span.state)} in {lane}" if lane else state_title(span.state)
        where = [", ".join(part for part in (state, request) if part)]
    return (f"{name}  {length}{going}", *(line for line in where if line), CLICKS)


def _sampled_words(span: AnySpan, lane: str, now: int) -> tuple[str, ...]:
    """What the sampler saw, and how often it looks: what is shorter it cannot see."""
    going = " so far" if isinstance(span, OpenSpan) else ""
    length = duration(span_end(span, now) - span.start)
    looks = f", looked at every {duration(span.value * 1000)}" if span.value else ""
    return (f"{state_title(span.state)}  {length}{going}", f"{lane}{looks}" if lane else looks.lstrip(", "), CLICKS)


def on_core(span: AnySpan) -> str:
    """ "12.4 ms of 51.1 ms on a core" for finished work whose CPU time was taken, else nothing."""
    if not isinstance(span, Span) or span.kind not in (Kind.JOB, Kind.STEP) or span.state is not State.RUNNING:
        return ""
    cpu = span.cpu_ns
    return "" if cpu is None else f"{duration(min(cpu, span.duration))} of {duration(span.duration)} on a core"


def announcement(store: Store, span: AnySpan, lane: str, now: int) -> str:
    """What a screen reader says of a span: lane, name, state, duration, request."""
    name = store.name(span.name) or kind_word(span.kind)
    parts = [lane, name, state_title(span.state).lower(), duration(span_end(span, now) - span.start)]
    if span.request:
        parts.append(f"request {request_counter(span.request):,}")
    return ", ".join(part for part in parts if part)


def kind_word(kind: Kind) -> str:
    """A name for what has none of its own."""
    words = {
        Kind.SELECT: "waits for something to do",
        Kind.IO: "socket ready",
        Kind.THREAD_STATE: "thread's state",
        Kind.GIL_HELD: "held the GIL",
    }
    return words.get(kind, kind.name.lower().replace("_", " "))
