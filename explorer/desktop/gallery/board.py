"""The cards by section, in columns; arrow keys go from card to card, over the sections' borders."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.gallery.card_button import CardButton
from explorer.desktop.gallery.cards import LESSONS, Card
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import Label

GAP: Final = 14
NARROWEST: Final = 216
MOST: Final = 6
HEAD: Final = 30
SIDES: Final = 24


class Board(QWidget):
    """`chosen(Card)`: a card was opened; `moved(QRect)`: where the keyboard is now."""

    chosen = Signal(object)
    moved = Signal(QRect)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sections: list[tuple[str, list[Card]]] = []
        self._heads: dict[str, Label] = {}
        self.buttons: list[CardButton] = []
        self.picked = False
        """Whether somebody went to the present card: else it is only the first, or the one of last time."""
        self._nothing = Label(theme, "", 14, color="text2", parent=self)
        self._nothing.hide()
        self._height = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._place)

    @property
    def current(self) -> CardButton | None:
        """The card that the keyboard is at, or was last."""
        return next((button for button in self.buttons if button.current), None)

    def show_cards(self, sections: Sequence[tuple[str, Sequence[Card]]], nothing: str = "") -> None:
        """Show these; cards that stay the same stay where the keyboard is. `nothing` is said when there are none."""
        wanted = [(title, list(cards)) for title, cards in sections if cards]
        if wanted == self._sections and bool(nothing) == self._nothing.isVisibleTo(self):
            return
        before = self.current
        key = (before.card.section, before.card.key) if before is not None else None
        focused = before is not None and before.hasFocus()
        kept = {(button.card.section, button.card.key): button for button in self.buttons}
        self._sections = wanted
        cards = [card for _, some in wanted for card in some]
        self.buttons = [self._button(card, kept) for card in cards]
        for button in kept.values():
            if button not in self.buttons:
                button.hide()
                button.deleteLater()
        self._show_heads(wanted)
        self._nothing.setText(nothing)
        self._nothing.setVisible(not wanted and bool(nothing))
        self._place()
        same = next((button for button in self.buttons if (button.card.section, button.card.key) == key), None)
        self.set_current(same or (self.buttons[0] if self.buttons else None), focus=focused)

    def set_current(self, button: CardButton | None, *, focus: bool = False) -> None:
        """Outline this card; with `focus` the keyboard goes there."""
        for one in self.buttons:
            one.set_current(one is button)
        if button is not None and focus:
            button.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.moved.emit(button.geometry())

    def step(self, dx: int, dy: int) -> None:
        """Go to the card beside the present one: the next in the row, or the nearest in the row above or below."""
        here = self.current
        if here is None:
            return
        self.picked = True
        at = self.buttons.index(here)
        if dx:
            self.set_current(self.buttons[min(max(at + dx, 0), len(self.buttons) - 1)], focus=True)
            return
        place = here.geometry().center()
        rows = sorted({button.y() for button in self.buttons if (button.y() - here.y()) * dy > 0}, reverse=dy < 0)
        if rows:
            row = [button for button in self.buttons if button.y() == rows[0]]
            self.set_current(min(row, key=lambda one: abs(one.geometry().center().x() - place.x())), focus=True)

    def sizeHint(self) -> QSize:
        """As high as all cards."""
        return QSize(self._theme.px(900), self._height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer columns."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._place()

    def _button(self, card: Card, kept: dict[tuple[str, str], CardButton]) -> CardButton:
        old = kept.get((card.section, card.key))
        if old is not None and old.card == card:
            return old
        button = CardButton(self._theme, card, self)
        button.clicked.connect(lambda: self.chosen.emit(card))
        button.moved.connect(self.step)
        button.focused.connect(lambda by_hand: self._focused(button, by_hand))
        button.show()
        return button

    def _focused(self, button: CardButton, by_hand: bool) -> None:
        self.picked = self.picked or by_hand
        self.set_current(button)

    def _show_heads(self, sections: Sequence[tuple[str, Sequence[Card]]]) -> None:
        titles = [title for title, _ in sections]
        for title in [one for one in self._heads if one not in titles]:
            self._heads.pop(title).deleteLater()
        for title in titles:
            if title not in self._heads:
                self._heads[title] = Label(self._theme, title, 13, 600, "text2", parent=self)
                self._heads[title].show()

    def _place(self) -> None:
        px = self._theme.px
        sides, gap = px(SIDES), px(GAP)
        room = max(1, self.width() - 2 * sides)
        columns = min(MOST, max(1, (room + gap) // (px(NARROWEST) + gap)))
        wide = (room - gap * (columns - 1)) / columns
        y, at = 0, 0
        for number, (title, cards) in enumerate(self._sections):
            if len(self._sections) > 1 or title not in (LESSONS,):
                y += px(10) * bool(number)
                self._heads[title].setGeometry(sides, y, room, px(HEAD) - 6)
                self._heads[title].show()
                y += px(HEAD)
            else:
                self._heads[title].hide()
            for first in range(at, at + len(cards), columns):
                y += self._place_row(self.buttons[first : min(first + columns, at + len(cards))], y, wide) + gap
            at += len(cards)
        self._nothing.setGeometry(sides, px(24), room, px(30))
        self._height = max(y + px(10), px(80))
        self.setFixedHeight(self._height)
        self._order()

    def _place_row(self, buttons: Sequence[CardButton], y: int, wide: float) -> int:
        """Place a row of cards, and return its height: that of the card that needs most."""
        sides, gap = self._theme.px(SIDES), self._theme.px(GAP)
        foot = max(button.foot_for(int(wide)) for button in buttons)
        high = max(button.height_for(int(wide), foot) for button in buttons)
        for column, button in enumerate(buttons):
            left = sides + round(column * (wide + gap))
            right = sides + round(column * (wide + gap) + wide)
            button.setGeometry(left, y, right - left, high)
            button.set_foot(foot)
        return high

    def _order(self) -> None:
        for before, after in zip(self.buttons, self.buttons[1:], strict=False):
            QWidget.setTabOrder(before, after)
