"""A field above each ladder: its level and its database, behind it a menu of both."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QAction, QActionGroup, QFontMetricsF, QPainter, QPaintEvent, Qt
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from explorer.desktop.labs.isolation.compare.databases import Choice
from explorer.desktop.labs.isolation.compare.side import Side
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_text, text_width

WIDTH = 330
HEIGHT = 32


class Chooser(QAbstractButton):
    """Signals: `level_chosen(level)`, `database_chosen(Choice)`. `databases` are asked for when the menu is opened."""

    level_chosen = Signal(str)
    database_chosen = Signal(object)

    def __init__(
        self,
        theme: Theme,
        side: Side,
        name: str,
        databases: Callable[[], Sequence[Choice]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._side, self._name, self._databases = theme, side, name, databases
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._ring = FocusRing(theme, self, radius=6)
        self.clicked.connect(self.open_menu)
        side.changed.connect(self._show)
        theme.changed.connect(self.updateGeometry)
        self._show()

    def menu(self) -> QMenu:
        """Levels of this side's database, then the other databases."""
        menu = QMenu(self)
        facts = self._side.facts
        levels = QActionGroup(menu)
        for level in facts.levels if facts is not None else ():
            action = _checkable(menu, level, level == self._side.level)
            levels.addAction(action)
            action.triggered.connect(lambda _=False, level=level: self.level_chosen.emit(level))
        menu.addSeparator()
        group = QActionGroup(menu)
        for choice in self._databases():
            action = _checkable(menu, choice.title, choice.target == self._side.target)
            group.addAction(action)
            action.triggered.connect(lambda _=False, choice=choice: self.database_chosen.emit(choice))
        return menu

    def open_menu(self) -> None:
        """Offer them."""
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def sizeHint(self) -> QSize:
        """Room for a level and an engine's name."""
        return QSize(self._theme.px(WIDTH), self._theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """The level."""
        return QSize(self._theme.px(190), self._theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Level, database, chevron."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        fill = "hover" if self.underMouse() else "raised"
        draw_box(painter, QRectF(self.rect()), 6, theme.color(fill), theme.color("line2"))
        painter.drawPixmap(
            QPointF(self.width() - px(24), (self.height() - px(14)) / 2), theme.icon("chevron-down", 14, "text3")
        )
        font, small = theme.font(13, 600), theme.font(12)
        room = QRectF(px(12), 0, self.width() - px(40), self.height())
        draw_text(painter, room, self.text(), font, theme.color("text"), LEFT)
        left = room.left() + text_width(font, self.text()) + px(9)
        words = QFontMetricsF(small).elidedText(self._database, Qt.TextElideMode.ElideRight, room.right() - left)
        draw_text(
            painter, QRectF(left, 0, room.right() - left, self.height()), words, small, theme.color("text2"), LEFT
        )
        painter.end()

    def _show(self) -> None:
        side = self._side
        facts = side.facts
        self._database = f"{side.starting} is starting" if side.starting else facts.title if facts is not None else ""
        self.setText(side.level or "No level yet")
        self.setAccessibleName(f"{self._name}: {self.text()}, {self._database}")
        self.setEnabled(not side.starting)
        self.update()


def _checkable(menu: QMenu, title: str, checked: bool) -> QAction:
    action = menu.addAction(title)
    action.setCheckable(True)
    action.setChecked(checked)
    return action
