"""Where the time went: one bar of parts in the states' colours, and the list of these parts with causes and shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, draw_swatch, draw_text, text_width
from explorer.desktop.widgets.rounding import round_parts
from explorer.desktop.widgets.tip import tip
from explorer.records.states import State

LABEL_FROM = 26
LEAST = 1.5
SWATCH, GAP = 18, 16


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the whole: what (`name`), why or where (`cause`), how long (`ms`). `state` None: not explained."""

    name: str
    ms: float
    state: State | None
    cause: str = ""


def shares(parts: Sequence[Part]) -> list[float]:
    """The parts in whole percents that add up to a hundred."""
    total = sum(part.ms for part in parts) or 1.0
    return round_parts([100 * part.ms / total for part in parts], 0)


def largest(parts: Sequence[Part]) -> int:
    """The place of the part that takes most, of several the first. Raises ValueError without parts."""
    return max(range(len(parts)), key=lambda place: parts[place].ms)


def _spoken(parts: Sequence[Part]) -> str:
    rounded = zip(parts, round_parts([part.ms for part in parts]), shares(parts), strict=True)
    return ", ".join(f"{part.name} {ms:,.1f} ms ({share:.0f} %)" for part, ms, share in rounded)


class StackedBar(QWidget):
    """The parts side by side, in the order given; hovering one names it."""

    def __init__(self, theme: Theme, *, height: int = 26, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._height = height
        self._parts: tuple[Part, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    def set_parts(self, parts: Sequence[Part]) -> None:
        """Show these parts; their sum is the whole."""
        self._parts = tuple(parts)
        self.setAccessibleName(_spoken(parts))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(self._theme.px(200), self._theme.px(self._height))

    def part_at(self, x: float) -> Part | None:
        """The part under a horizontal position."""
        for part, left, width in self._placed():
            if left <= x < left + width:
                return part
        return None

    def event(self, event: QEvent) -> bool:
        """The tooltip is that of the part."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            part = self.part_at(event.pos().x())
            QToolTip.showText(event.globalPos(), tip(f"{part.name}: {part.ms:,.1f} ms") if part else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Parts, one pixel apart; the figure where it fits."""
        theme, painter = self._theme, QPainter(self)
        font = theme.font(12, 600)
        for part, left, width in self._placed():
            look = theme.state(part.state) if part.state is not None else None
            rect = QRectF(left, 0, max(LEAST, width - 1), self.height())
            painter.fillRect(rect, look.fill if look else theme.color("text3"))
            if look and look.texture is not None:
                painter.fillRect(rect, look.texture)
            text = f"{part.ms:,.0f}"
            # States whose bars are too low for a label are drawn full here, but their hue has no ink that reads on it.
            ink = look.text if look else theme.color("panel")
            if ink is not None and width > max(theme.px(LABEL_FROM), text_width(font, text) + 8):
                draw_text(painter, rect, text, font, ink, CENTER)
        painter.end()

    def _placed(self) -> list[tuple[Part, float, float]]:
        total = sum(part.ms for part in self._parts)
        placed, left = [], 0.0
        for part in self._parts:
            width = self.width() * part.ms / total if total > 0 else 0.0
            placed.append((part, left, width))
            left += width
        return placed


class PartsList(QWidget):
    """The parts in words and figures that add up. Wide: one below the other with causes; compact: side by side."""

    ROW, CAUSE, COMPACT = 24, 14, 36

    def __init__(
        self, theme: Theme, *, total_name: str = "", compact: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._total_name = total_name
        self._compact = compact
        self._parts: tuple[Part, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        theme.changed.connect(self.update)

    def set_parts(self, parts: Sequence[Part]) -> None:
        """Show these parts; with a name for the total, their sum below."""
        if [(p.name, p.cause) for p in parts] != [(p.name, p.cause) for p in self._parts]:
            self.updateGeometry()
        self._parts = tuple(parts)
        self.setAccessibleName(_spoken(parts))
        self.setToolTip(_spoken(parts).replace("), ", ")\n") if self._compact else "")
        self.update()

    def set_total_name(self, name: str) -> None:
        """What the sum is called."""
        if name != self._total_name:
            self._total_name = name
            self.update()

    def set_compact(self, compact: bool) -> None:
        """Side by side, without causes and without the sum."""
        self._compact = compact
        self.set_parts(self._parts)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All rows."""
        px = self._theme.px
        if self._compact:
            return QSize(px(300), px(self.COMPACT))
        height = sum(px(self.ROW) + (px(self.CAUSE) if part.cause else 0) for part in self._parts)
        return QSize(px(240), height + (px(self.ROW + 2) if self._total_name and self._parts else 0))

    def minimumSizeHint(self) -> QSize:
        """Narrower is fine, lower is not."""
        return QSize(self._theme.px(160), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Swatch, name, cause, milliseconds, share."""
        painter = QPainter(self)
        if self._compact:
            self._paint_compact(painter, self._rounded())
        else:
            self._paint_rows(painter, self._rounded())
        painter.end()

    def _rounded(self) -> list[tuple[Part, float, float]]:
        """Each part with its milliseconds and percents, rounded so that they add up."""
        return list(zip(self._parts, round_parts([p.ms for p in self._parts]), shares(self._parts), strict=True))

    def _paint_rows(self, painter: QPainter, figures: Sequence[tuple[Part, float, float]]) -> None:
        theme, px, top = self._theme, self._theme.px, 0.0
        right = self.width() - px(98)
        strong = largest(self._parts) if self._parts else 0
        for number, (part, ms, share) in enumerate(figures):
            draw_swatch(painter, theme, QRectF(0, top + px(6), px(12), px(12)), part.state)
            font = theme.font(13, 600 if number == strong else 400)
            name = QFontMetricsF(font).elidedText(part.name, Qt.TextElideMode.ElideRight, right - px(22))
            draw_text(painter, QRectF(px(20), top, right, px(self.ROW)), name, font, theme.color("text"), LEFT)
            self._figures(painter, top, ms, share)
            top += px(self.ROW)
            if part.cause:
                small = theme.font(11)
                cause = QFontMetricsF(small).elidedText(part.cause, Qt.TextElideMode.ElideRight, right)
                rect = QRectF(px(20), top - px(4), right, px(self.CAUSE))
                draw_text(painter, rect, cause, small, theme.color("text3"), LEFT)
                top += px(self.CAUSE)
        if self._total_name and figures:
            painter.fillRect(QRectF(0, top, self.width(), 1), theme.color("line"))
            row = QRectF(0, top + px(2), right, px(self.ROW))
            draw_text(painter, row, self._total_name, theme.font(13, 600), theme.color("text"), LEFT)
            self._figures(painter, top + px(2), sum(ms for _, ms, _ in figures), 100.0)

    def _figures(self, painter: QPainter, top: float, ms: float, share: float) -> None:
        theme, px, width = self._theme, self._theme.px, self.width()
        rect = QRectF(width - px(110), top, px(66), px(self.ROW))
        draw_text(painter, rect, f"{ms:,.1f}", theme.font(13, 600), theme.color("text"), RIGHT)
        rect = QRectF(width - px(44), top, px(44), px(self.ROW))
        draw_text(painter, rect, f"{share:.0f} %", theme.font(12), theme.color("text2"), RIGHT)

    def _paint_compact(self, painter: QPainter, figures: Sequence[tuple[Part, float, float]]) -> None:
        theme, px, left = self._theme, self._theme.px, 0.0
        half = px(self.COMPACT) / 2
        for column in self._columns(figures):
            text = left
            if column.part is not None:
                draw_swatch(painter, theme, QRectF(left, half / 2 - px(6), px(12), px(12)), column.part.state)
                text += px(SWATCH)
            words = column.width + 1
            draw_text(painter, QRectF(text, 0, words, half), column.name, theme.font(12), theme.color("text2"), LEFT)
            value = QRectF(text, half, words, half)
            draw_text(painter, value, column.value, theme.font(12, 600), theme.color("text"), LEFT)
            rest = value.translated(text_width(theme.font(12, 600), column.value) + px(6), 0)
            draw_text(painter, rest, column.share, theme.font(12), theme.color("text3"), LEFT)
            left = text + column.width + px(GAP)

    def shown(self) -> list[str]:
        """What stands side by side: names, and "3 more" for those that there is no room for."""
        return [column.name for column in self._columns(self._rounded())]

    def _columns(self, figures: Sequence[tuple[Part, float, float]]) -> list["_Column"]:
        """The first parts, as many as there is room for, and the others summed up."""
        columns = [self._column(part.name, ms, share, part) for part, ms, share in figures]
        for kept in range(len(columns), 0, -1):
            rest = figures[kept:]
            some = columns[:kept]
            if rest:
                name = f"{len(rest)} more"
                some.append(self._column(name, sum(one[1] for one in rest), sum(one[2] for one in rest), None))
            swatches = sum(self._theme.px(SWATCH) for column in some if column.part is not None)
            gaps = self._theme.px(GAP) * (len(some) - 1)
            if kept == 1 or swatches + gaps + sum(column.width for column in some) <= self.width():
                return some
        return []

    def _column(self, name: str, ms: float, share: float, part: Part | None) -> "_Column":
        theme, value, percent = self._theme, f"{ms:,.1f} ms", f"{share:.0f} %"
        below = text_width(theme.font(12, 600), value) + theme.px(6) + text_width(theme.font(12), percent)
        return _Column(name, value, percent, part, max(text_width(theme.font(12), name), below))


@dataclass(frozen=True, slots=True)
class _Column:
    """A part in the compact list, or (`part` None) all those for which there is no room; `width` of its words, px."""

    name: str
    value: str
    share: str
    part: Part | None
    width: float
