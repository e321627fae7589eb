"""What a side of a comparison came to: the verdict with its sentence, a small graph, one number."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.labs.isolation.compare.small_graph import SmallGraph
from explorer.desktop.labs.isolation.outcome import HAPPENED, OPEN, PREVENTED
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.paint import draw_box
from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.verdict import Verdict

HEIGHT: Final = 118
NUMBER: Final = 40
QUIET: Final = ("raised", "line2", "text2", "info")
BAD: Final = ("danger_bg", "danger", "danger", "triangle-alert")
GOOD: Final = ("good_bg", "good", "good", "shield-check")


class ResultCard(QWidget):
    """Shows a verdict, a graph and a number; a new title is announced."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = QUIET
        self._icons = {look: IconLabel(theme, look[3], 22, look[2]) for look in (QUIET, BAD, GOOD)}
        self.title = Label(theme, "", 20, 700)
        self.sentence = Label(theme, "", 13, 500, wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.graph = SmallGraph(theme)
        self.number = Label(theme, "", NUMBER, 700)
        self.caption = Label(theme, "", 12, 500, "text2", wrap=True)
        for label in (self.number, self.caption):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFixedHeight(theme.px(HEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        self._lay_out()
        self.show_result(None, None, (), "")

    @property
    def text(self) -> tuple[str, str, str]:
        """Title, sentence, number."""
        return self.title.text(), self.sentence.text(), self.number.text()

    def show_result(
        self, verdict: Verdict | None, graph: Graph | None, number: tuple[object, ...], about: str, shows: str = OPEN
    ) -> None:
        """Show what a run came to, or has so far; None: it has not been run. `shows`: what of it is sure, see
        `outcome`. `about` says what `number` is.
        """
        ended = verdict is not None and not verdict.before
        self._look = {HAPPENED: BAD, PREVENTED: GOOD}.get(shows, QUIET) if ended else QUIET
        title = "Not run yet" if verdict is None else verdict.title if ended else "Running"
        new = title != self.title.text()
        self.title.setText(title)
        self.sentence.setText(verdict.sentence if verdict is not None else "Space runs both.")
        shown = graph is not None and bool(graph.nodes) and ended
        self.graph.setVisible(shown)
        if graph is not None:
            self.graph.show_graph(graph)
        known = bool(number) and ended
        self.number.setText("NULL" if known and number[0] is None else str(number[0]) if known else "")
        self.caption.setText(about if known else "")
        self._restyle()
        self.setAccessibleName(title)
        figure = f" {about}: {self.number.text()}." if known else ""
        self.setAccessibleDescription(f"{self.sentence.text()}{figure}")
        if new and self.isVisible():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(self._theme.px(480), self._theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground."""
        fill, border, _, _ = self._look
        painter = QPainter(self)
        wide = 1.8 if self._look is BAD else 1.0
        draw_box(painter, QRectF(self.rect()), 10, self._theme.color(fill), self._theme.color(border), wide)
        painter.end()

    def _restyle(self) -> None:
        ink = self._look[2]
        for look, icon in self._icons.items():
            icon.setVisible(look is self._look)
        self.title.set_color(ink)
        self.number.set_color(ink)
        self.update()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        for icon in self._icons.values():
            head.addWidget(icon)
        head.addWidget(self.title)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addLayout(head)
        words.addWidget(self.sentence, 1)
        figure = QVBoxLayout()
        figure.setSpacing(0)
        figure.addStretch(1)
        figure.addWidget(self.number)
        figure.addWidget(self.caption)
        figure.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 12, 18, 10)
        row.setSpacing(14)
        row.addLayout(words, 1)
        row.addWidget(self.graph)
        row.addLayout(figure)
