"""The panel at the right of the matrix: the verdict of the chosen cell, its graph, why it differs, and where to go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.labs.isolation.matrix.look import AUTOCOMMIT, how_in_words, shown_by, why_nothing
from explorer.desktop.labs.isolation.matrix.parts import Reason, ScoreBox, VerdictBar
from explorer.desktop.labs.isolation.predict.predictions import Score
from explorer.desktop.labs.isolation.side.dependency_view import DependencyView
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.heading import Divider
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.matrix import Cell, Difference
from explorer.labs.isolation.schedule import Schedule

PROOF: Final = "Nothing protects anybody here: it shows that the detector works."
SILENT: Final = "Nothing protects anybody here, and still it was not seen: that the detector works is not shown."


@dataclass(frozen=True, slots=True)
class Shown:
    """What the panel is about: a cell, or why there is none. `graph`: None where nothing ran."""

    schedule: Schedule
    level: str
    cell: Cell | None
    graph: Graph | None = None
    guess: bool | None = None
    measuring: bool = False


class MatrixSide(QWidget):
    """Signals: `run_asked`, `compare_asked` for the cell that is shown."""

    run_asked = Signal()
    compare_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.shown: Shown | None = None
        self.score = ScoreBox(theme)
        self._below_score = Divider(theme)
        self.title = ElidedLabel(theme, "", 17, 600)
        self._level = Label(theme, "", 11, 500, "text2", mono=True)
        self.bar = VerdictBar(theme)
        self.sentence = Label(theme, "", 13, 400, wrap=True)
        self.graph = DependencyView(theme)
        self.about = Label(theme, "", 12, 400, "text2", wrap=True)
        self._reasons = QVBoxLayout()
        self._reasons.setSpacing(10)
        self.reasons: list[Reason] = []
        self.open = Button(theme, "Open this run", icon="play", kind=ButtonKind.PRIMARY, shortcut="Enter", height=32)
        self.compare = Button(theme, "Compare", shortcut="C", height=32, name="Compare with the next level")
        self.compare.show_chip(False)
        self.open.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.open.clicked.connect(lambda: self.run_asked.emit())
        self.compare.clicked.connect(lambda: self.compare_asked.emit())
        self._lay_out()
        self.show_score(None)
        self.show_nothing("", "")

    def show_score(self, score: Score | None) -> None:
        """Show how much of what was predicted was right; None: nothing was."""
        for widget in (self.score, self._below_score):
            widget.setVisible(score is not None)
        if score is not None:
            self.score.show_score(score)

    def show_nothing(self, title: str, sentence: str) -> None:
        """There is no cell to speak of."""
        self.shown = None
        self.title.set_text(title)
        self._level.setText("")
        self.sentence.setText(sentence)
        for widget in (self.bar, self.graph, self.about, self.open, self.compare):
            widget.hide()
        self._show_reasons(())

    def show_cell(self, shown: Shown) -> None:
        """Show a cell."""
        self.shown = shown
        cell = shown.cell
        verdict = cell.verdict if cell is not None else None
        self.title.set_text(shown.schedule.title)
        self._level.setText(shown.level)
        known = shown_by(cell) is not None
        self.bar.setVisible(known)
        if verdict is not None and known:
            word = "happened" if verdict.happened else "prevented"
            if shown.level == AUTOCOMMIT:
                word = "happened" if verdict.happened else "not seen"
            aside = verdict.aside
            if shown.guess is not None:
                aside = f"you: {'happens' if shown.guess else 'prevented'}"
            self.bar.show_verdict(verdict.happened, word, aside)
        self.sentence.setText(_sentence(shown))
        graph = shown.graph
        if graph is not None:
            self.graph.show_graph(graph)
        self.graph.setVisible(graph is not None and bool(graph.nodes))
        about = (
            [graph.told(happened=verdict is None or verdict.happened)] if graph is not None and graph.sentence else []
        )
        how = how_in_words(verdict) if verdict is not None else ""
        if how:
            about.append(f"{how[0].upper()}{how[1:]}.")
        if shown.level == AUTOCOMMIT and verdict is not None:
            about = [PROOF if verdict.happened else SILENT]
        self.about.setText(" ".join(about))
        self.about.setVisible(bool(about))
        self._show_reasons(cell.differences if cell is not None else ())
        runs = cell is None or not cell.refused
        self.open.setVisible(runs)
        self.compare.setVisible(runs)

    def _show_reasons(self, differences: Sequence[Difference]) -> None:
        for reason in self.reasons:
            self._reasons.removeWidget(reason)
            reason.hide()
            reason.deleteLater()
        self.reasons = [Reason(self._theme, one) for one in differences]
        for reason in self.reasons:
            self._reasons.addWidget(reason)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 16, 20, 8)
        column.setSpacing(10)
        head = QVBoxLayout()
        head.setSpacing(1)
        head.addWidget(self.title)
        head.addWidget(self._level)
        for part in (self.score, self._below_score, head, self.bar, self.sentence, self.graph, self.about):
            if isinstance(part, QWidget):
                column.addWidget(part)
            else:
                column.addLayout(part)
        column.addLayout(self._reasons)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 8, 20, 14)
        foot.setSpacing(8)
        foot.addWidget(self.open, 1)
        foot.addWidget(self.compare)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(ScrollArea(inside), 1)
        whole.addLayout(foot)


def _sentence(shown: Shown) -> str:
    cell = shown.cell
    if shown.measuring:
        return "It is being measured."
    if cell is None:
        return f"{shown.schedule.sentence} Not measured yet."
    if cell.verdict is None:
        return why_nothing(cell)
    return cell.verdict.sentence
