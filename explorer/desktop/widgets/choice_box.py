"""The open list of a question. A long one is grouped, can be filtered by typing, and scrolls inside."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.choice import Choice, ChoiceItem
from explorer.desktop.widgets.entry import Entry
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.paint import draw_box
from explorer.desktop.widgets.scroll import ScrollArea

GROUP_FROM = 8
"""Fewer entries than this need no headings, no filter and no scrolling."""
TALLEST = 336
"""A longer list scrolls."""
TALLEST_COMPACT = 276
RING = 3
"""Room for the focus ring of a row."""


def grouped(items: Sequence[ChoiceItem]) -> list[ChoiceItem]:
    """A long list with its groups together, in the order in which they first appear; a short one as it is."""
    if len(items) < GROUP_FROM:
        return list(items)
    order = list(dict.fromkeys(item.group for item in items))
    return sorted(items, key=lambda item: order.index(item.group))


def matches(item: ChoiceItem, text: str) -> bool:
    """Whether every word of `text` stands in what the entry says of itself."""
    words = f"{item.title} {item.short} {item.sentence} {item.group} {item.id}".casefold()
    return all(word in words for word in text.casefold().split())


class ChoiceBox(QWidget):
    """Frame, filter, headings and rows. From the filter come `left_down` (to the first row), `taken` (choose the first
    that is left) and `given_up` (Escape).
    """

    left_down = Signal()
    taken = Signal()
    given_up = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[Choice] = []
        self._headings: list[tuple[Label, str]] = []
        self._inner = _Inner()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(RING, RING, RING, RING)
        self._column.setSpacing(2)
        self._tallest = TALLEST
        self._area = ScrollArea(self._inner, see_through=True)
        self._filter = _Filter(theme)
        self._nothing = Label(theme, "", 12, color="text2", wrap=True)
        self._nothing.setContentsMargins(9, 6, 9, 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._filter)
        column.addWidget(self._nothing)
        column.addWidget(self._area)
        entry = self._filter.entry
        entry.textChanged.connect(self._sift)
        entry.entered.connect(self.taken)
        entry.escaped.connect(self.given_up)
        entry.stepped.connect(lambda steps: self.left_down.emit() if steps < 0 else None)
        self._inner.laid_out.connect(self._fit)
        theme.changed.connect(self.update)
        self._sift("")

    @property
    def is_long(self) -> bool:
        """Whether it is grouped and can be filtered."""
        return len(self._rows) >= GROUP_FROM

    @property
    def filter(self) -> Entry:
        """The field that filters."""
        return self._filter.entry

    def fill(self, rows: Sequence[Choice]) -> None:
        """Show these rows, in groups if they are many."""
        while (entry := self._column.takeAt(0)) is not None:
            if (widget := entry.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._rows, self._headings = list(rows), []
        for row in rows:
            group = row.item.group
            if self.is_long and (not self._headings or self._headings[-1][1] != group):
                self._add_heading(group)
            self._column.addWidget(row)
        self._filter.setVisible(self.is_long)
        self.filter.clear()
        self._sift("")

    def set_compact(self, compact: bool) -> None:
        """Be content with less height."""
        self._tallest = TALLEST_COMPACT if compact else TALLEST
        self._fit()

    def shown(self) -> list[Choice]:
        """The rows that the filter has left."""
        return [row for row in self._rows if not row.isHidden()]

    def reveal(self, row: Choice) -> None:
        """Scroll so that a row can be seen."""
        self._area.ensureWidgetVisible(row, 0, 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame."""
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 9, self._theme.color("raised"), self._theme.color("line"))
        painter.end()

    def _add_heading(self, text: str) -> None:
        heading = Label(self._theme, text, 11, 500, "text3")
        heading.setContentsMargins(9, 6, 0, 2)
        self._headings.append((heading, text))
        self._column.addWidget(heading)

    def _sift(self, text: str) -> None:
        for row in self._rows:
            row.setVisible(matches(row.item, text))
        left = self.shown()
        groups = {row.item.group for row in left}
        for heading, group in self._headings:
            heading.setVisible(group in groups)
        self._nothing.setText(f"Nothing is called '{text.strip()}' here.")
        self._nothing.setVisible(bool(self._rows) and not left)
        self._area.setVisible(bool(left))
        self._fit()

    def _fit(self) -> None:
        """As high as the rows, up to a limit; the panel around it scrolls last."""
        height = self._inner.sizeHint().height()
        self._area.setFixedHeight(min(height, self._theme.px(self._tallest)) if self.is_long else height)


class _Inner(QWidget):
    """What scrolls; says when its rows may have other heights."""

    laid_out = Signal()

    def event(self, event: QEvent) -> bool:
        """As Qt's."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.laid_out.emit()
        return done


class _Filter(QWidget):
    """The field above a long list."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.entry = Entry(theme, 12)
        self.entry.setPlaceholderText("Type to filter")
        self.entry.setAccessibleName("Filter the list")
        line = QHBoxLayout(self)
        line.setContentsMargins(9, 0, 8, 0)
        line.setSpacing(8)
        line.addWidget(IconLabel(theme, "search", 14, "text3"))
        line.addWidget(self.entry)
        self.setFixedHeight(28)
        theme.changed.connect(self._restyle)
        self._restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line below, no box in the box."""
        painter = QPainter(self)
        painter.fillRect(QRectF(6, self.height() - 1, self.width() - 12, 1), self._theme.color("line"))
        painter.end()

    def _restyle(self) -> None:
        palette = self.entry.palette()
        palette.setColor(QPalette.ColorRole.PlaceholderText, self._theme.color("text3"))
        self.entry.setPalette(palette)
        self.update()
