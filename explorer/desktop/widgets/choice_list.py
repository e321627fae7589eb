"""A question with one answer: closed it is the card of the current choice, open it is the list, in the same place."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.choice import Choice, ChoiceItem
from explorer.desktop.widgets.choice_box import ChoiceBox, grouped
from explorer.desktop.widgets.entry import hand_back_keyboard


class ChoiceList(QWidget):
    """Shows `items`; `chosen(id)` follows a choice of the user, `opened(bool)` each opening and closing."""

    chosen = Signal(str)
    opened = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        items: Sequence[ChoiceItem],
        *,
        current: str,
        name: str = "",
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._compact = compact
        self._open = False
        self._current = current
        self._rows: list[Choice] = []
        self._items: dict[str, ChoiceItem] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._card = Choice(theme, _of(items, current), form="card", compact=compact)
        self._card.clicked.connect(self._open_by_card)
        self._box = ChoiceBox(theme)
        self._box.left_down.connect(self._enter_rows)
        self._box.taken.connect(self._take_first)
        self._box.given_up.connect(self._give_up_filter)
        self._box.set_compact(compact)
        self._column.addWidget(self._card)
        self._column.addWidget(self._box)
        self.setAccessibleName(name)
        self.set_items(items, current)
        self._show()

    @property
    def current(self) -> str:
        """The id of the choice."""
        return self._current

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self._open

    def rows(self) -> Sequence[Choice]:
        """The rows of the open list, in order."""
        return tuple(self._rows)

    def set_items(self, items: Sequence[ChoiceItem], current: str) -> None:
        """Offer other items, or the same with other reasons. An unknown `current` raises KeyError."""
        self._current = current
        card = _of(items, current)
        items = grouped(items)
        if [item.id for item in items] == list(self._items):
            for row, item in zip(self._rows, items, strict=True):
                if row.item != item:
                    row.set_item(item)
        else:
            self._build(items)
        self._items = {item.id: item for item in items}
        self._card.set_item(card)
        self._mark()

    def set_current(self, id_: str) -> None:
        """Choose without telling. An unknown id raises KeyError."""
        self._card.set_item(self._items[id_])
        self._current = id_
        self._mark()

    def set_compact(self, compact: bool) -> None:
        """Short forms, and close after choosing."""
        self._compact = compact
        self._card.set_compact(compact)
        self._box.set_compact(compact)
        for row in self._rows:
            row.set_compact(compact)

    def set_open(self, open_: bool) -> None:
        """Open or close the list."""
        if open_ != self._open:
            had_focus = self.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
            self._open = open_
            self._show()
            if had_focus:
                self.focus_current(Qt.FocusReason.OtherFocusReason)
            self.opened.emit(open_)

    def focus_current(self, reason: Qt.FocusReason = Qt.FocusReason.ShortcutFocusReason) -> None:
        """Give the keyboard to the card, or to the current row of the open list."""
        row = next((row for row in self._box.shown() if row.item.id == self._current), None)
        if self._open and row is not None:
            row.setFocus(reason)
            self._box.reveal(row)
        else:
            self._card.setFocus(reason)

    def event(self, event: QEvent) -> bool:
        """In an open list that can be filtered, letters are for the filter, not the window's shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._filters(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes the list, a letter filters it."""
        if event.key() == Qt.Key.Key_Escape and self._open:
            self.set_open(False)
            self.focus_current()
        elif self._filters(event):
            self._box.filter.setFocus(Qt.FocusReason.OtherFocusReason)
            self._box.filter.end(False)
            self._box.filter.insert(event.text())
        else:
            super().keyPressEvent(event)

    def _filters(self, event: QKeyEvent) -> bool:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        return self._open and self._box.is_long and plain and _is_word(event.text())

    def _enter_rows(self) -> None:
        left = self._box.shown()
        if left:
            self._focus(left[0])

    def _take_first(self) -> None:
        row = next((row for row in self._box.shown() if row.item.available), None)
        if row is not None and self._box.filter.text():
            self._focus(row)
            self._choose(row)

    def _give_up_filter(self) -> None:
        self._box.filter.clear()
        self.focus_current()

    def _focus(self, row: Choice) -> None:
        row.setFocus(Qt.FocusReason.TabFocusReason)
        self._box.reveal(row)

    def _open_by_card(self) -> None:
        keyboard = self._card.hasFocus()
        self.set_open(True)
        if keyboard:
            self.focus_current()
        elif self._box.is_long:  # what is typed now is for the filter
            self.focus_current(Qt.FocusReason.MouseFocusReason)

    def _choose(self, row: Choice) -> None:
        if not row.item.available:
            return
        focus = QApplication.focusWidget()
        if focus is not None and focus is not row and self.isAncestorOf(focus):
            hand_back_keyboard(focus)  # chosen with the mouse: keys are the window's again
        again = row.item.id == self._current
        if again or self._compact:
            self.set_open(False)
        if not again:
            self.set_current(row.item.id)
            self.chosen.emit(row.item.id)

    def _step(self, row: Choice, by: int) -> None:
        left = self._box.shown()
        place = left.index(row) + by
        if 0 <= place < len(left):
            self._focus(left[place])
        elif place < 0 and self._box.is_long:
            self._box.filter.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self, items: Sequence[ChoiceItem]) -> None:
        self._rows = []
        for item in items:
            row = Choice(self._theme, item, compact=self._compact)
            row.clicked.connect(lambda _checked=False, row=row: self._choose(row))
            row.step_asked.connect(lambda by, row=row: self._step(row, by))
            self._rows.append(row)
        self._box.fill(self._rows)

    def _mark(self) -> None:
        if self._open and self._current not in [row.item.id for row in self._box.shown()]:
            self._box.filter.clear()  # chosen elsewhere: it must not hide what is the case
        for row in self._rows:
            row.set_selected(row.item.id == self._current)

    def _show(self) -> None:
        self._card.setVisible(not self._open)
        self._box.setVisible(self._open)
        self._box.filter.clear()


def _is_word(text: str) -> bool:
    """Whether a key gives something to filter by; Space chooses a row."""
    return text.isprintable() and bool(text.strip())


def _of(items: Sequence[ChoiceItem], id_: str) -> ChoiceItem:
    for item in items:
        if item.id == id_:
            return item
    raise KeyError(f"There is no choice called '{id_}'.")
