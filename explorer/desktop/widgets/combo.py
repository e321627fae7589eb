"""A field that offers a few named values."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QStandardItem, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_text, text_width


class Combo(QComboBox):
    """Options `(id, title, reason)`; one with a reason is shown but cannot be taken. `chosen(id)` follows the user."""

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        options: Sequence[tuple[str, str, str]],
        *,
        current: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._accent = False
        self.set_options(options)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._ring = FocusRing(theme, self, radius=6)
        if current:
            self.set_current(current)
        self.activated.connect(self._tell)
        theme.changed.connect(self._restyle)

    def set_options(self, options: Sequence[tuple[str, str, str]]) -> None:
        """Offer these; the first of them is chosen then."""
        model = QStandardItemModel(self)
        for id_, title, reason in options:
            entry = QStandardItem(title)
            entry.setData(id_, Qt.ItemDataRole.UserRole)
            if reason:
                entry.setEnabled(False)
                entry.setToolTip(reason)
                entry.setData(f"{title}, not available: {reason}", Qt.ItemDataRole.AccessibleTextRole)
            model.appendRow(entry)
        self.setModel(model)
        self.updateGeometry()

    def current(self) -> str:
        """The id of what is chosen."""
        return str(self.currentData(Qt.ItemDataRole.UserRole))

    def set_current(self, id_: str) -> None:
        """Choose without telling. An unknown id raises KeyError."""
        place = self.findData(id_, Qt.ItemDataRole.UserRole)
        if place < 0:
            raise KeyError(f"There is no option called '{id_}'.")
        self.setCurrentIndex(place)

    def set_changed(self, changed: bool) -> None:
        """Mark this field as the last one that was changed."""
        if changed != self._accent:
            self._accent = changed
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the longest title."""
        font = self._theme.font(13, 600)
        widest = max((text_width(font, self.itemText(i)) for i in range(self.count())), default=0.0)
        return QSize(round(widest) + self._theme.px(9 + 6 + 14 + 9) + 2, self._theme.px(28))

    def minimumSizeHint(self) -> QSize:
        """Fields do not shrink."""
        return self.sizeHint()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel: each value may restart something, and the wheel passes several."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, title, chevron."""
        theme, painter = self._theme, QPainter(self)
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        fill = "accent_bg" if self._accent else "hover" if self.underMouse() else "raised"
        draw_box(painter, QRectF(self.rect()), 5, theme.color(fill), theme.color("accent" if self._accent else "line2"))
        px = theme.px
        rect = QRectF(px(9), 0, self.width() - px(9 + 14 + 9), self.height())
        draw_text(painter, rect, self.currentText(), theme.font(13, 600), theme.color("text"), LEFT)
        where = QPointF(self.width() - px(9 + 14), (self.height() - px(14)) / 2)
        painter.drawPixmap(where, theme.icon("chevron-down", 14, "text3"))
        painter.end()

    def _tell(self, place: int) -> None:
        self.chosen.emit(str(self.itemData(place, Qt.ItemDataRole.UserRole)))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
