"""A field to search with: an icon, the line, a button that empties it, and a key."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.entry import Entry
from explorer.desktop.widgets.paint import chip_width, draw_box, draw_chip

LEFT = 32


class SearchLine(QWidget):
    """`changed(text)` follows each letter, `stepped(1 | -1)` the arrow keys (down is 1), `escaped` Esc."""

    changed = Signal(str)
    stepped = Signal(int)
    escaped = Signal()

    def __init__(
        self, theme: Theme, hint: str, icon: str = "search", name: str = "", keys: str = "", height: int = 30
    ) -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self._keys = keys
        self._height = height
        self.line = _Line(theme, self)
        self.line.setPlaceholderText(hint)
        self.line.setAccessibleName(name or hint)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.line)
        self.line.textEdited.connect(self.changed)
        self.line.textChanged.connect(self._fit)
        self.line.focus_changed.connect(self.update)
        self.line.stepped.connect(lambda steps: self.stepped.emit(-1 if steps > 0 else 1))
        self.setFocusProxy(self.line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._fit)
        self._fit()

    def text(self) -> str:
        """What stands there."""
        return self.line.text()

    def set_text(self, text: str) -> None:
        """Show a text, without saying so."""
        self.line.setText(text)

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(self._theme.px(220), self._theme.px(self._height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, icon, key."""
        theme, painter = self._theme, QPainter(self)
        focus = self.line.hasFocus()
        draw_box(painter, QRectF(self.rect()), 6, theme.color("raised"), theme.color("accent" if focus else "line2"))
        place = QPointF(10, self.height() / 2 - theme.px(15) / 2)
        painter.drawPixmap(place, theme.icon(self._icon, 15, "text3"))
        if self._keys and not self.text():
            left = self.width() - chip_width(theme, self._keys) - 7
            draw_chip(painter, theme, left, self.height() / 2, self._keys, theme.color("text3"), theme.color("line2"))
        painter.end()

    def _fit(self) -> None:
        right = round(chip_width(self._theme, self._keys)) + 12 if self._keys and not self.text() else 8
        self._row.setContentsMargins(self._theme.px(LEFT - 10) + 10, 0, right, 0)
        self.setMinimumHeight(self._theme.px(self._height))
        self.updateGeometry()
        self.update()


class _Line(Entry):
    """Esc is always the field's."""

    def __init__(self, theme: Theme, owner: SearchLine) -> None:
        super().__init__(theme, parent=owner)
        self._owner = owner

    def event(self, event: QEvent) -> bool:
        """Esc comes here before any shortcut of the window: in an empty field, too, it leaves the field and no more."""
        asked = event.type() == QEvent.Type.ShortcutOverride
        if isinstance(event, QKeyEvent) and asked and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc is told, whether or not there is something to give up."""
        if event.key() == Qt.Key.Key_Escape:
            self._owner.escaped.emit()
            event.accept()
        else:
            super().keyPressEvent(event)
