"""A section that can be folded away: a line with icon, title and chevron, and what is below it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_text


class Section(QWidget):
    """Folded at first. `folded(bool)` follows each change; `content` is where the owner puts its widgets."""

    folded = Signal(bool)

    def __init__(
        self, theme: Theme, title: str, *, icon: str = "", opened: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._head = _Head(theme, title, icon)
        self._head.toggled.connect(self._show)
        self._body = QWidget()
        self.content = QVBoxLayout(self._body)
        self.content.setContentsMargins(0, 6, 0, 0)
        self.content.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._body)
        self._body.setVisible(opened)
        self._head.setChecked(opened)

    @property
    def head(self) -> QAbstractButton:
        """The line that opens and closes it."""
        return self._head

    @property
    def is_open(self) -> bool:
        """Whether its content is shown."""
        return self._head.isChecked()

    def set_open(self, opened: bool) -> None:
        """Open or fold it."""
        self._head.setChecked(opened)

    def _show(self, opened: bool) -> None:
        self._body.setVisible(opened)
        self.folded.emit(not opened)


class _Head(QAbstractButton):
    def __init__(self, theme: Theme, title: str, icon: str) -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self.setText(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._ring = FocusRing(theme, self, radius=5)
        self.toggled.connect(self.tell)
        self.tell()
        theme.changed.connect(self.updateGeometry)

    def tell(self) -> None:
        self.setAccessibleName(f"{self.text()}, {'open' if self.isChecked() else 'folded'}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(160), self._theme.px(28))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px, painter = self._theme, self._theme.px, QPainter(self)
        if self.underMouse():
            draw_box(painter, QRectF(self.rect()), 5, theme.color("hover"))
        middle, left = (self.height() - px(15)) / 2, 0.0
        if self._icon:
            painter.drawPixmap(QPointF(left, middle), theme.icon(self._icon, 15, "text3"))
            left += px(15 + 8)
        font, width = theme.font(12), self.width() - left - px(20)
        title = QFontMetricsF(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, width)
        draw_text(painter, QRectF(left, 0, width, self.height()), title, font, theme.color("text2"), LEFT)
        chevron = theme.icon("chevron-down" if self.isChecked() else "chevron-right", 15, "text3")
        painter.drawPixmap(QPointF(self.width() - px(15), middle), chevron)
        painter.end()
