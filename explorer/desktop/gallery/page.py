"""The start page: all lessons, scenarios, labs and recent runs as cards, a search, and the ways into the window."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.actions import typing
from explorer.desktop.gallery.board import SIDES, Board
from explorer.desktop.gallery.cards import LESSONS, SECTIONS, Card, matching
from explorer.desktop.gallery.going import Going, GoingLine
from explorer.desktop.labs.entry import LabPage
from explorer.desktop.messages import Messages
from explorer.desktop.panels.key_words import SEARCH, KeyLine
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.combo import Combo
from explorer.desktop.widgets.heading import Divider, Mark
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.paint import text_width
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.widgets.search_line import SearchLine
from explorer.desktop.widgets.segmented import SegmentedControl
from explorer.desktop.widgets.status import StatusCell, Words

ALL: Final = "All"
RELOAD_MS: Final = 1000
"""How often the lessons' folders are looked at while the page is seen."""
MARGIN: Final = 12
HEADING: Final = 21
LOW_PAGE: Final = 420
"""In a lower one the cards would have no room below all else."""
BESIDE: Final = QBoxLayout.Direction.LeftToRight
NUMBERS: Final = (
    "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve", "Thirteen",
    "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen", "Twenty", "Twenty-one", "Twenty-two",
    "Twenty-three", "Twenty-four",
)  # fmt: skip
SENTENCE: Final = "A lesson takes five to seven minutes: look, predict, run, reveal, try. A scenario runs at once."
ACTING: Final = (
    "palette", "view_options", "high_contrast", "patterns", "reduced_motion", "open", "recent", "open_app",
)  # fmt: skip


