"""What tables of the window share: the line of titles, and the ground of a row that is chosen or under the pointer."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QStyle, QStyleOptionViewItem, QTableView

from explorer.desktop.theme import Theme

ROW = 22


class TableHead(QHeaderView):
    """The titles of the columns, one line high; who paints them overrides `paintSection`."""

    def __init__(self, theme: Theme, table: QTableView, name: str, *, clickable: bool = False) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self.theme = theme
        self.setMinimumSectionSize(1)
        self.setSectionsClickable(clickable)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The titles, and the same ground where there are none."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self.theme.color("panel"))
        painter.end()
        super().paintEvent(event)

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(super().sizeHint().width(), self.theme.px(ROW))


def paint_ground(painter: QPainter, theme: Theme, option: QStyleOptionViewItem) -> bool:
    """Fill a cell of a chosen row, or of one under the pointer; returns whether it is chosen."""
    chosen = bool(option.state & QStyle.StateFlag.State_Selected)
    if chosen or option.state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(option.rect, theme.color("accent_bg" if chosen else "hover"))
    return chosen
