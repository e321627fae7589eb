"""The right column of the Run tab: verdict, graph, final tables, and what can be done with the run."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.labs.isolation.outcome import HAPPENED, OPEN, PREVENTED, outcome
from explorer.desktop.labs.isolation.side.dependency_view import DependencyView
from explorer.desktop.labs.isolation.side.final_tables import finals
from explorer.desktop.labs.isolation.side.final_view import FinalView
from explorer.desktop.labs.locks.verdict_card import Tone, VerdictCard
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.heading import Divider
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.trace import Trace
from explorer.labs.isolation.verdict import Verdict

TONES: Final = {HAPPENED: Tone.BAD, PREVENTED: Tone.GOOD, OPEN: Tone.QUIET}


class SidePanel(QWidget):
    """`retry_asked`, `export_asked`, `compare_asked`."""

    retry_asked = Signal()
    export_asked = Signal()
    compare_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.card = VerdictCard(theme)
        self._title = Label(theme, "Who depends on whom", 12, 600, "text2")
        self.graph = DependencyView(theme)
        self.sentence = Label(theme, "", 12, color="text2", wrap=True)
        self._divider = Divider(theme)
        self.final = FinalView(theme)
        self.retry = Button(theme, "Try the retry", icon="rotate-ccw", height=34)
        self.export = Button(theme, "Export test", icon="file-code", height=34, name="Export as a pytest file")
        self.note = Label(theme, "", 12, color="text2", wrap=True)
        self.compare = Button(theme, "Compare the two", icon="columns-2", height=32)
        self._hidden = False
        self._lay_out()
        self.retry.clicked.connect(lambda: self.retry_asked.emit())
        self.export.clicked.connect(lambda: self.export_asked.emit())
        self.compare.clicked.connect(lambda: self.compare_asked.emit())

    def show_run(self, schedule: Schedule, trace: Trace | None, verdict: Verdict | None, graph: Graph) -> None:
        """Show a run, so far or in the end; None: nothing has run."""
        over = trace is not None and trace.over
        hidden = self._hidden and not over
        for widget in (self._title, self.graph, self.sentence):
            widget.setVisible(not hidden)
        self._show_verdict(schedule, trace, verdict, hidden=hidden)
        self.graph.show_graph(Graph() if hidden else graph)
        happened = verdict is None or verdict.before or verdict.happened
        self.sentence.setText("" if hidden else graph.told(happened=happened))
        self.sentence.setVisible(bool(self.sentence.text()))
        self.final.show_tables(finals(schedule, trace) if trace is not None and over else ())
        self.final.setVisible(over)
        self._divider.setVisible(over)
        self.export.setEnabled(over)

    def set_predicting(self, on: bool) -> None:
        """Whether what comes of a run is hidden until it is over."""
        self._hidden = on

    def show_retry(self, *, offered: bool, on: bool) -> None:
        """Whether a retry can be tried, or was."""
        self.retry.setVisible(offered)
        self.retry.set_text("Without the retry" if on else "Try the retry", "undo-2" if on else "rotate-ccw")

    def show_other(self, words: str) -> None:
        """What the same steps come to at another level; empty: nothing is known of one."""
        self.note.setText(words)
        self.note.setVisible(bool(words))
        self.compare.setVisible(bool(words))

    def _show_verdict(self, schedule: Schedule, trace: Trace | None, verdict: Verdict | None, *, hidden: bool) -> None:
        if hidden:
            self.card.show_verdict(Tone.QUIET, "Predict first", f"{schedule.sentence} Does it happen at this level?")
        elif verdict is None or trace is None:
            self.card.show_verdict(Tone.QUIET, "What there is to see", schedule.sentence)
        else:
            tone = TONES[outcome(verdict, trace)]
            self.card.show_verdict(tone, verdict.title, verdict.sentence, verdict.aside)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(18, 14, 18, 12)
        column.setSpacing(10)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.retry, self.export):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            buttons.addWidget(button)
        for widget in (self.card, self._title, self.graph, self.sentence, self._divider, self.final):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addWidget(self.note)
        column.addWidget(self.compare)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ScrollArea(inside))
