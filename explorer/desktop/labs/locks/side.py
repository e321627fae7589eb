"""The right column of the lab: verdict, who waits for whom, who waits where, what to do, and the figures compared."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.labs.locks.comparison import Comparison
from explorer.desktop.labs.locks.graph_view import GraphView
from explorer.desktop.labs.locks.stuck import Stuck
from explorer.desktop.labs.locks.verdict_card import VerdictCard
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.heading import Divider
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, draw_box, draw_text
from explorer.desktop.widgets.scroll import ScrollArea

MOST_STUCK: Final = 5
ROW: Final = 24


class Side(QWidget):
    """Signals: `release_asked`, `cure_asked`."""

    release_asked = Signal()
    cure_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.card = VerdictCard(theme)
        self._graph_title = Label(theme, "Who waits for whom", 11, 600, "text2")
        self._graph_when = Label(theme, "", 11, 400, "text3")
        self.graph = GraphView(theme)
        self.stuck = StuckList(theme)
        self.release = Button(theme, "Release", icon="unlink", kind=ButtonKind.DANGER, shortcut="R", height=34)
        self.cure = Button(theme, "Show the cure", icon="shield-check", shortcut="C", height=32)
        for button in (self.release, self.cure):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.comparison = Comparison(theme)
        self.note = Label(theme, "", 12, 400, "text3", wrap=True)
        self.release.clicked.connect(lambda: self.release_asked.emit())
        self.cure.clicked.connect(lambda: self.cure_asked.emit())
        head = QHBoxLayout()
        head.addWidget(self._graph_title)
        head.addStretch(1)
        head.addWidget(self._graph_when)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(16, 14, 16, 12)
        self._column.setSpacing(10)
        self._column.addWidget(self.card)
        self._column.addLayout(head)
        self._column.addWidget(self.graph, 1)
        self._column.addWidget(Divider(theme))
        for widget in (self.stuck, self.release, self.cure, self.comparison, self.note):
            self._column.addWidget(widget)
        self._column.addStretch(0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ScrollArea(inside))

    @property
    def graph_when(self) -> str:
        """Of when the graph is."""
        return self._graph_when.text()

    def show_graph(self, shown: bool, when: str) -> None:
        """Whether there is a graph, and of when."""
        for widget in (self.graph, self._graph_title, self._graph_when):
            widget.setVisible(shown)
        self._graph_when.setText(when)

    def show_stuck(self, stuck: Sequence[Stuck], release: str) -> None:
        """Who stands in a circle, and who can be released; nobody: empty."""
        self.stuck.show_rows(stuck)
        self.stuck.setVisible(bool(stuck))
        self.release.setVisible(bool(release))
        self.release.set_text(f"Release {release}" if release else "Release")


class StuckList(QWidget):
    """Those in the circle, a row for each."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: tuple[Stuck, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Who cannot go on")
        theme.changed.connect(self.updateGeometry)

    def show_rows(self, rows: Sequence[Stuck]) -> None:
        """Show these."""
        more = len(rows) != len(self.rows)
        self.rows = tuple(rows)
        self.setAccessibleDescription(" ".join(f"{row.title} at {row.place} {row.waits}." for row in rows))
        if more:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The rows, of many only the first."""
        return QSize(self._theme.px(220), self._theme.px(ROW) * min(len(self.rows), MOST_STUCK + 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Badge, place, time."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        mono, small = theme.font(12, 500, True), theme.font(12)
        for at, row in enumerate(self.rows[:MOST_STUCK]):
            box = QRectF(0, at * px(ROW), self.width(), px(ROW))
            disc = QRectF(0, box.center().y() - px(9), px(18), px(18))
            draw_box(painter, disc, px(9), theme.color("ink"))
            draw_text(painter, disc, row.badge, theme.font(11, 700), theme.color("panel"), CENTER)
            wide = QFontMetricsF(small).horizontalAdvance(row.waits) + px(8)
            place = box.adjusted(px(27), 0, -wide, 0)
            words = QFontMetricsF(mono).elidedText(row.place, Qt.TextElideMode.ElideLeft, place.width())
            draw_text(painter, place, words, mono, theme.color("text"), LEFT)
            draw_text(painter, box, row.waits, small, theme.color("text2"), RIGHT)
        if len(self.rows) > MOST_STUCK:
            box = QRectF(px(27), MOST_STUCK * px(ROW), self.width(), px(ROW))
            draw_text(painter, box, f"and {len(self.rows) - MOST_STUCK} more", small, theme.color("text3"), LEFT)
        painter.end()
