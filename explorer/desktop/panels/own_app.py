"""The setup's place for an app of the user's own, where otherwise the questions of dispatch and workload stand."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.panels.knob_form import KnobForm
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.heading import NumberedHeading
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.own_app import AppKnobs, RouteKnobs

TITLE = "Your app"
KNOBS = ("operations", "limit")
MOST_ROUTES = 6
SOURCES = {
    "hooks": "FastAPI itself tells of the operations.",
    "wrapper": "This FastAPI does not tell of its operations, so they are seen by a wrapper around it.",
}


class OwnAppPanel(QWidget):
    """Shows the app of the scenario; `change_asked` when another one, or other routes, are wanted."""

    change_asked = Signal()

    def __init__(self, theme: Theme, control: Control) -> None:
        super().__init__()
        self._theme = theme
        self._control = control
        self._target = ElidedLabel(theme, "", 13, 600)
        self._place = ElidedLabel(theme, "", 11, color="text3")
        self._routes = Label(theme, "", 12, color="text2", wrap=True)
        self._source = Label(theme, "", 11, color="text3", wrap=True)
        control.bridge.framed.connect(self._show_source)
        self.form = KnobForm(
            theme,
            control.scenario.app,
            lambda key, value: control.change("app", key, value),
            wanted=lambda key, field: key in KNOBS,
        )
        change = Button(theme, "Change", icon="sliders-horizontal", height=28)
        change.clicked.connect(lambda: self.change_asked.emit())
        leave = Button(theme, "Close app", icon="x", kind=ButtonKind.GHOST, height=28)
        leave.setToolTip("Serves a workload again.")
        leave.clicked.connect(lambda: control.change("app", "target", ""))
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(change)
        buttons.addWidget(leave)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(NumberedHeading(theme, 2, TITLE))
        for widget in (self._target, self._place, self._routes):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addWidget(self.form)
        column.addWidget(self._source)
        self.setFocusProxy(change)
        self.refresh()

    def refresh(self) -> None:
        """Show the scenario as it is now."""
        scenario = self._control.scenario
        self._target.set_text(scenario.app.target)
        self._place.set_text(_place(scenario.app, scenario.server.interpreter))
        self._routes.setText("\n".join(_asked(scenario.routes)))
        self.form.show_values(scenario.app)
        self._show_source()

    def _show_source(self) -> None:
        """Whose word the operations of the present run are."""
        sentence = SOURCES.get(self._control.statistics.operations.source, "")
        if sentence != self._source.text():
            self._source.setText(sentence)
        self._source.setVisible(bool(sentence))


def _place(app: AppKnobs, interpreter: str) -> str:
    where = f"in {app.folder}" if app.folder else "in the present folder"
    variables = f", {len(app.environment)} variables" if app.environment else ""
    return where + (f", under {interpreter}" if interpreter else "") + variables


def _asked(routes: tuple[RouteKnobs, ...]) -> list[str]:
    lines = [f"{'WebSocket' if one.speaks == 'websocket' else one.method} {one.path}" for one in routes]
    rest = len(lines) - MOST_ROUTES
    return lines if rest <= 0 else [*lines[:MOST_ROUTES], f"and {rest} more"]