class GalleryPage(LabPage):
    """`chosen(Card)` follows a card, `run_asked` the button that runs something at once; `left`: explore freely.

    `cards()` gives all cards as they are now, `going()` the run that goes on elsewhere in the window.
    """

    acting = ACTING
    keys = (
        (
            "Start page",
            (
                KeyLine(("←", "→", "↑", "↓"), "From card to card"),
                KeyLine(("Enter",), "Open the card"),
                KeyLine(("R",), "Run something now"),
                KeyLine(("Esc",), "Explore freely"),
            ),
        ),
        (SEARCH, (KeyLine(("/",), "Search the cards"),)),
    )
    chosen = Signal(object)
    run_asked = Signal()

    def __init__(
        self,
        theme: Theme,
        cards: Callable[[], Sequence[Card]],
        status: Callable[[], str],
        going: Callable[[], Going | None] = lambda: None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._cards, self._status_words = theme, cards, status
        self._shown: tuple[Card, ...] = ()
        self._heading = Label(theme, "", HEADING, 700, wrap=True)
        self._sentence = Label(theme, SENTENCE, 13, color="text2", wrap=True)
        self.board = Board(theme)
        self.search = SearchLine(theme, "Search", name="Search lessons, scenarios, labs and runs", keys="/", height=32)
        self.search.setFixedWidth(theme.px(220))
        self.which = SegmentedControl(theme, [(one, one) for one in (ALL, *SECTIONS)], name="What to show")
        self.groups = Combo(theme, [("", "All subjects", "")], name="Subject of the lessons")
        self.run = Button(theme, "Run something now", icon="play", kind=ButtonKind.PRIMARY, shortcut="R", height=34)
        self.explore = Button(theme, "Explore freely", icon="arrow-right", shortcut="Esc", height=34)
        self.messages = Messages(theme)
        self.going = GoingLine(theme, going)
        self._look = Button(theme, icon="sun", kind=ButtonKind.GHOST, height=32, name="Dark or light (Ctrl+T)")
        self._keys = Button(theme, icon="keyboard", kind=ButtonKind.GHOST, height=32, name="Keys (?)")
        self._open = Button(theme, "Open", icon="folder-open", kind=ButtonKind.GHOST, height=32, name="Open (Ctrl+O)")
        self._app = Button(
            theme, "Open your app", icon="code", kind=ButtonKind.GHOST, height=32, name="Open your app (Ctrl+Shift+O)"
        )
        self._status = StatusCell(theme, "This computer")
        self._reload = QTimer(self)
        self._reload.setInterval(RELOAD_MS)
        self._reload.timeout.connect(self.refresh)
        self._lay_out()
        self._connect()

    def enter(self) -> None:
        """The page is shown now: as its cards are now."""
        self.board.picked = False
        self.refresh()
        self.going.refresh()

    def tell(self, title: str, sentence: str) -> None:
        """Say something on the page."""
        self.messages.inform(title, sentence)

    def refresh(self) -> None:
        """Show the cards as they are now; a lesson whose folder was changed is read again."""
        found = tuple(self._cards())
        if found != self._shown:
            self._shown = found
            self._offer_groups()
            self._show()
        self._status.set_words([Words(self._status_words())])

    # -- what is shown ---------------------------------------------------------------------------------------------

    def _show(self) -> None:
        section = "" if self.which.current() == ALL else self.which.current()
        found = matching(self._shown, self.search.text(), section, self.groups.current())
        sections = [(title, [card for card in found if card.section == title]) for title in self._order(section)]
        typed = self.search.text().strip()
        nothing = f"Nothing is called '{typed}'." if typed else "There is nothing here yet."
        self.board.show_cards(sections, nothing if not found else "")
        lessons = sum(card.section == LESSONS and not card.broken for card in self._shown)
        number = NUMBERS[lessons] if lessons < len(NUMBERS) else f"{lessons}"
        shapes = "shape" if lessons == 1 else "shapes"
        self._heading.setText(f"{number} {shapes} worth remembering" if lessons else "What would you like to see?")
        self._stack()

    def _order(self, section: str) -> tuple[str, ...]:
        return (section,) if section else SECTIONS

    def _offer_groups(self) -> None:
        groups = list(dict.fromkeys(card.group for card in self._shown if card.group))
        chosen = self.groups.current()
        self.groups.set_options([("", "All subjects", ""), *((one, one, "") for one in groups)])
        self.groups.set_current(chosen if chosen in groups else "")
        self.groups.setVisible(len(groups) > 1)

    def _choose_group(self, group: str) -> None:
        if group and self.which.current() not in (ALL, LESSONS):
            self.which.set_current(LESSONS)
        self._show()

    def _reveal(self, place: QRect) -> None:
        """Scroll so that a card is in sight, with the heading above the first row."""
        bar, high = self.area.verticalScrollBar(), self.area.viewport().height()
        place = place.translated(0, self.board.y())
        margin = self._theme.px(MARGIN) + self._theme.px(30)
        if place.top() - margin < bar.value():
            bar.setValue(max(0, place.top() - margin))
        elif place.bottom() + margin > bar.value() + high:
            bar.setValue(place.bottom() + margin - high)

    # -- composition -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme, px = self._theme, self._theme.px
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addStretch(1)
        words.addWidget(self._heading)
        words.addWidget(self._sentence)
        words.addStretch(1)
        ways, finding = QHBoxLayout(), QHBoxLayout()
        ways.addWidget(self.explore)
        ways.addWidget(self.run)
        finding.addWidget(self.groups)
        finding.addStretch(1)
        finding.addWidget(self.search)
        self._head, self._tools = QBoxLayout(BESIDE), QBoxLayout(BESIDE)
        self._head.addLayout(words, 1)
        self._head.addLayout(ways)
        self._head.setAlignment(ways, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._tools.addWidget(self.which)
        self._tools.addLayout(finding, 1)
        self._rows = (self._head, self._tools, ways, finding)
        self._above = QWidget()
        above = QVBoxLayout(self._above)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(0)
        above.addLayout(self._head)
        above.addLayout(self._tools)
        scrolled = QWidget()
        self._scrolled = QVBoxLayout(scrolled)
        self._scrolled.setContentsMargins(0, 0, 0, 0)
        self._scrolled.setSpacing(0)
        self._scrolled.addWidget(self.board)
        self._scrolled.addStretch(1)
        self.area = ScrollArea(scrolled, see_through=True)
        self.board.setAutoFillBackground(False)
        self._top, self._foot = self._make_top(), self._make_foot()
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top)
        column.addWidget(Divider(theme))
        column.addWidget(self.going)
        column.addWidget(self.messages)
        column.addWidget(self._above)
        column.addWidget(self.area, 1)
        column.addWidget(Divider(theme))
        column.addWidget(self._foot)

    def _make_top(self) -> QWidget:
        theme, top = self._theme, QWidget()
        line = QHBoxLayout(top)
        line.setContentsMargins(14, 0, 12, 0)
        line.setSpacing(8)
        line.addWidget(Mark(theme))
        line.addSpacing(4)
        line.addWidget(ElidedLabel(theme, "Concurrency Explorer", 15, 600), 1)
        for button in (self._app, self._open, self._keys, self._look):
            line.addWidget(button)
        return top

    def _make_foot(self) -> QWidget:
        foot = QWidget()
        line = QHBoxLayout(foot)
        line.setContentsMargins(12, 0, 12, 0)
        line.addWidget(self._status)
        line.addStretch(1)
        return foot

    def _connect(self) -> None:
        self.board.chosen.connect(self.chosen)
        self.board.moved.connect(self._reveal)
        self.search.changed.connect(lambda text: self._show())
        self.search.stepped.connect(lambda step: self._to_cards())
        self.search.line.entered.connect(self._open_first)
        self.search.escaped.connect(self._end_search)
        self.which.chosen.connect(lambda which: self._show())
        self.groups.chosen.connect(self._choose_group)
        self.run.clicked.connect(self.run_asked)
        self.explore.clicked.connect(self.left)
        self._look.clicked.connect(self.theme_asked)
        commands: Mapping[Button, str] = {self._open: "open", self._app: "open_app", self._keys: "keys"}
        for button, command in commands.items():
            button.clicked.connect(lambda _=False, command=command: self.command_asked.emit(command))
        for keys, act in (("/", self._search), ("R", self._run), ("Esc", self.left.emit)):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(act)
        self._theme.changed.connect(self._fit)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Start page")
        self._fit()

    # -- hands -----------------------------------------------------------------------------------------------------

    def _search(self) -> None:
        self.search.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _run(self) -> None:
        if not typing(QApplication.focusWidget()):
            self.run_asked.emit()

    def _to_cards(self) -> None:
        self.board.set_current(self.board.current, focus=True)

    def _open_first(self) -> None:
        """Enter in the search opens what it found first."""
        if self.search.text().strip() and self.board.buttons:
            self.board.buttons[0].click()

    def _end_search(self) -> None:
        """Esc in the search empties it, then goes back to the cards."""
        if self.search.text():
            self.search.set_text("")
            self._show()
        self._to_cards()

    # -- Qt --------------------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        px = self._theme.px
        self._top.setFixedHeight(px(48))
        self._foot.setFixedHeight(px(28))
        self.search.setFixedWidth(px(220))
        self._look.set_text("", "sun" if self._theme.dark else "moon")
        roomy = self.width() >= px(900)
        for button in (self.run, self.explore):
            button.show_chip(roomy)
        self._head.setContentsMargins(px(SIDES), px(12), px(SIDES), px(4))
        self._tools.setContentsMargins(px(SIDES), px(4), px(SIDES), px(10))
        for row in self._rows:
            row.setSpacing(px(8))
        self._stack()

    def _stack(self) -> None:
        """What has no room side by side stands one below the other; in a low window it scrolls with the cards."""
        room = self.width() - 2 * self._theme.px(SIDES)
        heading = text_width(self._theme.font(HEADING, 700), self._heading.text())
        for row, wide in ((self._head, heading), (self._tools, self.which.sizeHint().width())):
            item = row.itemAt(1)
            beside = item is not None and wide + row.spacing() + item.sizeHint().width() <= room
            row.setDirection(BESIDE if beside else QBoxLayout.Direction.TopToBottom)
        low = self.height() < self._theme.px(LOW_PAGE)
        if low != (self._scrolled.indexOf(self._above) >= 0):
            self._scrolled.removeWidget(self._above)
            self._column.removeWidget(self._above)
            if low:
                self._scrolled.insertWidget(0, self._above)
            else:
                self._column.insertWidget(self._column.indexOf(self.area), self._above)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is for the cards."""
        super().focusInEvent(event)
        self._to_cards()

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the folders while somebody sees the page."""
        super().showEvent(event)
        self._reload.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """And no longer."""
        super().hideEvent(event)
        self._reload.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What has room."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bars at top and foot on the ground."""
        painter, theme = QPainter(self), self._theme
        painter.fillRect(self.rect(), theme.color("bg"))
        for bar in (self._top, self._foot):
            painter.fillRect(bar.geometry(), theme.color("panel"))
        painter.end()
