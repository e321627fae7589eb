"""The bar at the top: name, Run or Stop, Send 1 and 10, what is going on, and open, save, theme, keys at the right.

The Run button never moves.
"""

from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.desktop.actions import Actions
from explorer.desktop.control import Control
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.heading import Divider, Mark
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.records.clock import now_ns
from explorer.records.states import State

SECTIONS: Final = ("model", "dispatch", "workload")
FEWER: Final = ("open_app", "export", "theme", "labs")
"""Buttons that a narrow window leaves to their keys and to the palette."""
BRAND_WITH_NAME: Final = 250
STATE_WORDS: Final = {
    "empty": "Ready",
    "starting": "Starting",
    "running": "Running",
    "stopping": "Stopping",
    "stopped": "Stopped",
    "viewing": "Recording",
}


class TopBar(QWidget):
    """Buttons trigger `actions`; the words follow `control`."""

    def __init__(self, theme: Theme, control: Control, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._control = control
        self._actions = actions
        self._run = Button(theme, "Run", icon="play", kind=ButtonKind.PRIMARY, shortcut="Space", height=34)
        self._one = Button(theme, "Send 1", icon="send", shortcut="N", height=32)
        self._ten = Button(theme, "Send 10", shortcut="Shift+N", height=32)
        self._dot = Label(theme, "●", 12, color="text3")
        self._state = Label(theme, STATE_WORDS["empty"], 13, 600)
        self._clock = Label(theme, "", 13, color="text2")
        self._name = ElidedLabel(theme, "", 13, 500)
        self._palette = Button(theme, "Search or run a command", icon="search", shortcut="Ctrl K", height=32)
        self._ghosts = {
            "palette": Button(theme, icon="command", kind=ButtonKind.GHOST, height=32, name="Commands (Ctrl+K)"),
            "open": Button(theme, "Open", icon="folder-open", kind=ButtonKind.GHOST, height=32, name="Open"),
            "open_app": Button(theme, icon="code", kind=ButtonKind.GHOST, height=32, name="Open app (Ctrl+Shift+O)"),
            "compare": Button(theme, "Compare", icon="columns-2", kind=ButtonKind.GHOST, height=32, name="Compare"),
            "labs": Button(theme, icon="graduation-cap", kind=ButtonKind.GHOST, height=32, name="Labs"),
            "recent": Button(
                theme, icon="history", kind=ButtonKind.GHOST, height=32, name="Recent runs (Ctrl+Shift+R)"
            ),
            "save": Button(theme, "Save", icon="save", kind=ButtonKind.GHOST, height=32, name="Save"),
            "export": Button(theme, icon="share-2", kind=ButtonKind.GHOST, height=32, name="Export (Ctrl+E)"),
            "view_options": Button(
                theme, icon="sliders-horizontal", kind=ButtonKind.GHOST, height=32, name="View options (Ctrl+,)"
            ),
            "theme": Button(theme, icon="sun", kind=ButtonKind.GHOST, height=32, name="Dark or light (Ctrl+T)"),
            "keys": Button(theme, icon="keyboard", kind=ButtonKind.GHOST, height=32, name="Keys (?)"),
        }
        self._fold = Button(theme, icon="panel-left", kind=ButtonKind.GHOST, height=28, name="Setup (Ctrl+B)")
        self._brand_name = Label(theme, "Concurrency Explorer", 15, 600)
        self._brand = self._make_brand()
        self._lay_out()
        for button, command in ((self._run, "run"), (self._one, "send_one"), (self._ten, "send_ten")):
            button.clicked.connect(lambda _=False, command=command: actions.trigger(command))
            button.setToolTip(actions.commands[command].sentence)
        for command, button in self._ghosts.items():
            button.clicked.connect(lambda _=False, command=command: actions.trigger(command))
        self._palette.clicked.connect(lambda: actions.trigger("palette"))
        self._fold.clicked.connect(lambda: actions.trigger("setup"))
        control.state_changed.connect(self.refresh)
        control.scenario_changed.connect(self.refresh)
        control.run_began.connect(self.refresh)
        theme.changed.connect(self.refresh)
        self._tick = QTimer(self)
        self._tick.setInterval(200)
        self._tick.timeout.connect(self._show_clock)
        self.refresh()

    def set_compact(self, compact: bool) -> None:
        """Leave words away where icons do."""
        self.setFixedHeight(self._theme.px(48 if compact else 52))
        self._palette.setVisible(not compact)
        self._ghosts["palette"].setVisible(compact)
        self._ghosts["open"].set_text("" if compact else "Open")
        self._ghosts["save"].set_text("" if compact else "Save")
        self._ghosts["compare"].set_text("" if compact else "Compare")

    def set_narrow(self, narrow: bool) -> None:
        """Leave away what the keyboard and the palette offer as well; Run stays."""
        for button in (self._run, self._one, self._ten):
            button.show_chip(not narrow)
        for part in (*(self._ghosts[name] for name in FEWER), self._fold, self._clock):
            part.setVisible(not narrow)

    def anchor(self, command: str) -> QWidget:
        """The button of a command, for what opens below it."""
        return self._ghosts[command]

    def set_setup_width(self, width: int) -> None:
        """Keep Run above the left edge of the lanes, `width` pixels from the window's edge."""
        self._brand.setFixedWidth(max(width, 120))
        self._brand_name.setVisible(width >= self._theme.px(BRAND_WITH_NAME))

    def refresh(self) -> None:
        """Show what is going on."""
        state = self._control.state
        going = state in ("starting", "running", "stopping")
        self._run.set_text("Stop" if going else "Run", "square" if going else "play")
        self._run.set_kind(ButtonKind.QUIET if going else ButtonKind.PRIMARY)
        self._run.setEnabled(state != "stopping")
        for button in (self._one, self._ten):
            button.setEnabled(state not in ("starting", "stopping"))
        self._state.setText(STATE_WORDS[state])
        self._dot.setVisible(going)
        self._dot.setStyleSheet(f"color: {self._theme.tokens.states[State.RUNNING].fill}")
        self._name.set_text(self._control.source_name or self._title())
        self._ghosts["export"].setEnabled(bool(self._control.session or self._control.source_path))
        self._ghosts["save"].setEnabled(self._control.session is not None or self._control.source_path is not None)
        self._ghosts["theme"].set_text("", "sun" if self._theme.dark else "moon")
        if going:
            self._tick.start()
        else:
            self._tick.stop()
        self._show_clock()

    def _title(self) -> str:
        scenario = self._control.scenario
        if scenario.name:
            return scenario.name
        catalog = self._control.catalog
        if scenario.own:
            return f"{catalog.get('model', scenario.model.id).title}, {scenario.app.target}"
        titles = [catalog.get(section, getattr(scenario, section).id).title for section in SECTIONS]
        return ", ".join([titles[0], *(_within(title) for title in titles[1:])])

    def _show_clock(self) -> None:
        control = self._control
        if not control.began_ns or control.state == "viewing":  # of a recording the strip of the whole run says it
            self._clock.setText("")
            return
        seconds = max(0.0, ((control.ended_ns or now_ns()) - control.began_ns) / 1e9)
        minutes, rest = divmod(seconds, 60)
        self._clock.setText(f"{int(minutes):02d}:{rest:04.1f}")

    def _make_brand(self) -> QWidget:
        brand = QWidget()
        line = QHBoxLayout(brand)
        line.setContentsMargins(14, 0, 8, 0)
        line.setSpacing(10)
        line.addWidget(Mark(self._theme))
        line.addWidget(self._brand_name)
        line.addStretch(1)
        line.addWidget(self._fold)
        return brand

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 12, 0)
        line.setSpacing(8)
        line.addWidget(self._brand)
        line.addWidget(Divider(self._theme, vertical=True))
        line.addSpacing(8)
        line.addWidget(self._run)
        line.addWidget(self._one)
        line.addWidget(self._ten)
        line.addSpacing(4)
        line.addWidget(self._dot)
        line.addWidget(self._state)
        line.addWidget(self._clock)
        between = Divider(self._theme, vertical=True)
        between.setFixedHeight(self._theme.px(20))
        line.addSpacing(4)
        line.addWidget(between)
        line.addSpacing(4)
        line.addWidget(self._name, 1)
        line.addWidget(self._palette)
        for button in self._ghosts.values():
            line.addWidget(button)


def _within(title: str) -> str:
    """A title that is not the first word: "thread pool", but "WebSocket" and "CPU work"."""
    first = title.split(" ")[0]
    return title if first[1:] != first[1:].lower() else title[:1].lower() + title[1:]
