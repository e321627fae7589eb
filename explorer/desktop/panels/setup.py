"""The four questions: who serves, where does work run, what does it do, how is it loaded. And the server's own knobs.

All of it derives from the catalogue; a new model, dispatch or workload appears here by itself.
"""

from typing import Any, Final

from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.catalog import Catalog, Feature
from explorer.desktop.control import Control
from explorer.desktop.panels.interpreter_knob import InterpreterKnob
from explorer.desktop.panels.knob_form import KnobForm
from explorer.desktop.panels.own_app import OwnAppPanel
from explorer.desktop.panels.words import QUESTIONS
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.choice import ChoiceItem
from explorer.desktop.widgets.choice_list import ChoiceList
from explorer.desktop.widgets.heading import Divider, NumberedHeading
from explorer.desktop.widgets.knob import KnobState
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.widgets.section import Section
from explorer.desktop.widgets.segmented import SegmentedControl
from explorer.options import Knobs, extra

SECTIONS: Final = ("model", "dispatch", "workload")
OF_WORKLOADS: Final = (2, 3)
"""The questions that an app of the user's own answers by itself; it stands in their place as one."""
MODES: Final = (("users", "Users"), ("rate", "Rate"), ("poisson", "Poisson"), ("burst", "Burst"))
MODE_KNOBS: Final = {
    "users": ("users", "think_time"),
    "rate": ("rate",),
    "poisson": ("rate",),
    "burst": ("requests",),
}
OF_CLUSTER: Final = ("cluster", "ca", "cert", "key")
"""Knobs of a load that comes from a cluster."""


