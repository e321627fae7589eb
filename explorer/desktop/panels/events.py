"""The events panel: what the loops handled, by kind, newest first; a click goes to the span in the lanes.

While the timeline follows the present, the list is of the newest events of the run; else of those in view. It is looked
up in the event log, four times a second at most, and only while the panel is seen.
"""

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.collect.source import Array
from explorer.desktop.control import Control
from explorer.desktop.panels.event_chips import KindChips
from explorer.desktop.panels.event_list import EventTable, Names
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import ElidedLabel
from explorer.desktop.words import count, moment
from explorer.records.event_kinds import EventKind

MOST: Final = 500
EVERY_NS: Final = 250_000_000
NONE_YET: Final = "No event yet. Send a request, or raise Users above 0."
NONE_AT_ALL: Final = "There is no event in this recording."
NONE_HERE: Final = "No such event in view. Zoom out, or follow the present."
HELD: Final = ", held while you choose"
GONE: Final = "What this event did is no longer kept."


class EventsPanel(QWidget):
    """Lists the events of the run in `timeline`. `closed` follows its button."""

    closed = Signal()

    def __init__(self, theme: Theme, control: Control, timeline: TimelineView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._control = control
        self._timeline = timeline
        self.going = False
        """Whether the timeline is being sent to an event of this list."""
        self._looked = 0
        self._asked: tuple[object, ...] = ()
        self._title = ElidedLabel(theme, "Events", 14, 600)
        self._note = ElidedLabel(theme, "", 12, color="text2", right=True)
        self._close = Button(theme, icon="x", kind=ButtonKind.GHOST, height=26, name="Close the list of events (E)")
        self.chips = KindChips(theme)
        self.table = EventTable(
            theme, Names(lambda number: control.store.name(number), self._process, lambda: timeline.scene.origin)
        )
        self._column = QVBoxLayout(self)
        self._column.setSpacing(4)
        self._head = QHBoxLayout()
        self._head.setSpacing(10)
        self._column.addLayout(self._head)
        self._column.addWidget(self.chips)
        self._column.addWidget(self.table, 1)
        self._head.addWidget(self._title)
        self._head.addWidget(self._note, 1)
        self._head.addWidget(self._close)
        self.setAccessibleName("Events")
        self.set_compact(False)
        self._close.clicked.connect(self.closed)
        self.chips.chosen.connect(self._choose)
        self.table.asked.connect(self._go)
        control.run_began.connect(self._begin)
        # A run that has ended has no frames; the list follows the view all the same.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(EVERY_NS // 1_000_000)
        self._later.timeout.connect(self.refresh)
        timeline.view_changed.connect(self._look_later)

    def set_compact(self, compact: bool) -> None:
        """Lie at the bottom, with the kinds beside the title; or stand at the right."""
        self._column.setContentsMargins(*((14, 6, 4, 4) if compact else (16, 10, 6, 8)))
        self._column.removeWidget(self.chips)
        self._head.removeWidget(self.chips)
        if compact:
            self._head.insertWidget(1, self.chips, 3)
        else:
            self._column.insertWidget(1, self.chips)

    def show_all(self) -> None:
        """Single out no kind any more."""
        self.chips.choose(frozenset())

    def frame(self, now_ns: int) -> None:
        """Take the clock of a frame: look again if it is time."""
        if not 0 <= now_ns - self._looked < EVERY_NS:
            self._looked = now_ns
            self.refresh()

    def refresh(self) -> None:
        """Look up what is to be listed now, if anybody sees it."""
        if not self.isVisible():
            return
        control, scene = self._control, self._timeline.scene
        log = control.events
        totals = log.totals()
        # Nothing happens any more where nothing runs: a rate would be that of the last moment for ever.
        runs = control.state in ("starting", "running", "stopping")
        self.chips.show_rates(control.statistics.event_rates() if runs else None, totals)
        following, view, kinds = self._timeline.following, scene.view, self.chips.kinds
        asked = (kinds, None if following else (view.begin, view.end), control.store.count)
        if asked == self._asked:
            return
        if self.table.held and following and asked[:2] == self._asked[:2]:
            self._note.set_text(f"{self._note.text().removesuffix(HELD)}{HELD}")
            return
        self._asked = asked
        if following:
            rows, number = log.newest(MOST, kinds)
        else:
            rows, number = log.newest(MOST, kinds, view.begin, min(view.end, scene.known()))
        self.table.show_rows(rows, self._empty(following, sum(totals.values())))
        words = f"newest {MOST} of {count(number)}" if number > len(rows) else count(number) if number else ""
        self._note.set_text(words if following or not words else f"{words} in view")

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while it was hidden."""
        super().showEvent(event)
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc shows all kinds again."""
        if event.key() == Qt.Key.Key_Escape and self.chips.kinds:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def _look_later(self) -> None:
        if not self._later.isActive():
            self._later.start()

    def _empty(self, following: bool, kept: int) -> str:
        begin, scene = self._control.events.begin, self._timeline.scene
        if not kept:
            return NONE_AT_ALL if self._control.state == "viewing" else NONE_YET
        if not following and begin is not None and scene.view.begin < begin:
            return f"Events before {moment(begin - scene.origin, 1)} are no longer kept."
        return NONE_HERE

    def _process(self, track: int) -> str:
        store = self._control.store
        declared = store.tracks.get(track)
        process = store.processes.get(declared.process) if declared is not None else None
        return f"{process.role} {process.pid}" if process is not None else ""

    def _choose(self, kinds: frozenset[EventKind]) -> None:
        self._timeline.set_event_kinds(kinds)
        self.refresh()

    def _go(self, event: Array) -> None:
        """Show an event in the lanes: the callback in which its loop took it, else its request."""
        track, request = int(event["track"]), int(event["request"])
        span = self._control.store.find(track, 0, int(event["time"])) if track else None
        if span is not None:
            self.going = True
            self._timeline.show_span(span)
            self.going = False
        elif request and self._control.store.request(request):
            self._timeline.set_following(False)
            self._timeline.select_request(request)
        else:
            self._note.set_text(GONE)

    def _begin(self) -> None:
        self._looked, self._asked = 0, ()
        self.chips.choose(frozenset())
        self.refresh()
