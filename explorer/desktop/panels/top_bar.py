"""The bar at the top: name, Run or Stop, Send 1 and 10, what is going on, and open, save, theme, keys at the right.

The Run button never moves. What there is no room for goes, what matters least first: keys and words that an icon stands
for, then commands, behind one button. No word is cut.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.desktop.actions import Actions
from explorer.desktop.control import Control
from explorer.desktop.panels.more import More
from explorer.desktop.theme import Theme
from explorer.desktop.titles import title_of
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.fitting import Step, fit
from explorer.desktop.widgets.heading import Divider, Mark
from explorer.desktop.widgets.label import ElidedLabel, Label, at_word
from explorer.desktop.widgets.tip import tip
from explorer.desktop.words import clock
from explorer.records.clock import now_ns
from explorer.records.states import State

WORDED: Final = ("save", "compare", "open")
"""Buttons with words, which go together: some with and some without would look as if that meant something."""
GOING: Final = ("theme", "keys", "open_app", "view_options", "export", "labs", "lessons", "recent")
LAST: Final = ("compare", "save", "palette", "open")
"""Buttons in the order in which they go behind one: some before Run's key and the clock, some after all else."""
NAME_ROOM: Final = 260
"""A longer name than this ends in "…" before anything goes for it."""
NAME_WEIGHT: Final = 500
WIDEST_CLOCK: Final = "88:88.8"
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
    """Buttons trigger `actions`; the words follow `control`. `named(name)` follows each change of what is shown."""

    named = Signal(str)

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
        self._name = ElidedLabel(theme, "", 13, NAME_WEIGHT, whole_words=True)
        self._compact = self._narrow = False
        self._palette = Button(theme, "Search or run a command", icon="search", shortcut="Ctrl K", height=32)
        self._ghosts = {
            "palette": Button(theme, icon="command", kind=ButtonKind.GHOST, height=32, name="Commands (Ctrl+K)"),
            "open": Button(theme, "Open", icon="folder-open", kind=ButtonKind.GHOST, height=32, name="Open"),
            "open_app": Button(theme, icon="code", kind=ButtonKind.GHOST, height=32, name="Open app (Ctrl+Shift+O)"),
            "compare": Button(theme, "Compare", icon="columns-2", kind=ButtonKind.GHOST, height=32, name="Compare"),
            "lessons": Button(theme, icon="book-open", kind=ButtonKind.GHOST, height=32, name="Lessons (Ctrl+H)"),
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
        self._more = More(theme, actions, self._enabled, height=32)
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
        """Be lower, and leave words away where icons do."""
        self._compact = compact
        self.setFixedHeight(self._theme.px(48 if compact else 52))
        self._fit()

    def set_narrow(self, narrow: bool) -> None:
        """The setup has shrunk to a rail: there is nothing to be folded."""
        self._narrow = narrow
        self._fold.setVisible(not narrow)
        self._fit()

    def anchor(self, command: str) -> QWidget:
        """The button of a command, or the one that it is behind, for what opens below it."""
        return self._more if command in self._more.kept else self._ghosts[command]

    def set_setup_width(self, width: int) -> None:
        """Keep Run above the left edge of the lanes, `width` pixels from the window's edge."""
        self._brand.setFixedWidth(width)
        self._brand_name.setVisible(width >= self._theme.px(BRAND_WITH_NAME))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less has room."""
        super().resizeEvent(event)
        self._fit()

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
        name = self._control.source_name or title_of(self._control.catalog, self._control.scenario)
        if name != self._name.text():
            self._name.set_text(name)
            self.named.emit(name)
        self._ghosts["export"].setEnabled(bool(self._control.session or self._control.source_path))
        self._ghosts["save"].setEnabled(self._control.session is not None or self._control.source_path is not None)
        self._ghosts["theme"].set_text("", "sun" if self._theme.dark else "moon")
        if going:
            self._tick.start()
        else:
            self._tick.stop()
        self._show_clock()
        self._fit()

    @property
    def name(self) -> str:
        """The name of what is shown: a file's, a scenario's, or what was chosen."""
        return self._name.text()

    def _enabled(self, command: str) -> bool:
        button = self._ten if command == "send_ten" else self._ghosts[command]
        return button.isEnabled()

    def _show_clock(self) -> None:
        control = self._control
        if not control.began_ns or control.state == "viewing":  # of a recording the strip of the whole run says it
            self._clock.setText("")
            return
        self._clock.setText(clock(((control.ended_ns or now_ns()) - control.began_ns) / 1e9))

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
        self._between = Divider(self._theme, vertical=True)
        line.addSpacing(4)
        line.addWidget(self._between)
        line.addSpacing(4)
        line.addWidget(self._name)
        line.addStretch(1)
        line.addWidget(self._palette)
        for button in self._ghosts.values():
            line.addWidget(button)
        line.addWidget(self._more)
        self._line = line

    def _fit(self) -> None:
        """Show all there is, and then less of it until that fits."""
        held = next((one for one in self.findChildren(QWidget) if one.hasFocus()), None)
        self._show_what_fits()
        if held is not None and not held.hasFocus():
            # Hidden for a moment, or put behind the last button: the keyboard must not end up elsewhere.
            (held if held.isVisibleTo(self) else self._more).setFocus()

    def _show_what_fits(self) -> None:
        self._between.setFixedHeight(self._theme.px(20))
        for button in (self._run, self._one, self._ten):
            button.show_chip(not self._narrow)
            button.show_words(True)
        for widget in (self._ten, self._state, self._clock, self._between, self._name):
            widget.show()
        for command, button in self._ghosts.items():
            button.setVisible(command != "palette" or self._compact)
            button.show_words(not self._compact)
        self._palette.setVisible(not self._compact)
        self._palette.show_chip(True)
        self._more.keep(())
        whole = self._name.sizeHint().width()
        self._name.setFixedWidth(min(whole, self._theme.px(NAME_ROOM)))
        room = self.width() - self._reserve()
        fit(self._line, room, self._steps())
        self._fit_name(whole, room)

    def _steps(self) -> Iterator[Step]:
        for button in (self._ten, self._one):
            yield partial(button.show_chip, False)
        yield self._leave_words
        yield partial(self._palette.show_chip, False)
        yield self._fold_palette
        for command in GOING:
            yield partial(self._put_away, command)
        yield partial(self._run.show_chip, False)
        yield self._clock.hide
        yield partial(self._name.setFixedWidth, 0)
        yield partial(self._put_away, "send_ten")
        yield partial(self._one.show_words, False)
        for command in LAST:
            yield partial(self._put_away, command)
        yield self._state.hide

    def _leave_words(self) -> None:
        for command in WORDED:
            self._ghosts[command].show_words(False)

    def _fold_palette(self) -> None:
        self._palette.hide()
        self._ghosts["palette"].show()

    def _put_away(self, command: str) -> None:
        (self._ten if command == "send_ten" else self._ghosts[command]).hide()
        every = ("send_ten", *self._ghosts)
        self._more.keep([one for one in every if one == command or one in self._more.kept])

    def _fit_name(self, whole: int, room: int) -> None:
        """The name takes what is left, up to its end or that of a word; without room for one it is a tooltip."""
        self._line.invalidate()
        spare = room - self._line.minimumSize().width() + self._name.minimumWidth()
        metrics = QFontMetricsF(self._theme.font(13, NAME_WEIGHT))
        self._name.setFixedWidth(min(whole, max(0, spare)))
        shown = bool(at_word(metrics, self._name.text(), self._name.minimumWidth()))
        self._name.setVisible(shown)
        self._between.setVisible(shown and not self._state.isHidden())
        self._state.setToolTip("" if shown else tip(self._name.text()))
        self._dot.setToolTip("" if shown and not self._state.isHidden() else tip(self.spoken()))

    def spoken(self) -> str:
        """What is going on, in words: "Running, The pool runs dry"."""
        return f"{self._state.text()}, {self._name.text()}"

    def _reserve(self) -> int:
        """Room, px, for the widest words that the state and the clock may come to: a run's begin moves nothing."""
        state, clock = (QFontMetricsF(self._theme.font(13, weight)) for weight in (600, 400))
        widest = max(state.horizontalAdvance(words) for words in STATE_WORDS.values())
        least = widest - state.horizontalAdvance(self._state.text())
        least += max(0.0, clock.horizontalAdvance(WIDEST_CLOCK) - clock.horizontalAdvance(self._clock.text()))
        if not self._dot.isVisibleTo(self):
            least += self._dot.sizeHint().width() + self._line.spacing()
        words = "Stop" if self._run.text() == "Run" else "Run"
        return round(least) + max(0, self._run.width_for(words) - self._run.sizeHint().width())
