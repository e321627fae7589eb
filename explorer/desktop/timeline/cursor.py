"""The keyboard's place in the timeline: a span, moved along its lane and from lane to lane, each move announced."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from explorer.desktop.timeline.layout import Placed
from explorer.desktop.timeline.rows import RowKind
from explorer.desktop.timeline.selection import AnySpan, announcement, neighbour, span_at, span_end

if TYPE_CHECKING:
    from explorer.desktop.timeline.view import TimelineView

BAR_KINDS = (RowKind.LANE, RowKind.REQUEST, RowKind.DEPTH)


class Cursor:
    """Moves the cursor of a view's scene."""

    def __init__(self, view: "TimelineView") -> None:
        self._view = view
        self._scene = view.scene

    def step_span(self, step: int) -> None:
        """To the span before (-1) or after (1) in its lane."""
        scene, store = self._scene, self._scene.store
        if store is None:
            return
        if scene.cursor is None:
            self.into_view()
            return
        found = neighbour(store, scene.open_spans, scene.cursor, step)
        if found is not None:
            self._put(found)

    def step_row(self, step: int) -> None:
        """To the nearest span of the lane above (-1) or below (1)."""
        scene, store = self._scene, self._scene.store
        if store is None:
            return
        if scene.cursor is None:
            self.into_view()
            return
        lanes = [placed for placed in scene.layout.placed if placed.row.kind in BAR_KINDS]
        at = next((n for n, placed in enumerate(lanes) if placed.row.track == scene.cursor.track), 0)
        time = max(scene.cursor.start, scene.view.begin)
        at += step
        while 0 <= at < len(lanes):
            found = span_at(store, scene.open_spans, lanes[at].row.track, time, scene.view.length, scene.known())
            if found is not None:
                self._put(found)
                return
            at += step

    def into_view(self) -> None:
        """Begin with the first lane in sight that has a span, near the middle."""
        scene, store = self._scene, self._scene.store
        if store is None:
            return
        half = scene.view.length // 2
        middle = min(scene.view.begin + half, scene.known())
        for placed in scene.in_view():
            if placed.row.kind in BAR_KINDS:
                found = span_at(store, scene.open_spans, placed.row.track, middle, half, scene.known())
                if found is not None:
                    self._put(found)
                    return

    def into_row(self, placed: Placed) -> None:
        """To the span of a row nearest to the middle of the view, if it has any there."""
        scene, store = self._scene, self._scene.store
        if store is None or placed.row.kind not in BAR_KINDS:
            return
        half = scene.view.length // 2
        middle = min(scene.view.begin + half, scene.known())
        found = span_at(store, scene.open_spans, placed.row.track, middle, half, scene.known())
        if found is not None:
            self._put(found)

    def _put(self, span: AnySpan) -> None:
        scene, store, view = self._scene, self._scene.store, self._view
        if store is None:
            return
        scene.cursor, scene.cursor_shown = span, True
        view.look(scene.view.revealing(span.start, span_end(span, scene.follow.now)))
        placed = scene.layout.of_track(span.track)
        if placed is not None and not scene.in_sight(placed):
            view.scroll_to(scene.scroll_to_see(placed))
        words = announcement(store, span, scene.lane_title(span.track), scene.follow.now)
        view.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view, words))
        view.lanes.update()
