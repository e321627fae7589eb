"""The kinds of events with their rates, as buttons that single one out."""

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from explorer.desktop.event_marks import draw_mark
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.filter_chip import FilterChip, chosen_after
from explorer.desktop.words import count, rate
from explorer.records.event_kinds import BY_KIND, EVENT_KINDS, EventKind

WIDEST = "888,888"
MARK = 9
GAP = 4


class KindChips(QWidget):
    """A chip for each kind that the run has had. `chosen(kinds)` follows a choice; an empty set means all."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kinds: frozenset[EventKind] = frozenset()
        self._met: frozenset[EventKind] = frozenset()
        self._columns = 0
        self._chips = {kind: _Chip(theme, kind, self) for kind in EVENT_KINDS}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        for chip in self._chips.values():
            chip.chosen.connect(self._choose)
            chip.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Kinds of events")
        theme.changed.connect(lambda: self._arrange(anew=True))

    @property
    def kinds(self) -> frozenset[EventKind]:
        """The kinds singled out; empty: all."""
        return self._kinds

    def chip(self, kind: EventKind) -> QAbstractButton:
        """The button of a kind."""
        return self._chips[kind]

    def show_rates(self, rates: Mapping[EventKind, float] | None, totals: Mapping[EventKind, int]) -> None:
        """Events per second of each kind, or with None how many there are; kinds without any are not listed."""
        met = frozenset(kind for kind, total in totals.items() if total)
        for kind in met:
            self._chips[kind].set_figure(count(totals[kind]) if rates is None else rate(rates[kind]))
        if met != self._met:
            self._met = met
            self._arrange(anew=True)
        if not self._kinds <= met:
            self.choose(frozenset())

    def choose(self, kinds: frozenset[EventKind]) -> None:
        """Single these out, as a click does."""
        if kinds != self._kinds:
            self._kinds = kinds
            for kind, chip in self._chips.items():
                chip.set_out(bool(kinds) and kind not in kinds)
                chip.setChecked(kind in kinds)
            self.chosen.emit(kinds)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many in a row as fit."""
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """One chip wide, as high as its rows are."""
        return QSize(self._theme.px(120), super().minimumSizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc shows all kinds again."""
        if event.key() == Qt.Key.Key_Escape and self._kinds:
            self.choose(frozenset())
        else:
            super().keyPressEvent(event)

    def _arrange(self, anew: bool = False) -> None:
        shown = [chip for kind, chip in self._chips.items() if kind in self._met]
        widest = max((chip.sizeHint().width() for chip in shown), default=1)
        together = sum(chip.sizeHint().width() + GAP for chip in shown) - GAP
        columns = len(shown) if together <= self.width() else max(1, (self.width() + GAP) // (widest + GAP))
        if columns == self._columns and not anew:
            return
        self._columns = columns
        for kind, chip in self._chips.items():
            self._grid.removeWidget(chip)
            chip.setVisible(kind in self._met)
        for at, chip in enumerate(shown):
            self._grid.addWidget(chip, at // columns, at % columns, Qt.AlignmentFlag.AlignLeft)
        for at in range(len(EVENT_KINDS) + 1):
            self._grid.setColumnStretch(at, 1 if at == columns else 0)

    def _choose(self, kind: EventKind, add: bool) -> None:
        self.choose(chosen_after(self._kinds, kind, add))


class _Chip(FilterChip):
    """A kind: its mark, its name, its rate."""

    def __init__(self, theme: Theme, kind: EventKind, parent: QWidget) -> None:
        declared = BY_KIND[kind]
        super().__init__(theme, kind, declared.short, MARK, WIDEST, parent)
        self._kind = kind
        self.setToolTip(f"{declared.title}. {declared.sentence}")
        self.setAccessibleDescription(declared.sentence)
        self.set_figure(rate(0.0))

    def set_figure(self, words: str) -> None:
        super().set_figure(words)
        self.setAccessibleName(f"{BY_KIND[self._kind].title}, {words}")

    def draw_sample(self, painter: QPainter, place: QRectF) -> None:
        # On the middle of a pixel: shapes with a line in the middle would be blurred between two.
        center = QPointF(int(place.center().x()) + 0.5, int(place.center().y()) + 0.5)
        draw_mark(painter, self._theme, center, self._kind, place.width())
