"""The scenarios at the left in their groups, with a mark for what was measured at the present level, and a field to
find one.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from explorer.desktop.fuzzy import NONE, score
from explorer.desktop.labs.isolation.ladder.painter import RED, RED_DARK
from explorer.desktop.labs.isolation.outcome import HAPPENED
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_box, draw_text
from explorer.desktop.widgets.search_line import SearchLine
from explorer.labs.isolation.schedule import Schedule

TIGHT: Final = 22.5
ROOMY: Final = 27.0
TALL: Final = 760
"""From this height of the list on its rows have more air."""
HEADING: Final = 24
ROLE: Final = Qt.ItemDataRole.UserRole
MARK_ROLE: Final = ROLE + 1


class ScenarioList(QWidget):
    """`chosen(id)` follows a click, Enter or the arrow keys."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, schedules: Mapping[str, Schedule], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._schedules = schedules
        self._marks: dict[str, str] = {}
        self._edited: set[str] = set()
        self.field = SearchLine(theme, "Find a scenario", keys="/")
        self.list = QListWidget()
        self.list.setItemDelegate(_Delegate(theme, self.list))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName("Scenarios")
        self.list.setStyleSheet("QListWidget { background: transparent; outline: 0; }")
        self.list.currentRowChanged.connect(self._tell)
        self.list.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 11, 8, 6)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        self.field.changed.connect(lambda _: self._filter())
        self.field.stepped.connect(self.step)
        self.field.escaped.connect(self._clear)
        self.field.line.entered.connect(self._take)
        theme.changed.connect(self._measure)
        self._fill()

    # -- what is shown ---------------------------------------------------------------------------------------------

    def current(self) -> str:
        """The id of the one that is marked."""
        return str(self.list.currentIndex().data(ROLE) or "")

    def show_current(self, identity: str) -> None:
        """Mark another one."""
        blocked = self.list.blockSignals(True)
        for item in self._items():
            if item.data(ROLE) == identity:
                self.list.setCurrentItem(item)
        self.list.blockSignals(blocked)
        self.list.viewport().update()

    def show_marks(self, marks: Mapping[str, str]) -> None:
        """What was measured, by id: "happened" or "prevented"."""
        if marks == self._marks:
            return
        self._marks = dict(marks)
        for item in self._items():
            identity = str(item.data(ROLE) or "")
            item.setData(MARK_ROLE, marks.get(identity, ""))
            if identity:
                item.setText(self._spoken(identity))
        self.list.viewport().update()

    def step(self, by: int) -> None:
        """Go to the next one that is shown, or the one before, round the ends."""
        shown = [item for item in self._items() if item.data(ROLE) and not item.isHidden()]
        if shown:
            now = next((at for at, item in enumerate(shown) if item is self.list.currentItem()), -1 if by > 0 else 0)
            self.list.setCurrentItem(shown[(now + by) % len(shown)])

    def search(self) -> None:
        """To the field."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- composition -----------------------------------------------------------------------------------------------

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(at) for at in range(self.list.count())]

    def _fill(self) -> None:
        ordered = list(self._schedules.values())
        for group, several in groupby(ordered, key=lambda one: one.group):
            head = QListWidgetItem(group)
            head.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(head)
            for one in several:
                item = QListWidgetItem(self._spoken(one.id))
                item.setData(ROLE, one.id)
                item.setData(MARK_ROLE, "")
                item.setData(ROLE + 2, one.title)
                item.setToolTip(f"{one.id}: {one.sentence}")
                self.list.addItem(item)
        self._measure()

    def _spoken(self, identity: str) -> str:
        one, mark = self._schedules[identity], self._marks.get(identity, "")
        return f"{one.title}, {identity}{f', {mark} at this level' if mark else ''}. {one.sentence}"

    def _measure(self) -> None:
        high = ROOMY if self.height() >= self._theme.px(TALL) else TIGHT
        for item in self._items():
            item.setSizeHint(QSize(10, self._theme.px(high if item.data(ROLE) else HEADING)))

    def _filter(self) -> None:
        words = self.field.text().strip()
        shown_group = False
        for item in reversed(self._items()):
            identity = item.data(ROLE)
            if not identity:
                item.setHidden(not shown_group)
                shown_group = False
                continue
            one = self._schedules[identity]
            fits = not words or any(score(words, text) != NONE for text in (one.title, one.id))
            item.setHidden(not fits)
            shown_group = shown_group or fits

    def _take(self) -> None:
        """Enter in the field: the first that is shown, and the keyboard goes to the list."""
        at = self.list.currentRow()
        if at < 0 or self.list.item(at).isHidden():
            self.step(1)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clear(self) -> None:
        self.field.set_text("")
        self._filter()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self, at: int) -> None:
        if identity := self.current():
            self.chosen.emit(identity)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """The height of the rows follows that of the list."""
        if event.type() == QEvent.Type.Resize:
            self._measure()
        return False


class _Delegate(QStyledItemDelegate):
    """Paints a heading, or a scenario with its mark."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, px, box = self._theme, self._theme.px, QRectF(option.rect)
        painter.save()
        if not index.data(ROLE):
            place = box.adjusted(6, px(5), -6, 0)
            draw_text(painter, place, str(index.data()), theme.font(11, 600), theme.color("text2"), LEFT)
            painter.restore()
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            draw_box(painter, box, 6, theme.color("accent_bg"))
            focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
            if focused:
                draw_box(painter, box, 6, None, theme.color("accent"), 1.6)
            bar = QRectF(box.left(), box.top() + px(4), px(3), box.height() - px(8))
            draw_box(painter, bar, 1.5, theme.color("accent"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            draw_box(painter, box, 6, theme.color("hover"))
        font = theme.font(13, 600 if chosen else 400)
        room = box.adjusted(px(10), 0, -px(30), 0)
        words = QFontMetricsF(font).elidedText(str(index.data(ROLE + 2)), Qt.TextElideMode.ElideRight, room.width())
        draw_text(painter, room, words, font, theme.color("text"), LEFT)
        mark = index.data(MARK_ROLE)
        if mark:
            box_ = QRectF(box.right() - px(22), box.center().y() - px(6), px(12), px(12))
            draw_mark(painter, theme, box_, happened=mark == HAPPENED)
        painter.restore()


def draw_mark(painter: QPainter, theme: Theme, box: QRectF, *, happened: bool) -> None:
    """A filled red box with `!` (it happens), or an empty one (it is prevented)."""
    if happened:
        draw_box(painter, box, 3, QColor(RED_DARK if theme.dark else RED))
        draw_text(painter, box, "!", theme.font(11, 700), QColor("#FFFFFF"), CENTER)
    else:
        draw_box(painter, box.adjusted(0.5, 0.5, -0.5, -0.5), 3, None, theme.color("text3"), 1.2)
