"""Paints a run of the isolation lab on a slide: a column for each session, a row for each statement, time runs down."""

import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from explorer.desktop.labs.isolation.ladder.model import Card, Ladder
from explorer.desktop.presenter.grid import CODE, LABEL, font, ground
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, draw_box, draw_text, text_width
from explorer.labs.isolation.graph import Graph
from explorer.records.states import State

PLACE: Final = QRectF(56, 128, 786, 536)
HEAD: Final = 46.0
GUTTER: Final = 34.0
GAP: Final = 64.0
"""Between two columns, which the arrows cross."""
HIGHEST: Final = 96.0
TO_COME: Final = 0.55
FADED: Final = 0.45
LINE: Final = 1.12
"""Height of a line of code over its type."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """From the row of a read to the row of the write that overtook it. `closes`: it is part of a circle; `refused`: one
    of both was aborted, so that it never came to be.
    """

    source: int
    target: int
    closes: bool
    refused: bool


@dataclass(frozen=True, slots=True)
class Steps:
    """A run as far as it has gone: its ladder, and what was read and then overwritten."""

    ladder: Ladder
    crossings: tuple[Crossing, ...] = ()


def steps_of(ladder: Ladder, graph: Graph) -> Steps:
    """The ladder with the arrows that `graph` has between its statements."""
    rows = {card.sent: card.row for card in ladder.cards if card.sent >= 0}
    return Steps(
        ladder,
        tuple(
            Crossing(rows[edge.statements[0]], rows[edge.statements[1]], edge in graph.cycle, edge.refused)
            for edge in graph.edges
            if edge.kind == "rw" and all(number in rows for number in edge.statements)
        ),
    )


class LadderShape:
    """Paints ladders in a theme, on a painter whose units are the grid's."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme

    def paint(self, painter: QPainter, steps: Steps, size: float) -> None:
        """Heads, then the statements in the order in which they were sent, with what they waited for and came to."""
        ladder = steps.ladder
        columns = max(1, len(ladder.heads))
        gap = GAP if columns == 2 else GAP / 2
        wide = (PLACE.width() - GUTTER - gap * (columns - 1)) / columns
        lefts = [PLACE.left() + GUTTER + at * (wide + gap) for at in range(columns)]
        self._heads(painter, ladder, lefts, wide, size)
        high = min(HIGHEST, (PLACE.height() - HEAD) / max(1, ladder.rows))
        for card in ladder.cards:
            top = PLACE.top() + HEAD + card.row * high
            deep = (card.through - card.row + 1) * high
            box = QRectF(lefts[card.column], top, wide, deep - 6)
            number = QRectF(PLACE.left() - 8, top, GUTTER, high - 6)
            ink = self._theme.color("text2")
            draw_text(painter, number, card.label, font(self._theme, LABEL, 700), ink, CENTER)
            painter.setOpacity(TO_COME if card.state == "to come" else FADED if card.faded else 1.0)
            self._card(painter, card, box, size)
            painter.setOpacity(1.0)
        for one in steps.crossings:
            ends = [ladder.cards[row] for row in (one.source, one.target)]
            if ends[0].column != ends[1].column:
                self._crossing(painter, one, [(lefts[card.column], card.row) for card in ends], wide, high)

    def _crossing(
        self, painter: QPainter, one: Crossing, ends: list[tuple[float, int]], wide: float, high: float
    ) -> None:
        """An arrow over the gap between two columns, on a halo of the ground's colour."""
        theme = self._theme
        right = ends[1][0] > ends[0][0]
        (x0, y0), (x1, y1) = (
            (left + (wide if right == (at == 0) else 0.0), PLACE.top() + HEAD + (row + 0.46) * high)
            for at, (left, row) in enumerate(ends)
        )
        long = max(1.0, math.hypot(x1 - x0, y1 - y0))
        along = QPointF((x1 - x0) / long, (y1 - y0) / long)
        aside = QPointF(-along.y(), along.x())
        begin, tip = QPointF(x0, y0) + along * 5, QPointF(x1, y1) - along * 3
        foot = tip - along * 22
        head = QPolygonF([tip, foot + aside * 12, foot - aside * 12])
        color = theme.color("danger" if one.closes else "text2")
        dashes = Qt.PenStyle.DashLine if one.refused else Qt.PenStyle.SolidLine
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(ground(theme), 11), QPen(color, 5, dashes)):
            painter.setPen(pen)
            painter.drawLine(begin, foot)
        painter.setPen(QPen(ground(theme), 2))
        painter.setBrush(color)
        painter.drawPolygon(head)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _heads(self, painter: QPainter, ladder: Ladder, lefts: list[float], wide: float, size: float) -> None:
        theme = self._theme
        made, letter = font(theme, min(LABEL * size, 28), 700), font(theme, 21, 700)
        for left, (name, title, _) in zip(lefts, ladder.heads, strict=True):
            badge = QRectF(left, PLACE.top(), 34, 34)
            draw_box(painter, badge, 17, theme.color("ink"))
            draw_text(painter, badge, name, letter, ground(theme), CENTER)
            words = QFontMetricsF(made).elidedText(title, Qt.TextElideMode.ElideRight, wide - 46)
            draw_text(painter, QRectF(left + 44, PLACE.top(), wide - 44, 34), words, made, theme.color("text"), LEFT)

    def _card(self, painter: QPainter, card: Card, box: QRectF, size: float) -> None:
        theme = self._theme
        waiting = theme.state(State.WAITING_LOCK)
        edge = theme.color("danger" if card.failure is not None else "line2")
        draw_box(painter, box, 8, theme.color("raised" if theme.dark else "panel"), edge, 2.5 if card.failure else 1.5)
        if card.wait:
            draw_box(painter, box, 8, waiting.fill, waiting.edge)
            pattern = waiting.hatch or waiting.texture
            if pattern is not None:
                painter.fillRect(box, pattern)
        else:
            side = QRectF(box.left(), box.top() + 8, 6, box.height() - 16)
            known = card.state != "to come" and card.look in ("read", "write")
            draw_box(painter, side, 3, theme.state(State.RUNNING).fill if known else theme.color("line2"))
        foot = self._foot(painter, card, box)
        room = box.adjusted(18, 2, -12, -2 - foot)
        if card.wait:  # code on a hatched ground is read by nobody
            room = box.adjusted(8, 8, -8, -8 - foot)
            draw_box(painter, room, 6, ground(theme))
            room = room.adjusted(10, 0, -8, 0)
        self._words(painter, card, room, size)

    def _words(self, painter: QPainter, card: Card, room: QRectF, size: float) -> None:
        """The statement in as many lines as have room, what it read at the end of the last."""
        theme = self._theme
        made = font(theme, min(CODE * size, 25), 500, mono=True)
        strong = font(theme, LABEL, 700)
        chip = next((one.text for one in card.chips if one.kind != "note"), "")
        reads = f"→ {chip}" if chip else ""
        taken = text_width(strong, reads) + 12 if reads else 0.0
        line = made.pixelSize() * LINE
        lines = broken(card.sql, made, room.width(), taken, max(1, int((room.height() + 4) / line)))
        top = room.center().y() - len(lines) * line / 2
        for at, words in enumerate(lines):
            box = QRectF(room.left(), top + at * line, room.width(), line)
            draw_text(painter, box, words, made, theme.color("text"), LEFT)
        if reads:
            box = QRectF(room.left(), top + (len(lines) - 1) * line - 4, room.width(), line + 8)
            draw_text(painter, box, reads, strong, theme.color("text"), RIGHT)

    def _foot(self, painter: QPainter, card: Card, box: QRectF) -> float:
        """That it waited, or was refused; returns how much of the box that takes."""
        said = f"{card.failed} {card.failure.code}".strip() if card.failure is not None else card.wait
        if not said:
            return 0.0
        theme, made = self._theme, font(self._theme, LABEL, 700)
        high = min(34.0, box.height() * 0.46)
        wide = min(box.width(), text_width(made, said) + 28)
        plate = QRectF(box.left(), box.bottom() - high, wide, high)
        fill = theme.color("danger" if card.failure is not None else "ink")
        draw_box(painter, plate, 8, fill)
        words = QFontMetricsF(made).elidedText(said, Qt.TextElideMode.ElideRight, wide - 20)
        draw_text(painter, plate, words, made, ground(theme), CENTER)
        return high


def broken(text: str, made: QFont, wide: float, last: float, most: int) -> list[str]:
    """Text in at most `most` lines of `wide`, broken at spaces; the last leaves `last` free. What is left out: "…"."""
    metrics = QFontMetricsF(made)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or metrics.horizontalAdvance(longer) <= wide:
            lines[-1] = longer
        else:
            lines.append(word)
    if last and metrics.horizontalAdvance(lines[-1]) > wide - last and len(lines) < most:
        lines.append("")
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    words = lines[-1].split()
    while len(words) > 1 and metrics.horizontalAdvance(" ".join(words)) > wide - last:
        words = [*words[:-2], "…"] if words[-1] == "…" else [*words[:-1], "…"]
    return [*lines[:-1], metrics.elidedText(" ".join(words), Qt.TextElideMode.ElideRight, wide - last)]
