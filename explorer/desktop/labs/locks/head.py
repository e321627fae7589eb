"""The head of a scenario: what it is called and about, as written or cured, its knobs, and Run."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.labs.locks.run import LabRun
from explorer.desktop.labs.locks.words import WORDS
from explorer.desktop.panels.knob_form import number_knob
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.combo import Combo
from explorer.desktop.widgets.knob import KnobField
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.segmented import SegmentedControl
from explorer.scenario import Scenario

WRITTEN, CURED = "written", "cured"


class LabHead(QWidget):
    """Follows the lab's `run`; `run_asked` and `cure_asked(cured)` follow the buttons."""

    run_asked = Signal()

    def __init__(self, theme: Theme, run: LabRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._run = run
        self._title = ElidedLabel(theme, "", 19, 600)
        self._sentence = ElidedLabel(theme, "", 12, color="text2")
        self.choice = SegmentedControl(
            theme, [(WRITTEN, "As written"), (CURED, "Cured")], name="As written or cured (C)"
        )
        self.choice.setToolTip("C changes between them, and runs again with the same seed.")
        self._by = Label(theme, "by", 12, color="text2")
        self._cure: Combo | None = None
        self.run_button = Button(
            theme, "Run", icon="play", kind=ButtonKind.PRIMARY, shortcut="Space", height=34, name="Run or stop"
        )
        self._shows: dict[str, tuple[KnobField, Callable[[Any], None]]] = {}
        self._made_for = ""
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._sentence)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addLayout(words, 1)
        top.addWidget(self.run_button)
        self._line = QHBoxLayout()
        self._line.setSpacing(12)
        self._line.addWidget(self.choice)
        self._line.addWidget(self._by)
        self._line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(9)
        column.addLayout(top)
        column.addLayout(self._line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.choice.chosen.connect(lambda which: run.set_cured(which == CURED))
        self.run_button.clicked.connect(lambda: self.run_asked.emit())
        run.chosen.connect(self.refresh)
        run.refused.connect(self._blame)
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen."""
        run = self._run
        scenario = run.scenario
        if self._made_for != scenario.id:
            self._make(scenario.id)
        self._title.set_text(scenario.title)
        self._sentence.set_text(scenario.sentence)
        self.choice.set_current(CURED if run.cured else WRITTEN)
        for place, (_, show) in self._shows.items():
            show(value_of(run.served, place))
        cure = str(value_of(run.served, "workload.cure")) if run.cured and self._cure is not None else ""
        for place, wanted in WORDS[scenario.id].only.items():
            self._shows[place][0].setVisible(cure == wanted)
        if self._cure is not None:
            self._cure.set_current(str(value_of(run.served, "workload.cure")))
            self._cure.setVisible(run.cured)
        self._by.setVisible(self._cure is not None and run.cured)

    def show_going(self, going: bool, enabled: bool) -> None:
        """Whether a run goes on: the button then stops it."""
        self.run_button.set_text("Stop" if going else "Run", "square" if going else "play")
        self.run_button.set_kind(ButtonKind.QUIET if going else ButtonKind.PRIMARY)
        self.run_button.setEnabled(enabled)

    @property
    def knobs(self) -> dict[str, KnobField]:
        """The fields, by `section.key`."""
        return {place: field for place, (field, _) in self._shows.items()}

    def _make(self, identity: str) -> None:
        """The fields of another scenario."""
        for field, _ in self._shows.values():
            self._line.removeWidget(field)
            field.deleteLater()
        if self._cure is not None:
            self._line.removeWidget(self._cure)
            self._cure.deleteLater()
        self._shows, self._cure, self._made_for = {}, None, identity
        run = self._run
        cures = run.cures()
        if len(cures) > 1:
            options = [(value, words, "") for value, words in cures.items()]
            self._cure = Combo(self._theme, options, name="How it is cured")
            self._cure.chosen.connect(lambda value: run.change("workload", "cure", value))
            self._line.insertWidget(2, self._cure)
        for place, title in run.scenario.shown.items():
            self._add(place, title)

    def _add(self, place: str, title: str) -> None:
        section, _, key = place.partition(".")
        knobs = knobs_of(self._run.served, section)
        field = type(knobs).model_fields[key]

        def commit(value: Any) -> None:
            self._run.change(section, key, value)

        knob, show = number_knob(self._theme, key, field, getattr(knobs, key), commit, title=title, inline=True)
        knob.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._shows[place] = knob, show
        self._line.insertWidget(self._line.count() - 1, knob)

    def _blame(self, sentence: str, where: str) -> None:
        if where in self._shows:
            self._shows[where][0].set_error(sentence)


def knobs_of(scenario: Scenario, section: str) -> Any:
    """The knobs of a section of a scenario."""
    part = getattr(scenario, section)
    return getattr(part, "knobs", part)


def value_of(scenario: Scenario, place: str) -> Any:
    """The value of a knob, `section.key`."""
    section, _, key = place.partition(".")
    return getattr(knobs_of(scenario, section), key)
