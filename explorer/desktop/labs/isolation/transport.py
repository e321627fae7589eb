"""The foot of the Run tab: rewind, back, step, run, and a dot for each step."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from explorer.desktop.labs.isolation.runner import Runner
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.paint import draw_dot
from explorer.records.states import State

APART: Final = 22
LEAST_APART: Final = 13
HINT: Final = "Drag a step to move it"


class Transport(QWidget):
    """Follows a `Runner`, and asks it."""

    def __init__(self, theme: Theme, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._runner = theme, runner
        self.rewind = Button(theme, icon="skip-back", height=34, name="Rewind (Home)")
        self.back = Button(theme, icon="step-back", height=34, name="Back one step: runs again up to there (←)")
        self.forward = Button(theme, "Step", icon="step-forward", height=34, shortcut="→")
        self.run = Button(theme, "Run", icon="play", kind=ButtonKind.PRIMARY, height=34, shortcut="Space")
        self.dots = Dots(theme)
        self.count = Label(theme, "", 12, 500, "text2")
        self.hint = ElidedLabel(theme, HINT, 12, color="text3", right=True, whole_words=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(6)
        for widget in (self.rewind, self.back, self.forward, self.run):
            row.addWidget(widget)
        row.addSpacing(10)
        row.addWidget(self.dots)
        row.addWidget(self.count)
        row.addSpacing(8)
        row.addWidget(self.hint, 1)
        self.rewind.clicked.connect(runner.rewind)
        self.back.clicked.connect(runner.back)
        self.forward.clicked.connect(runner.step)
        self.run.clicked.connect(runner.toggle)
        self.dots.chosen.connect(runner.go_to)
        for changed in (runner.changed, runner.chosen, runner.going_changed):
            changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show how far it is."""
        runner = self._runner
        total, done, trace = len(runner.schedule.steps), runner.steps, runner.trace
        sent = {one.step for one in trace.ran} if trace is not None else set()
        blocked = {one.step for one in trace.ran if one.waits} if trace is not None else set()
        self.dots.show_steps(total, frozenset(sent), frozenset(blocked))
        self.count.setText(f"{done} of {total}")
        self.run.set_text("Pause" if runner.running else "Run", "pause" if runner.running else "play")
        over = trace is not None and trace.over
        self.forward.setEnabled(not over)
        for button in (self.rewind, self.back):
            button.setEnabled(done > 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surface."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        painter.end()


class Dots(QWidget):
    """A dot per step: filled when it was sent, large and orange when blocked. `chosen(steps)` follows a click."""

    chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.total = 0
        self.sent: frozenset[int] = frozenset()
        self.blocked: frozenset[int] = frozenset()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.updateGeometry)

    def show_steps(self, total: int, sent: frozenset[int], blocked: frozenset[int]) -> None:
        """So many steps, and those of them (from 0) that were sent, and that were blocked."""
        if (total, sent, blocked) == (self.total, self.sent, self.blocked):
            return
        if total != self.total:
            self.updateGeometry()
        self.total, self.sent, self.blocked = total, sent, blocked
        told = f", blocked: {', '.join(str(step + 1) for step in sorted(blocked) if step >= 0)}" if blocked else ""
        self.setAccessibleName(f"{len(sent - {-1})} of {total} steps{told}")
        self.update()

    @property
    def _apart(self) -> float:
        return self._theme.px(APART if self.total <= 8 else LEAST_APART)

    def sizeHint(self) -> QSize:
        """All dots."""
        return QSize(round(self._apart * self.total) + self._theme.px(4), self._theme.px(34))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        at = int((event.position().x()) / self._apart)
        if 0 <= at < self.total:
            self.chosen.emit(at + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dots on a line."""
        theme, px, painter = self._theme, self._theme.px, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y, lock = self.height() / 2, QColor(theme.state(State.WAITING_LOCK).fill)
        radius = px(5) if self.total <= 8 else px(3.6)
        for at in range(self.total):
            x = self._apart * (at + 0.5)
            sent = at in self.sent
            ink = theme.color("accent" if sent else "line2")
            if at < self.total - 1:
                painter.setPen(QPen(theme.color("accent" if at + 1 in self.sent else "line2"), 2))
                painter.drawLine(QPointF(x + radius + 2, y), QPointF(x + self._apart - radius - 2, y))
            if at in self.blocked:
                draw_dot(painter, QPointF(x, y), radius * 1.5, lock)
            elif sent:
                draw_dot(painter, QPointF(x, y), radius, ink)
            else:
                painter.setPen(QPen(theme.color("text3"), 1.4))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QRectF(x - radius + 1, y - radius + 1, 2 * radius - 2, 2 * radius - 2))
        painter.end()
