"""The figures of a scenario in two columns: as written, and cured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_text, text_width

ROW: Final = 24
FOOT: Final = 18
BETWEEN: Final = 12
COLUMNS: Final = ("as written", "cured")


@dataclass(frozen=True, slots=True)
class Compared:
    """A row: what it is, as written, and cured; empty where that has not been run."""

    title: str
    written: str
    cured: str


class Comparison(QWidget):
    """Shows rows; the column of what is chosen is stronger."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: tuple[Compared, ...] = ()
        self._cured = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("As written and cured")
        theme.changed.connect(self.updateGeometry)

    def show_rows(self, rows: Sequence[Compared], *, cured: bool) -> None:
        """Show these; `cured` is what is chosen now."""
        more = len(rows) != len(self.rows)
        self.rows, self._cured = tuple(rows), cured
        self.setAccessibleDescription(
            " ".join(
                f"{row.title}: as written {row.written or 'not run'}, cured {row.cured or 'not run'}." for row in rows
            )
        )
        if more:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All rows, and the names of the columns."""
        px = self._theme.px
        return QSize(px(240), px(ROW) * len(self.rows) + (px(FOOT) if self.rows else 0))

    def minimumSizeHint(self) -> QSize:
        """The same height."""
        return QSize(self._theme.px(180), self.sizeHint().height())

    @property
    def title_room(self) -> float:
        """How wide what a row is called can be, px."""
        return self.width() - sum(self._columns())

    def _columns(self) -> tuple[float, float]:
        """How wide the two columns are: as their words are."""
        bold, foot = self._theme.font(13, 600), self._theme.font(11, 600)
        values = ([row.written for row in self.rows], [row.cured for row in self.rows])
        written, cured = (
            max([text_width(foot, name), *(text_width(bold, words) for words in column)]) + self._theme.px(BETWEEN)
            for name, column in zip(COLUMNS, values, strict=True)
        )
        return written, cured

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        right, (written, cured) = float(self.width()), self._columns()
        for at, row in enumerate(self.rows):
            top = at * px(ROW)
            title = QRectF(0, top, self.title_room, px(ROW))
            small = theme.font(12)
            words = QFontMetricsF(small).elidedText(row.title, Qt.TextElideMode.ElideRight, title.width())
            draw_text(painter, title, words, small, theme.color("text2"), LEFT)
            for end, wide, words, chosen in (
                (right - cured, written, row.written, not self._cured),
                (right, cured, row.cured, self._cured),
            ):
                box = QRectF(end - wide, top, wide, px(ROW))
                font = theme.font(13, 600 if chosen else 500)
                draw_text(painter, box, words or "–", font, theme.color("text" if chosen else "text2"), RIGHT)
        foot = float(len(self.rows) * px(ROW))
        for end, wide, words, chosen in (
            (right - cured, written, COLUMNS[0], not self._cured),
            (right, cured, COLUMNS[1], self._cured),
        ):
            box = QRectF(end - wide, foot, wide, px(FOOT))
            if self.rows:
                font = theme.font(11, 600 if chosen else 400)
                draw_text(painter, box, words, font, theme.color("text2" if chosen else "text3"), RIGHT)
        painter.end()
