"""The lab's questions: which job, how large, how cut, how carried; which runners, how many workers."""

from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.panels.knob_form import KnobForm
from explorer.desktop.panels.text_knob import TextKnob
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.widgets.switch import Switch
from explorer.labs.parallelism.job import Job, job_of
from explorer.labs.parallelism.options import (
    BASE,
    SECTION,
    USUAL,
    ParallelismKnobs,
    Plan,
    available_cores,
    plan,
    usual_counts,
)
from explorer.labs.parallelism.runners.find import runners
from explorer.option_error import OptionError

EDGE: Final = 16


class Controls(QWidget):
    """`changed` follows every change; `planned` is what would be run, or None with the reason in `sentence`."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.knobs = _with_usual_sizes(ParallelismKnobs())
        self._words = Label(theme, "", 11, color="text3", wrap=True)
        self.form = KnobForm(theme, self.knobs, self._change)
        counts = usual_counts(available_cores())
        self.workers = TextKnob(theme, "Workers", f"{counts[0]}-{counts[-1]}", effect="start")
        self.workers.setToolTip("Numbers of workers, such as 1-4 or 1,2,8.")
        self.workers.committed.connect(self._change_workers)
        self._text = f"{counts[0]}-{counts[-1]}"
        self.switches: dict[str, Switch] = {}
        self._reasons: dict[str, Label] = {}
        self.sentence = ""
        self.planned: Plan | None = None
        self._lay_out()
        self._refresh()

    def refuse(self, sentence: str, where: str) -> bool:
        """Put a refusal below the knob at fault; False if it is none of these."""
        section, _, key = where.partition(".")
        if section != SECTION:
            return False
        if key == "workers":
            self.workers.set_error(sentence)
            return True
        return self.form.blame(key, sentence)

    def _change(self, key: str, value: Any) -> None:
        values = self.knobs.model_dump() | {key: value}
        knobs = ParallelismKnobs.model_validate(values)
        self.knobs = _with_usual_sizes(knobs) if key == "job" else knobs
        self.form.show_values(self.knobs)
        self._refresh()

    def _change_workers(self, text: str) -> None:
        self._text = text
        self._refresh()

    def _refresh(self) -> None:
        job = job_of(self.knobs.job)
        self._words.setText(f"{job.summary} Size in {job.size_unit}, grain in {job.grain_unit} a {job.one}.")
        # What the window's own Python cannot run another one may.
        own = not self.knobs.interpreter.strip()
        for name, runner in runners().items():
            reason = runner.refusal(job) if own else ""
            self._reasons[name].setText(reason)
            self._reasons[name].setVisible(bool(reason))
            self.switches[name].setEnabled(not reason and name != BASE)
        chosen = [
            name for name, switch in self.switches.items() if switch.isChecked() and not self._reasons[name].text()
        ]
        self.workers.set_error("")
        try:
            self.planned = plan(self.knobs.model_dump(), chosen, self._text)
            self.sentence = ""
        except OptionError as error:
            self.planned, self.sentence = None, str(error)
            self.refuse(str(error), error.where)
        self.changed.emit()

    def _lay_out(self) -> None:
        theme, inside = self._theme, QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(EDGE, 12, EDGE, 12)
        column.setSpacing(8)
        column.addWidget(Label(theme, "What is computed, and how is it cut?", 13, 600))
        column.addWidget(self.form)
        column.addWidget(self._words)
        column.addSpacing(6)
        column.addWidget(Label(theme, "Who does the tasks?", 13, 600))
        column.addWidget(self.workers)
        for name, runner in runners().items():
            column.addLayout(self._runner(name, runner.title, runner.summary))
            column.addWidget(self._reasons[name])
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ScrollArea(inside))

    def _runner(self, name: str, title: str, summary: str) -> QHBoxLayout:
        switch = self.switches[name] = Switch(self._theme, title, name in USUAL)
        switch.toggled.connect(lambda on: self._refresh())
        switch.setToolTip(summary)
        label = ElidedLabel(self._theme, title, 12, color="text2")
        label.setToolTip(summary)
        self._reasons[name] = Label(self._theme, "", 11, color="text3", wrap=True)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(label, 1)
        line.addWidget(switch)
        return line


def _with_usual_sizes(knobs: ParallelismKnobs) -> ParallelismKnobs:
    """The job's own size and grain in place of nought: a person changes what stands there."""
    job: Job = job_of(knobs.job)
    return ParallelismKnobs.model_validate(knobs.model_dump() | {"size": job.size, "grain": job.grain})
