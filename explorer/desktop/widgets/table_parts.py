"""What tables of the window share: the line of titles, and the ground of a row that is chosen or under the pointer."""

from PySide6.QtCore import QAbstractItemModel, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyleOptionViewItem, QTableView

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import LEFT, draw_text

ROW = 22
MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)
"""Keys that go from row to row; others are the window's."""


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


class ListTable(QTableView):
    """Rows of one line that are chosen as a whole; `empty` is said where there are none, `inset` px from the left."""

    def __init__(self, theme: Theme, model: QAbstractItemModel, *, inset: int = 0) -> None:
        super().__init__()
        self.theme = theme
        self.empty = ""
        self._inset = inset
        self.setModel(model)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self._ring = FocusRing(theme, self, radius=2)
        theme.changed.connect(self.restyle)

    def fit(self) -> None:
        """Divide the room among the columns."""

    def restyle(self) -> None:
        """Take the measures and colours of the theme."""
        self.verticalHeader().setDefaultSectionSize(self.theme.px(ROW))
        self.horizontalHeader().setFixedHeight(self.theme.px(ROW))
        self.fit()
        self.viewport().update()

    def keyboardSearch(self, search: str) -> None:
        """Letters do not search."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the room anew."""
        super().resizeEvent(event)
        self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or the sentence that stands for them.

        The ground is painted here: Qt's style sheet keeps the palette of a table through a change of theme.
        """
        ground = QPainter(self.viewport())
        ground.fillRect(event.rect(), self.theme.color("panel"))
        ground.end()
        super().paintEvent(event)
        if not self.model().rowCount():
            painter = QPainter(self.viewport())
            inset = self.theme.px(self._inset)
            place = QRectF(inset, 0, self.viewport().width() - inset - self._inset, self.theme.px(ROW) + 8)
            draw_text(painter, place, self.empty, self.theme.font(12), self.theme.color("text2"), LEFT)
            painter.end()
