"""Words side by side, one of which is chosen: narrower than a segmented control, for many pages in little room."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, draw_text
from explorer.desktop.widgets.word_button import WordButton

HEIGHT = 26
PAD = 12
LINE = 2


class Tabs(QWidget):
    """Tabs `(id, title)`; `chosen(id)` follows a choice of the user. Arrow keys move the choice."""

    chosen = Signal(str)

    def __init__(
        self, theme: Theme, tabs: Sequence[tuple[str, str]], *, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._ids = [id_ for id_, _ in tabs]
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._buttons: dict[str, _Tab] = {}
        for number, (id_, title) in enumerate(tabs):
            button = _Tab(theme, title)
            self._group.addButton(button, number)
            self._buttons[id_] = button
            row.addWidget(button)
        self._group.idClicked.connect(lambda number: self.chosen.emit(self._ids[number]))
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_current(self._ids[0])

    def current(self) -> str:
        """The id of what is chosen."""
        return self._ids[self._group.checkedId()]

    def set_current(self, id_: str) -> None:
        """Choose without telling. Unknown ids raise KeyError."""
        self._buttons[id_].setChecked(True)


class _Tab(WordButton):
    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(theme, title, pad=PAD, height=HEIGHT, radius=4)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, on = self.theme, QPainter(self), self.isChecked()
        ink = theme.color("text" if on or self.underMouse() else "text2")
        draw_text(painter, QRectF(self.rect()), self.text(), theme.font(12, 600 if on else 500), ink, CENTER)
        if on:
            inner = QRectF(self.rect()).adjusted(theme.px(PAD) / 2, self.height() - LINE, -theme.px(PAD) / 2, 0)
            painter.fillRect(inner, theme.color("accent"))
        painter.end()
