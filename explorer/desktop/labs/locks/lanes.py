"""The lab's lanes: the real timeline with the rows of this scenario; over it where a circle closed and was found."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.analysis.locks.watch import Deadlock
from explorer.desktop.control import Control
from explorer.desktop.labs.locks.rows import LOCKS, LOCKS_KEY, lab_rows
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.rows import Row
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_box, draw_text, text_width
from explorer.records.clock import now_ns
from explorer.records.states import Role, State, TrackKind

SERVES: Final = (Role.SERVER, Role.WORKER)
HEADER: Final = 132
END: Final = 1 << 62
BEFORE: Final = 3.0
AFTER: Final = 2.0
LEAST_NS: Final = 120_000_000
"""A circle is shown with so many times the time between its first wait and its being found before it, and after it; and
with this at least.
"""


class LabLanes(QWidget):
    """Shows the run of `control`. `titles` are what the lab calls threads, by lane; `tasks`: it is about coroutines."""

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self.titles: dict[int, str] = {}
        self.tasks = False
        self.counters: tuple[str, ...] = ()
        self.most = 0
        self.length_ns = 2_000_000_000
        self.view = TimelineView(theme)
        self.view.set_header_width(HEADER)
        self.view.scene.roomy = True
        self.view.lanes.hatch(frozenset({State.WAITING_LOCK, State.WAITING_GIL}))
        self.marks = CircleMarks(theme, self.view)
        self.view.scene.rows_shown = self._rows
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)

    def show_run(self) -> None:
        """Another run is on the screen."""
        control = self._control
        self.titles = {}
        self.marks.show_deadlock(None)
        self.view.set_store(control.store, live=control.state != "viewing", events=control.events, locks=control.locks)
        if self.view.following:
            self.view.zoom(self.length_ns / self.view.length_ns)

    @property
    def extent(self) -> tuple[int, int] | None:
        """From the first request's beginning to the last one's end (ns)."""
        store = self._control.store
        lanes = [number for number, track in store.tracks.items() if track.kind is TrackKind.LANE]
        pieces = [
            piece for lane in lanes for depth in store.depths(lane) for piece in store.slices(lane, depth, 0, END)
        ]
        pieces = [piece for piece in pieces if len(piece)]
        if not pieces:
            return None
        return min(int(piece.start.min()) for piece in pieces), max(int(piece.end.max()) for piece in pieces)

    def frame(self) -> None:
        """Paint what is new."""
        control = self._control
        live = control.state in ("starting", "running", "stopping")
        self.view.scene.growing = control.reading
        self.view.frame(now_ns() if live else (control.store.last or now_ns()))
        self.marks.update()

    def show_deadlock(self, deadlock: Deadlock | None, *, look: bool) -> None:
        """Mark a circle, and with `look` go to where it closed and stay there."""
        self.marks.show_deadlock(deadlock)
        if deadlock is None or not look:
            return
        first = min(wait.start for wait in deadlock.cycle.waits)
        length = max(deadlock.found - first, LEAST_NS)
        view = self.view
        view.set_following(False)
        view.look(view.scene.view.showing(first - round(BEFORE * length / 2), deadlock.found + length, 0.0))

    def go_on(self) -> None:
        """Follow the present again, if there is one."""
        if self.view.scene.follow.live:
            self.view.set_following(True)

    def _rows(self, rows: list[Row]) -> list[Row]:
        store = self._control.store
        processes = store.processes

        def serving(number: int) -> bool:
            process = processes.get(number)
            return process is not None and process.role in SERVES

        opened = LOCKS not in self.view.scene.choices.toggled
        found = lab_rows(
            rows,
            store.tracks,
            serving,
            self.titles,
            tasks=self.tasks,
            opened=opened,
            counters=self.counters,
            most=self.most,
        )
        if self.marks.shown is None:
            return found
        # The words at the lines of a circle stand where else the hint does.
        return [replace(row, note="") if row.key == LOCKS_KEY else row for row in found]


class CircleMarks(QWidget):
    """What stands at the two lines behind the lanes: solid where the circle closed, dashed where it was found."""

    def __init__(self, theme: Theme, view: TimelineView) -> None:
        super().__init__(view.lanes)
        self._theme = theme
        self._view = view
        self._deadlock: Deadlock | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.lanes.installEventFilter(self)
        view.view_changed.connect(lambda begin, end: self.update())
        self.setGeometry(view.lanes.rect())

    @property
    def shown(self) -> Deadlock | None:
        """What is marked."""
        return self._deadlock

    def show_deadlock(self, deadlock: Deadlock | None) -> None:
        """Mark this circle; None marks nothing."""
        self._deadlock = deadlock
        moments = () if deadlock is None else ((deadlock.cycle.closed, True), (deadlock.found, False))
        self._view.scene.moments = moments
        self._view.lanes.update()
        self.setVisible(deadlock is not None)
        self.update()

    def lines(self) -> tuple[float, float]:
        """Where the circle closed and where it was found, px."""
        view = self._view.scene.view
        return (
            (0.0, 0.0)
            if self._deadlock is None
            else (view.x(self._deadlock.cycle.closed), view.x(self._deadlock.found))
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the lanes."""
        if event.type() is QEvent.Type.Resize:
            self.setGeometry(self._view.lanes.rect())
        return False

    def _foot(self) -> float:
        """Where the words stand: in the heading of the locks, else at the foot."""
        scene, high = self._view.scene, self._theme.px(18)
        head = scene.layout.find(LOCKS_KEY)
        if head is not None and scene.in_sight(head):
            return head.y - scene.scroll + (head.height - high) / 2
        return float(self.height() - high - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words at the lines."""
        deadlock = self._deadlock
        if deadlock is None:
            return
        painter, theme = QPainter(self), self._theme
        closed, found = (round(x) + 0.5 for x in self.lines())
        red = theme.color("danger")
        foot = self._foot()
        font = theme.font(11, 600)
        words = "circle closes"
        wide = text_width(font, words) + theme.px(12)
        if 0 <= closed <= self.width():
            left = max(0.0, closed - wide)
            plate = QRectF(left, foot, wide, theme.px(18))
            draw_box(painter, plate, 4, red)
            draw_text(painter, plate, words, font, theme.color("panel"), CENTER)
        if 0 <= found <= self.width():
            words = f"found {deadlock.found_after_ms:.0f} ms later"
            wide = text_width(font, words) + theme.px(12)
            plate = QRectF(min(found + 3, self.width() - wide), foot, wide, theme.px(18))
            draw_box(painter, plate, 4, theme.color("danger_bg"))
            draw_text(painter, plate.adjusted(theme.px(6), 0, 0, 0), words, font, red, LEFT)
        painter.end()