class SetupPanel(QWidget):
    """Shows `control.scenario` and asks it to change; `app_asked` when another app of the user's own is wanted."""

    app_asked = Signal()

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._control = control
        self._questions = [
            Question(theme, control, number, section, QUESTIONS[number - 1])
            for number, section in enumerate(SECTIONS, 1)
        ]
        self._app = OwnAppPanel(theme, control)
        self._app.change_asked.connect(self.app_asked)
        self._load = LoadQuestion(theme, control)
        self._server = Section(theme, "Server, ports, Python", icon="sliders-horizontal")
        interpreter = InterpreterKnob(theme, control, "Interpreter")
        self._server_form = KnobForm(
            theme,
            control.scenario.server,
            lambda key, value: control.change("server", key, value),
            special={"interpreter": interpreter},
        )
        self._server.folded.connect(lambda folded: None if folded else interpreter.look())
        control.interpreters.changed.connect(self._questions[1].refresh)
        self._server.content.addWidget(self._server_form)
        self._column = QVBoxLayout()
        self._build()
        control.scenario_changed.connect(self._refresh)
        control.refused.connect(self._blame)
        control.bridge.restarting.connect(lambda reason: self._mark(KnobState.RESTARTING))
        control.bridge.serving.connect(lambda *_: self._mark(KnobState.CHANGED))
        self._show_own()
        self._last: tuple[str, str] = ("", "")
        self._before = control.scenario
        for question in self._questions:
            question.list.opened.connect(lambda opened, one=question: self._only(one, opened))

    def set_compact(self, compact: bool) -> None:
        """Use short sentences and close a list after a choice."""
        for question in self._questions:
            question.list.set_compact(compact)
        self._column.setContentsMargins(*((12, 12, 12, 12) if compact else (16, 16, 16, 16)))
        self._column.setSpacing(12 if compact else 18)

    def open_question(self, number: int) -> None:
        """Give the keyboard to question 1–4 and open its list; with an app of the user's own there are three."""
        own = self._control.scenario.own
        if own and number == OF_WORKLOADS[0]:
            self._app.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif number <= len(self._questions) and not (own and number in OF_WORKLOADS):
            question = self._questions[number - 1]
            question.list.set_open(True)
            question.list.focus_current()
        else:
            self._load.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _build(self) -> None:
        body = QWidget()
        body.setLayout(self._column)
        for question in self._questions:
            self._column.addWidget(question)
        self._column.addWidget(self._app)
        self._column.addWidget(self._load)
        self._column.addWidget(Divider(self._theme))
        self._column.addWidget(self._server)
        self._column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(ScrollArea(body), 1)
        column.addWidget(Divider(self._theme))
        column.addWidget(_Marks(self._theme))
        self._whole = column

    def set_foot(self, foot: QWidget) -> None:
        """Let a widget stand below the questions, always in sight."""
        self._whole.insertWidget(1, Divider(self._theme))
        self._whole.insertWidget(2, foot)

    def _only(self, opened_one: "Question", opened: bool) -> None:
        if opened:
            for question in self._questions:
                if question is not opened_one:
                    question.list.set_open(False)

    def _refresh(self) -> None:
        scenario = self._control.scenario
        different = self._before.differences(scenario)
        self._last = different[-1][:2] if different else ("", "")
        self._before = scenario
        for question in self._questions:
            question.refresh()
        self._app.refresh()
        self._show_own()
        self._load.refresh()
        self._server_form.show_values(scenario.server)
        self._mark(KnobState.CHANGED)

    def _show_own(self) -> None:
        """An app of the user's own stands in the place of the questions that do not apply to it."""
        own = self._control.scenario.own
        for number in OF_WORKLOADS:
            self._questions[number - 1].setVisible(not own)
        self._app.setVisible(own)
        self._load.heading.set_number(len(self._questions) + 1 - (len(OF_WORKLOADS) - 1) * own)
        self._server_form.set_shown("operations", not own)

    def _mark(self, state: KnobState) -> None:
        section, key = self._last
        self._app.form.mark(key if section == "app" else "", state)
        for question in self._questions:
            question.form_mark(key if question.section == section else "", state)
        self._load.form.mark(key if section == "load" else "", state)
        self._server_form.mark(key if section == "server" else "", state)

    def _blame(self, sentence: str, where: str) -> None:
        section, _, key = where.partition(".")
        if section == "server" and self._server_form.blame(key, sentence):
            self._server.set_open(True)
        elif section == "app":
            self._app.form.blame(key, sentence)
        elif section == "load":
            self._load.form.blame(key, sentence)
        else:
            for question in self._questions:
                if question.section == section:
                    question.blame(key, sentence)


class Question(QWidget):
    """One of the first three questions: the choices, and below them the knobs of what was chosen."""

    def __init__(self, theme: Theme, control: Control, number: int, section: str, text: str) -> None:
        super().__init__()
        self.section = section
        self._theme = theme
        self._control = control
        self._form: KnobForm | None = None
        self._shown_id = ""
        heading = NumberedHeading(theme, number, text)
        self.list = ChoiceList(theme, self._items(), current=self._chosen_id(), name=text)
        self.list.chosen.connect(lambda identity: control.change(section, "id", identity))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(heading)
        self._column.addWidget(self.list)
        self.refresh()

    def refresh(self) -> None:
        """Show the scenario as it is now."""
        self.list.set_items(self._items(), self._chosen_id())
        knobs = self._control.scenario.knobs(self.section)
        if self._shown_id != self._chosen_id():
            self._shown_id = self._chosen_id()
            self._replace_form(knobs)
        elif self._form is not None:
            self._form.show_values(knobs)

    def form_mark(self, key: str, state: KnobState) -> None:
        """Show knob `key` as just changed or restarting."""
        if self._form is not None:
            self._form.mark(key, state)

    def blame(self, key: str, sentence: str) -> None:
        """Put a refusal below the knob at fault."""
        if self._form is not None:
            self._form.blame(key, sentence)

    def _replace_form(self, knobs: Knobs) -> None:
        if self._form is not None:
            self._column.removeWidget(self._form)
            self._form.deleteLater()
        self._form = KnobForm(self._theme, knobs, lambda key, value: self._control.change(self.section, key, value))
        self._column.addWidget(self._form)  # first: what has no parent would be shown as a window of its own
        self._form.setVisible(len(self._form) > 0)

    def _chosen_id(self) -> str:
        return str(getattr(self._control.scenario, self.section).id)

    def _items(self) -> list[ChoiceItem]:
        catalog = self._control.catalog
        return [_item(feature, self._reason(catalog, feature)) for feature in catalog.all(self.section)]

    def _reason(self, catalog: Catalog, feature: Feature) -> str:
        scenario = self._control.scenario
        reason: str | None = feature.unavailable(self._control.interpreters.version(scenario))
        if not reason:
            chosen = {section: catalog.get(section, getattr(scenario, section).id) for section in SECTIONS}
            reason = catalog.refusal(**(chosen | {self.section: feature}))
        return reason or ""


