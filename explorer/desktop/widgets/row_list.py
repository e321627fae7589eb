"""A list of rows with icon, title, detail, and at the right words or small icons that can be clicked."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, chip_width, draw_box, draw_chip, draw_text, text_width

HEIGHT = 30
MARK = 26
EDGE = 10
ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row. `key` is what signals name it by; `marks` are icons at the right, by what a click on them means, each
    with whether it is on; `keys` a shortcut. `spoken` is what a screen reader says, by default title and detail.
    """

    key: str
    title: str
    detail: str = ""
    icon: str = ""
    keys: str = ""
    marks: tuple[tuple[str, str, bool], ...] = ()
    indent: int = 0
    heading: bool = False
    enabled: bool = True
    spoken: str = ""


class RowList(QListWidget):
    """Signals: `entered_row(key)` for Enter or a click, `mark_clicked(key, what)`, `key_pressed(key, QKeyEvent)` for
    keys that it does not know itself (accept the event if it meant something).
    """

    entered_row = Signal(str)
    mark_clicked = Signal(str, str)
    key_pressed = Signal(str, object)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setItemDelegate(_Delegate(theme, self))
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(name)
        self.setStyleSheet("QListWidget { background: transparent; outline: 0; }")
        theme.changed.connect(self._restyle)

    def set_rows(self, rows: Sequence[ListRow], current: str = "") -> None:
        """Show these; the row with the key `current` is the current one, else the first that can be."""
        scroll = self.verticalScrollBar().value()
        self.blockSignals(True)
        self.clear()
        chosen = -1
        for at, row in enumerate(rows):
            item = QListWidgetItem(row.spoken or ", ".join(filter(None, (row.title, row.detail))))
            item.setData(ROLE, row)
            item.setSizeHint(QSize(10, self._theme.px(HEIGHT)))
            if row.heading:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            elif chosen < 0 or row.key == current:
                chosen = at
            self.addItem(item)
        self.blockSignals(False)
        if chosen >= 0:
            self.setCurrentRow(chosen)
        if current:
            self.verticalScrollBar().setValue(scroll)
            self.scrollTo(self.currentIndex())  # other rows may have come in between

    def rows(self) -> list[ListRow]:
        """What is shown."""
        return [self.item(at).data(ROLE) for at in range(self.count())]

    def current(self) -> ListRow | None:
        """The current row."""
        row = self.currentIndex().data(ROLE)
        return row if isinstance(row, ListRow) else None

    def step(self, by: int) -> None:
        """Go to the next row (1) or the one before (-1) that is no heading, round the ends."""
        at = self.currentRow()
        for _ in range(self.count()):
            at = (at + by) % self.count()
            if not self.item(at).data(ROLE).heading:
                self.setCurrentRow(at)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses; what the list does not know is told."""
        row = self.current()
        if row is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_row.emit(row.key)
            return
        if row is not None:
            event.ignore()
            self.key_pressed.emit(row.key, event)
            if event.isAccepted():
                return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on an icon at the right, or on the row."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        row = index.data(ROLE)
        if not isinstance(row, ListRow) or row.heading or event.button() is not Qt.MouseButton.LeftButton:
            return
        for at, (what, _, _) in enumerate(reversed(row.marks)):
            right = self.viewport().width() - EDGE - at * self._theme.px(MARK)
            if right - self._theme.px(MARK) <= event.position().x() < right:
                self.mark_clicked.emit(row.key, what)
                return
        self.entered_row.emit(row.key)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        super().leaveEvent(event)
        self.viewport().update()

    def _restyle(self) -> None:
        for at in range(self.count()):
            self.item(at).setSizeHint(QSize(10, self._theme.px(HEIGHT)))
        self.viewport().update()


class _Delegate(QStyledItemDelegate):
    """Paints a row."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = index.data(ROLE)
        theme, box = self._theme, QRectF(option.rect)
        state = option.state
        painter.save()
        if row.heading:
            draw_text(painter, box.adjusted(EDGE, 4, -EDGE, 0), row.title, theme.font(11, 600), theme.color("text3"))
            painter.restore()
            return
        inner = box.adjusted(2, 1, -2, -1)
        if state & QStyle.StateFlag.State_Selected:
            focused = bool(state & QStyle.StateFlag.State_HasFocus)
            draw_box(painter, inner, 6, theme.color("accent_bg"), theme.color("accent"), 2.0 if focused else 1.0)
        elif state & QStyle.StateFlag.State_MouseOver:
            draw_box(painter, inner, 6, theme.color("hover"))
        right = self._right(painter, row, box)
        left = box.left() + EDGE + row.indent * theme.px(18)
        if row.icon:
            icon = theme.icon(row.icon, 15, "text2" if row.enabled else "text3")
            painter.drawPixmap(QPointF(left, box.center().y() - theme.px(15) / 2), icon)
            left += theme.px(15) + 8
        font = theme.font(13, 500)
        title = QFontMetricsF(font).elidedText(row.title, Qt.TextElideMode.ElideRight, max(0.0, right - left))
        place = QRectF(left, box.top(), right - left, box.height())
        draw_text(painter, place, title, font, theme.color("text" if row.enabled else "text3"), LEFT)
        left += text_width(font, title) + 10
        if row.detail and right - left > theme.px(40):
            small = theme.font(12)
            detail = QFontMetricsF(small).elidedText(row.detail, Qt.TextElideMode.ElideRight, right - left)
            draw_text(painter, QRectF(left, box.top(), right - left, box.height()), detail, small, theme.color("text3"))
        painter.restore()

    def _right(self, painter: QPainter, row: ListRow, box: QRectF) -> float:
        """Paint what stands at the right; returns where it begins."""
        theme, right = self._theme, box.right() - EDGE
        for _, icon, on in reversed(row.marks):
            size = theme.px(15)
            place = QPointF(right - theme.px(MARK) / 2 - size / 2, box.center().y() - size / 2)
            painter.drawPixmap(place, theme.icon(icon, 15, "accent" if on else "text3"))
            right -= theme.px(MARK)
        if row.keys:
            right -= chip_width(theme, row.keys)
            draw_chip(painter, theme, right, box.center().y(), row.keys, theme.color("text3"), theme.color("line2"))
        return right - 8
