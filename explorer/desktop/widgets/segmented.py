"""A few alternatives side by side, exactly one of which is chosen."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, draw_box, draw_text
from explorer.desktop.widgets.word_button import WordButton


class SegmentedControl(QWidget):
    """Segments `(id, title)`; `chosen(id)` follows a choice of the user. Arrow keys move the choice. `trough` is the
    colour that they lie in: another one on a ground of the usual colour.
    """

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        segments: Sequence[tuple[str, str]],
        *,
        current: str = "",
        name: str = "",
        trough: str = "hover",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._trough = trough
        self._ids = [id_ for id_, _ in segments]
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        self._buttons: dict[str, _Segment] = {}
        for number, (id_, title) in enumerate(segments):
            button = _Segment(theme, title)
            self._group.addButton(button, number)
            self._buttons[id_] = button
            row.addWidget(button)
        self._group.idClicked.connect(self._tell)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_current(current or self._ids[0])
        theme.changed.connect(self.update)

    def current(self) -> str:
        """The id of what is chosen."""
        return self._ids[self._group.checkedId()]

    def set_current(self, id_: str) -> None:
        """Choose without telling. Unknown ids raise KeyError."""
        self._buttons[id_].setChecked(True)

    def set_offered(self, ids: Collection[str]) -> None:
        """Show only these; if the chosen one is not among them, the first that is becomes the choice."""
        for id_, button in self._buttons.items():
            button.setVisible(id_ in ids)
        if self.current() not in ids and ids:
            self.set_current(next(id_ for id_ in self._ids if id_ in ids))
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The trough that the segments lie in."""
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 7, self._theme.color(self._trough))
        painter.end()

    def _tell(self, number: int) -> None:
        self.chosen.emit(self._ids[number])


class _Segment(WordButton):
    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(theme, title, pad=20, height=24, radius=5)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, on = self.theme, QPainter(self), self.isChecked()
        if on:
            draw_box(painter, QRectF(self.rect()), 5, theme.color("panel"), theme.color("line2"))
        strong = on or (self.underMouse() and self.isEnabled())
        ink = "text" if strong else "text2" if self.isEnabled() else "text3"
        rect = QRectF(self.rect())
        draw_text(painter, rect, self.text(), theme.font(12, 600 if on else 500), theme.color(ink), CENTER)
        painter.end()
