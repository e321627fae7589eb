"""From event to event in a replay: the next or previous begin or end of a span in the lanes in sight. No Qt.

Within a row spans do not overlap, so that the first one that ends after a moment is found by binary search and tells
both the next begin and the next end: a step costs a few searches per row, however long the run is.
"""

from collections.abc import Iterable, Sequence

from explorer.collect.source import Marker, OpenSpan
from explorer.desktop.timeline.selection import Selection
from explorer.records.states import Kind
from explorer.store.store import Store

NO_EVENTS = frozenset({Kind.THREAD_STATE, Kind.GIL_HELD})
"""What the sampler saw begins and ends when it looked, not when something happened."""


def step_of_lanes(store: Store, tracks: Iterable[int], moment: int, step: int) -> int | None:
    """The nearest begin or end after (`step` 1) or before (-1) `moment` (ns) on these tracks; None: there is none.

    Markers of the run count too.
    """
    wanted = set(tracks)
    times = [marker.time for marker in store.markers]
    times += _begun(store.open_spans, wanted)
    for track in wanted:
        for depth in store.depths(track):
            found = _after(store, track, depth, moment) if step > 0 else _before(store, track, depth, moment)
            if found is not None:
                times.append(found)
    return _nearest(times, moment, step)


def step_of_request(selection: Selection, markers: Sequence[Marker], moment: int, step: int) -> int | None:
    """The same among the pieces of the selected request alone."""
    times = [marker.time for marker in markers]
    times += [span.start for span in selection.spans]
    times += [span.end for span in selection.spans]
    times += [span.start for span in selection.open_spans]
    return _nearest(times, moment, step)


def _nearest(times: Iterable[int], moment: int, step: int) -> int | None:
    if step > 0:
        return min((time for time in times if time > moment), default=None)
    return max((time for time in times if time < moment), default=None)


def _begun(spans: Iterable[OpenSpan], tracks: set[int]) -> list[int]:
    return [span.start for span in spans if span.track in tracks and span.kind not in NO_EVENTS]


def _after(store: Store, track: int, depth: int, moment: int) -> int | None:
    span = store.after(track, depth, moment)
    if span is None or span.kind in NO_EVENTS:
        return None
    return span.start if span.start > moment else span.end


def _before(store: Store, track: int, depth: int, moment: int) -> int | None:
    span = store.after(track, depth, moment - 1)
    if span is not None and span.start < moment:
        return span.start
    before = store.before(track, depth, moment)
    return None if before is None or before.kind in NO_EVENTS else before.end
