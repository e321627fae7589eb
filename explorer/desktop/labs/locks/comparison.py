"""The figures of a scenario in two columns: as written, and cured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_text

ROW: Final = 24
FOOT: Final = 18
COLUMN: Final = 78


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

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        right, column = float(self.width()), float(px(COLUMN))
        for at, row in enumerate(self.rows):
            top = at * px(ROW)
            title = QRectF(0, top, right - 2 * column, px(ROW))
            small = theme.font(12)
            words = QFontMetricsF(small).elidedText(row.title, Qt.TextElideMode.ElideRight, title.width())
            draw_text(painter, title, words, small, theme.color("text2"), LEFT)
            for place, words, chosen in ((1, row.written, not self._cured), (0, row.cured, self._cured)):
                box = QRectF(right - (place + 1) * column, top, column, px(ROW))
                font = theme.font(13, 600 if chosen else 500)
                draw_text(painter, box, words or "–", font, theme.color("text" if chosen else "text2"), RIGHT)
        foot = float(len(self.rows) * px(ROW))
        for place, words, chosen in ((1, "as written", not self._cured), (0, "cured", self._cured)):
            box = QRectF(right - (place + 1) * column, foot, column, px(FOOT))
            if self.rows:
                font = theme.font(11, 600 if chosen else 400)
                draw_text(painter, box, words, font, theme.color("text2" if chosen else "text3"), RIGHT)
        painter.end()
