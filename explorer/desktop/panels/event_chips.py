"""The kinds of events with their rates, as buttons that single one out."""

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from explorer.desktop.event_marks import draw_mark
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import LEFT, draw_box, draw_text, text_width
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
        if add:
            self.choose(self._kinds ^ {kind})
        else:
            self.choose(frozenset() if self._kinds == {kind} else frozenset({kind}))


class _Chip(QAbstractButton):
    """A kind: its mark, its name, its rate; `chosen(kind, add)` when pressed, `add` with Shift."""

    chosen = Signal(object, bool)

    def __init__(self, theme: Theme, kind: EventKind, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind = kind
        self._figure = ""
        self._out = False
        self._add = False
        declared = BY_KIND[kind]
        self.setText(declared.short)
        self.setCheckable(True)
        self.setToolTip(f"{declared.title}. {declared.sentence}")
        self.setAccessibleDescription(declared.sentence)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._ring = FocusRing(theme, self, radius=6)
        self.clicked.connect(lambda: self.chosen.emit(self._kind, self._add))
        self.set_figure(rate(0.0))

    def set_figure(self, words: str) -> None:
        """Show how many there are, "812/s" or "12,403"."""
        if words != self._figure:
            self._figure = words
            self.setAccessibleName(f"{BY_KIND[self._kind].title}, {words}")
            self.update()

    def set_out(self, out: bool) -> None:
        """Not among the chosen ones."""
        if out != self._out:
            self._out = out
            self.update()

    def sizeHint(self) -> QSize:
        """Room for a large rate: what stands behind must not move when the figure grows."""
        theme = self._theme
        words = text_width(theme.font(12, 500), self.text()) + text_width(theme.font(12, 600), WIDEST)
        return QSize(round(words) + theme.px(MARK) + 26, theme.px(24))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._add = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._add = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        if self.isChecked():
            draw_box(painter, QRectF(self.rect()), 6, theme.color("accent_bg"), theme.color("accent"))
        else:
            draw_box(painter, QRectF(self.rect()), 6, theme.color("hover") if self.underMouse() else None)
        if self._out:
            painter.setOpacity(0.5)
        size = theme.px(MARK)
        center = QPointF(7 + size // 2 + 0.5, self.height() // 2 + 0.5)
        draw_mark(painter, theme, center, self._kind, size)
        painter.setOpacity(1.0)
        font = theme.font(12, 500)
        left = 7.0 + size + 7
        ink = theme.color("text3" if self._out else "text2")
        draw_text(painter, QRectF(left, 0, self.width(), self.height()), self.text(), font, ink, LEFT)
        left += text_width(font, self.text()) + 6
        ink = theme.color("text3" if self._out else "text")
        place = QRectF(left, 0, self.width() - left, self.height())
        draw_text(painter, place, self._figure, theme.font(12, 600), ink, LEFT)
        painter.end()