class LoadQuestion(QWidget):
    """The last question: the kind of load and its knobs; only those that count for the chosen kind are shown."""

    def __init__(self, theme: Theme, control: Control) -> None:
        super().__init__()
        self._theme = theme
        self._control = control
        self._mode = ""
        self._kind = SegmentedControl(theme, MODES, current=control.scenario.load.mode, name=QUESTIONS[-1])
        self._kind.chosen.connect(lambda mode: control.change("load", "mode", mode))
        self._more = Section(theme, "Connections, ramp, time-out", icon="activity")
        self._more_form = KnobForm(theme, control.scenario.load, self._change, wanted=_is_advanced)
        self._more.content.addWidget(self._more_form)
        self.form = KnobForm(theme, control.scenario.load, self._change, wanted=lambda *_: False)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.heading = NumberedHeading(theme, len(SECTIONS) + 1, QUESTIONS[-1])
        self._column.addWidget(self.heading)
        self._column.addWidget(self._kind)
        self._column.addWidget(self.form)
        self._column.addWidget(self._more)
        self.setFocusProxy(self._kind)
        self.refresh()

    def refresh(self) -> None:
        """Show the scenario as it is now."""
        load = self._control.scenario.load
        self._kind.set_current(load.mode)
        if load.mode != self._mode:
            self._mode = load.mode
            wanted = MODE_KNOBS[load.mode]
            form = KnobForm(
                self._theme,
                load,
                self._change,
                wanted=lambda key, field: key in wanted,
                sliders=("users", "rate"),
            )
            self._column.replaceWidget(self.form, form)
            self.form.deleteLater()
            self.form = form
        else:
            self.form.show_values(load)
        self._more_form.show_values(load)
        self._more_form.set_shown("message_bytes", self._speaks_websocket())
        for key in OF_CLUSTER:
            self._more_form.set_shown(key, load.where == "cluster")

    def _speaks_websocket(self) -> bool:
        scenario, catalog = self._control.scenario, self._control.catalog
        if scenario.own:
            return any(route.speaks == "websocket" for route in scenario.routes)
        workloads = (scenario.workload, *(one.workload for one in scenario.also))
        return any(catalog.get("workload", one.id).speaks == "websocket" for one in workloads)

    def _change(self, key: str, value: Any) -> None:
        self._control.change("load", key, value)


class _Marks(QWidget):
    """What the two marks on the knobs mean."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 8, 12, 8)
        line.setSpacing(5)
        for icon, text in (("zap", "live"), ("rotate-cw", "restarts the server"), ("clock", "next run")):
            line.addWidget(IconLabel(theme, icon, 13, "text3"))
            line.addWidget(Label(theme, text, 11, color="text3"))
            line.addSpacing(7)
        line.addStretch(1)


def _is_advanced(key: str, field: FieldInfo) -> bool:
    return bool(extra(field, "advanced"))


def _item(feature: Feature, reason: str) -> ChoiceItem:
    return ChoiceItem(
        feature.id, feature.title, feature.short, feature.summary, feature.picture, reason, "", feature.group
    )
