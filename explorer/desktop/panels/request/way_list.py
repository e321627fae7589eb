"""A request's way as a list of steps, each with its time since the request was due; a click goes to that moment."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.panels.request.path_words import Step
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_box, draw_text

ROW = 24
FIGURE = 84


class WayList(QWidget):
    """`step_asked(Step)` follows a click, or Enter on the step that ↑ and ↓ have gone to."""

    step_asked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._steps: tuple[Step, ...] = ()
        self._begin = 0
        self._at = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is listed."""
        return self._steps

    def show_steps(self, steps: Sequence[Step], begin: int) -> None:
        """List these; times count from `begin` (ns)."""
        if len(steps) != len(self._steps):
            self.updateGeometry()
            self._at = -1
        self._steps, self._begin = tuple(steps), begin
        self._say()
        self.update()

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(self._theme.px(240), len(self._steps) * self._theme.px(ROW))

    def minimumSizeHint(self) -> QSize:
        """Narrower is fine, lower is not."""
        return QSize(self._theme.px(160), self.sizeHint().height())

    def row_at(self, y: float) -> int:
        """The step at a height, -1 if there is none."""
        row = int(y // self._theme.px(ROW))
        return row if 0 <= row < len(self._steps) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Under the pointer a step stands out."""
        self._go(self.row_at(event.position().y()))
        self.setCursor(Qt.CursorShape.PointingHandCursor if self._at >= 0 else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: object) -> None:
        """And no longer."""
        if not self.hasFocus():
            self._go(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        row = self.row_at(event.position().y())
        if row >= 0 and event.button() is Qt.MouseButton.LeftButton:
            self.step_asked.emit(self._steps[row])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """↑ and ↓ choose, Enter goes there."""
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._steps:
            step = 1 if key == Qt.Key.Key_Down else -1
            self._go(min(max(self._at + step, 0), len(self._steps) - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at >= 0:
            self.step_asked.emit(self._steps[self._at])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Icon, words, time."""
        theme, px, painter = self._theme, self._theme.px, QPainter(self)
        font, figures = theme.font(12), theme.font(12, 500)
        room = self.width() - px(FIGURE) - px(26)
        for row, step in enumerate(self._steps):
            top = row * px(ROW)
            if row == self._at:
                draw_box(painter, QRectF(-2, top, self.width() + 4, px(ROW)), 4, theme.color("hover"))
            painter.drawPixmap(0, top + px(5), theme.icon(step.icon, 14, "text3"))
            words = QFontMetricsF(font).elidedText(step.words, Qt.TextElideMode.ElideRight, room)
            draw_text(painter, QRectF(px(24), top, room, px(ROW)), words, font, theme.color("text2"), LEFT)
            rect = QRectF(self.width() - px(FIGURE), top, px(FIGURE), px(ROW))
            draw_text(painter, rect, self._offset(step), figures, theme.color("text"), RIGHT)
        painter.end()

    def _offset(self, step: Step) -> str:
        return f"+{(step.start - self._begin) / 1e6:,.1f} ms"

    def _go(self, row: int) -> None:
        if row != self._at:
            self._at = row
            self._say()
            self.update()

    def _say(self) -> None:
        chosen = [self._steps[self._at]] if 0 <= self._at < len(self._steps) else self._steps
        said = ", ".join(f"{step.words} {self._offset(step)}" for step in chosen)
        self.setAccessibleName(f"Its way: {said}")
