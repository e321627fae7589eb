"""At the right of a lesson: the code that the requests run, with the line at which they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.collect.lanes import LANE_LIMIT
from explorer.desktop.labs.locks.code_panel import INKS
from explorer.desktop.labs.locks.source import Ink, Line
from explorer.desktop.lessons.code_of import Listing, Spot
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_box, draw_text

LINE: Final = 22
NUMBERS: Final = 36
PAD: Final = 9
BREAKS: Final = (" ,([", ".")
ASIDES: Final = ("the handler", "its work")
READY: Final = {
    "stops": "each request stops here",
    "waits": "each request waits here; others go on",
    "computes": "each request computes here",
}


class CodePanel(QWidget):
    """The listings one below the other, and one line about who is at the spot."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._parts: list[QWidget] = []
        self.boxes: list[CodeBox] = []
        self._told: Label | None = None
        self.spot: Spot | None = None

    def show_listings(self, listings: Sequence[Listing]) -> None:
        """Show these, none: nothing."""
        for part in self._parts:
            self._column.removeWidget(part)
            part.deleteLater()
        self._parts, self.boxes, self._told, self.spot = [], [], None, None
        for at, listing in enumerate(listings):
            head = QWidget()
            row = QHBoxLayout(head)
            row.setContentsMargins(0, 6 * bool(at), 0, 0)
            row.addWidget(ElidedLabel(self._theme, listing.file, 12, 600, mono=True), 1)
            row.addWidget(Label(self._theme, ASIDES[min(at, 1)], 12, 400, "text3"))
            box = CodeBox(self._theme, listing)
            self.boxes.append(box)
            self._add(head, box)
            if listing.spot is not None:
                self.spot = listing.spot
                self._told = Label(self._theme, "", 12, 600, "accent", wrap=True)
                self._add(self._told)
        self.show_standing(0, 0)

    def show_standing(self, now: int, most: int) -> None:
        """Say how many are at the spot now, or were there at once at most; none at all: what will be seen."""
        if self._told is None or self.spot is None:
            return
        words = f"↳ {READY[self.spot.how]}"
        # Of those that wait only as many are known as there are lanes for requests.
        verb = {"stops": "stand", "waits": "wait", "computes": "compute"}[self.spot.how]
        if now:
            more = " or more" if verb == "wait" and now >= LANE_LIMIT else ""
            words = f"↳ {now:,}{more} {verb}{'s' * (now == 1)} here now"
        elif most:
            more = " or more" if verb == "wait" and most >= LANE_LIMIT else ""
            words = f"↳ {most:,} stood here at once" if verb == "stand" else f"↳ {most:,}{more} waited here at once"
        self._told.setText(words)

    def _add(self, *widgets: QWidget) -> None:
        for widget in widgets:
            self._column.addWidget(widget)
            self._parts.append(widget)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the listing, or a part of one that is longer than there is room for: `number` is 0 for the rest."""

    number: int
    pieces: tuple[tuple[str, Ink], ...]
    marked: bool = False


def wrapped(line: Line, letters: int, marked: bool) -> list[Row]:
    """A line in rows of at most `letters` letters, broken behind a space or a comma, else behind a dot; what follows
    stands further in.
    """
    rows: list[Row] = []
    text, begin, further = line.text, 0, ""
    inks = [ink for piece, ink in line.pieces for _ in piece]
    indent = len(text) - len(text.lstrip())
    while begin < len(text) or not rows:
        room = max(letters - len(further), 8)
        end = len(text)
        if end - begin > room:
            places = [at for at in range(begin + indent + 1, begin + room + 1) if text[at : at + 1] != ")"]
            spots = [[at for at in places if text[at - 1] in signs and at < end] for signs in BREAKS]
            end = next((found[-1] for found in spots if found), begin + room)
        pieces: list[tuple[str, Ink]] = [(further, Ink.PLAIN)] if further else []
        for at in range(begin, end):
            if pieces and pieces[-1][1] is inks[at]:
                pieces[-1] = (pieces[-1][0] + text[at], inks[at])
            else:
                pieces.append((text[at], inks[at]))
        rows.append(Row(line.number if not rows else 0, tuple(pieces), marked))
        begin, further, indent = end, further or " " * (indent + 8), 0
        while begin < len(text) and text[begin] == " ":
            begin += 1
    return rows


class CodeBox(QWidget):
    """Paints the functions of a listing, long lines broken."""

    def __init__(self, theme: Theme, listing: Listing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: list[Line | None] = []
        for at, lines in enumerate(listing.functions):
            self._lines += [None] * bool(at) + list(lines)
        self._spot = listing.spot
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(f"Source of {listing.file}")
        self.setAccessibleDescription("\n".join(line.text for line in self._lines if line is not None))
        theme.changed.connect(self.updateGeometry)

    @property
    def marked(self) -> int:
        """The number of the line that is marked; 0 for none."""
        return self._spot.line if self._spot is not None else 0

    def rows(self, width: int) -> list[Row | None]:
        """What is painted at this width; None: a gap between two functions."""
        letter = QFontMetricsF(self._theme.font(12, 400, True)).horizontalAdvance("0")
        letters = max(12, int((width - self._theme.px(NUMBERS + PAD)) / letter))
        found: list[Row | None] = []
        for line in self._lines:
            found += [None] if line is None else wrapped(line, letters, line.number == self.marked)
        return found

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(self._theme.px(260), self.heightForWidth(self.width() or self._theme.px(280)))

    def heightForWidth(self, width: int) -> int:
        """The height of the rows at this width."""
        return self._theme.px(LINE) * len(self.rows(width)) + 2 * self._theme.px(PAD)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Rows, and those of the line that is marked."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        draw_box(painter, QRectF(self.rect()), 7, theme.color("bg"))
        for at, row in enumerate(self.rows(self.width())):
            if row is None:
                continue
            box = QRectF(0, px(PAD) + at * px(LINE), self.width(), px(LINE))
            if row.marked:
                painter.fillRect(box, theme.color("accent_bg"))
                painter.fillRect(QRectF(0, box.top(), px(3), box.height()), theme.color("accent"))
            number = QRectF(0, box.top(), px(NUMBERS) - 10, box.height())
            words = str(row.number or "")
            draw_text(painter, number, words, theme.font(11, 400, True), theme.color("text3"), RIGHT)
            x = float(px(NUMBERS))
            for text, ink in row.pieces:
                font = theme.font(12, 600 if ink is Ink.KEYWORD else 400, True)
                place = QRectF(x, box.top(), 4000, box.height())
                draw_text(painter, place, text, font, theme.color(INKS[ink]), LEFT)
                x += QFontMetricsF(font).horizontalAdvance(text)
        painter.end()
