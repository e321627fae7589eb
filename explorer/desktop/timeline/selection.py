"""What is under the pointer, what is selected, and what belongs to it. No Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from explorer.collect.source import OpenSpan
from explorer.desktop.words import duration, request_label, state_title
from explorer.records.states import Kind
from explorer.store.rows import Span
from explorer.store.store import Store

AnySpan = Span | OpenSpan


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
    store: Store, open_spans: Mapping[int, Sequence[OpenSpan]], track: int, time: int, tolerance: int, horizon: int
) -> AnySpan | None:
    """The innermost span of a track at `time` (ns), or the nearest within `tolerance` if there is none.

    What lies wholly beyond the horizon is not on the screen and is not found.
    """
    opened = {span.depth: span for span in open_spans.get(track, ()) if span.start <= time + tolerance}
    depths = sorted({*store.depths(track), *opened}, reverse=True)
    for depth in depths:
        if depth in opened and opened[depth].start <= time:
            return opened[depth]
        found = store.find(track, depth, time)
        if found is not None and found.start < horizon:
            return found
    nearest: AnySpan | None = None
    best = tolerance + 1
    for depth in depths:
        for piece in store.slices(track, depth, time - tolerance, time + tolerance):
            for end in piece.end.tolist():
                span = store.find(track, depth, end - 1) or store.find(track, depth, end)
                if span is not None and span.start < horizon:
                    distance = max(span.start - time, time - span.end, 0)
                    if distance < best:
                        nearest, best = span, distance
        if nearest is not None:
            return nearest
    return next(iter(opened.values()), None)


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


def describe(store: Store, span: AnySpan, lane: str, now: int) -> tuple[str, str, str]:
    """Three lines about a span: name and duration; state, lane and request; what a click does."""
    name = store.name(span.name) or kind_word(span.kind)
    length = duration(span_end(span, now) - span.start)
    going = " so far" if isinstance(span, OpenSpan) else ""
    where = f"{state_title(span.state)} in {lane}" if lane else state_title(span.state)
    request = f", request {request_label(span.request)}" if span.request else ""
    return f"{name}  {length}{going}", where + request, "Click: select   Double-click: zoom"


def announcement(store: Store, span: AnySpan, lane: str, now: int) -> str:
    """What a screen reader says of a span: lane, name, state, duration, request."""
    name = store.name(span.name) or kind_word(span.kind)
    parts = [lane, name, state_title(span.state).lower(), duration(span_end(span, now) - span.start)]
    if span.request:
        parts.append(f"request {span.request & 0xFFFF_FFFF_FFFF:,}")
    return ", ".join(part for part in parts if part)


def kind_word(kind: Kind) -> str:
    """A name for what has none of its own."""
    return {Kind.SELECT: "waits for something to do", Kind.IO: "socket ready"}.get(
        kind, kind.name.lower().replace("_", " ")
    )
