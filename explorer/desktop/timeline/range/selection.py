"""The range that is chosen on a view's lanes: who sets it, who is told, and what a screen reader says of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from explorer.desktop.timeline.range.time_range import TimeRange, between
from explorer.desktop.timeline.selection import span_end
from explorer.desktop.words import duration, moment

if TYPE_CHECKING:
    from explorer.desktop.timeline.view import TimelineView

DECIMALS = 6


class RangeSelection(QObject):
    """`changed(TimeRange | None)` follows each change, also those of a drag that goes on."""

    changed = Signal(object)

    def __init__(self, view: "TimelineView") -> None:
        super().__init__(view)
        self._view = view
        self._scene = view.scene

    @property
    def time(self) -> TimeRange | None:
        """What is chosen, ns."""
        return self._scene.range

    def choose(self, chosen: TimeRange | None, *, announce: bool = False) -> None:
        """Choose a range, cut to the history, in place of a selected span; None chooses nothing."""
        if chosen is not None:
            chosen = chosen.within(*self._scene.bounds())
        if chosen != self._scene.range:
            self._scene.range = chosen
            if chosen is not None and self._scene.selection:
                self._view.select(None)
            self.changed.emit(chosen)
            self._view.lanes.update()
        if announce:
            self.announce()

    def clear(self) -> bool:
        """Choose nothing; False if nothing was chosen."""
        if self.time is None:
            return False
        self.choose(None, announce=True)
        return True

    def begin_here(self) -> None:
        """Let the range begin with the cursor's span, else in the middle of the view."""
        at = self._place()[0]
        chosen = self.time
        self.choose(between(at, chosen.end if chosen and chosen.end > at else self._place()[1]), announce=True)

    def end_here(self) -> None:
        """Let the range end with the cursor's span, else in the middle of the view."""
        at = self._place()[1]
        chosen = self.time
        self.choose(between(chosen.begin if chosen and chosen.begin < at else self._place()[0], at), announce=True)

    def step(self, step: int) -> None:
        """Move the cursor by a span (-1, 1) and take in what it covers, as Shift and arrows select words in a text."""
        before = self._cursor_extent()
        self._view.step_span(step)
        after = self._cursor_extent()
        if after is None:
            return
        chosen = self.time
        first = chosen if chosen is not None else before or after
        self.choose(TimeRange(min(first.begin, after.begin), max(first.end, after.end)), announce=True)

    def announce(self) -> None:
        """Say what is chosen."""
        words = self.words()
        self._view.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._view, words))

    def words(self) -> str:
        """ "Range of 46 ms, from 1.204000 s to 1.250000 s"."""
        chosen = self.time
        if chosen is None:
            return "No range"
        origin = self._scene.origin
        begin, end = (moment(time - origin, DECIMALS) for time in (chosen.begin, chosen.end))
        return f"Range of {duration(chosen.length)}, from {begin} to {end}"

    def _cursor_extent(self) -> TimeRange | None:
        cursor = self._scene.cursor
        return None if cursor is None else between(cursor.start, span_end(cursor, self._scene.follow.now))

    def _place(self) -> tuple[int, int]:
        """Begin and end of the cursor's span if the keyboard is there, else of the middle tenth of the view."""
        extent = self._cursor_extent()
        if extent is not None and self._scene.cursor_shown:
            return extent.begin, extent.end
        view = self._scene.view
        return view.begin + view.length * 9 // 20, view.begin + view.length * 11 // 20
