"""Choosing what a duel compares: two to four runs, how often and how long; and the duels that are on disk."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.duel.badge import Badge
from explorer.desktop.duel.choices import PRESENT, choices, scenario_of, second
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind, ghost_button
from explorer.desktop.widgets.combo import Combo
from explorer.desktop.widgets.knob import KnobField
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.number import NumberRange
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.words import duration
from explorer.option_error import OptionError
from explorer.session.duel_plan import BADGES, DURATION_S, FEWEST, MOST, MOST_REPEATS, REPEAT, Plan, plan

WIDTH: Final = 620
ABOUT: Final = (
    "The same load, sent to each of two to four setups several times: what differs, how sure that is, and why. "
    "Choose what the others do differently."
)


class DuelSetup(QWidget):
    """`started(Plan)` follows Compare; `file_asked(place)` asks for a scenario's or recording's file for run number
    `place`; `duel_asked(Path | None)` for a duel on disk (None: ask which).
    """

    started = Signal(object)
    file_asked = Signal(int)
    duel_asked = Signal(object)

    def __init__(
        self, theme: Theme, control: Control, shipped: Sequence[tuple[str, Path]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._control = control
        self._files: list[tuple[str, Path]] = list(shipped)
        self._chosen: list[str] = []
        self._combos: list[Combo] = []
        self._plan: Plan | None = None
        self._stale = False
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        self._add = Button(theme, "Add a run", icon="plus")
        self._add.clicked.connect(lambda: self.add())
        self._repeat = KnobField(
            theme, "Repeats", REPEAT, NumberRange(1, MOST_REPEATS), effect="start",
            description="How often each runs; from two on there is an interval, from five on a useful one.",
        )  # fmt: skip
        self._length = KnobField(
            theme, "Length", DURATION_S, NumberRange(1, 3600, 1, whole=False), unit="s", effect="start",
            description="Seconds of load of each run; warm-up and five answers must fit in.",
        )  # fmt: skip
        for knob in (self._repeat, self._length):
            knob.committed.connect(lambda _: self.refresh())
        self._words = Label(theme, "", 13, color="text2", wrap=True)
        self._start = Button(theme, "Compare", icon="columns-2", kind=ButtonKind.PRIMARY, shortcut="Space", height=34)
        self._start.clicked.connect(lambda: self.start())
        self._recent = QVBoxLayout()
        self._recent.setSpacing(4)
        self._lay_out()
        control.scenario_changed.connect(self._present_changed)
        theme.changed.connect(self._restyle)
        self.reset()

    @property
    def combos(self) -> Sequence[Combo]:
        """The fields of the runs, A first."""
        return self._combos

    @property
    def plan(self) -> Plan | None:
        """What would be run; None while that is not possible."""
        return self._plan

    @property
    def sentence(self) -> str:
        """What the page says of the plan, or what stands in its way."""
        return self._words.text()

    def reset(self) -> None:
        """A is the present setup, B another dispatch."""
        self._chosen = [PRESENT, second(self._control.catalog, self._control.scenario)]
        seconds = self._control.scenario.load.duration
        if seconds:
            self._length.set_value(seconds)
        self._show_rows()

    def add(self) -> None:
        """One more run: the first choice that is not there yet."""
        if len(self._chosen) < MOST:
            free = (
                one.id
                for one in choices(self._control.catalog, self._control.scenario, self._files)
                if not one.reason and one.id not in self._chosen
            )
            self._chosen.append(next(free, PRESENT))
            self._show_rows()

    def remove(self, place: int) -> None:
        """Take a run away; two stay."""
        if len(self._chosen) > FEWEST:
            del self._chosen[place]
            self._show_rows()

    def choose(self, place: int, identity: str) -> None:
        """Let run number `place` be another one."""
        self._chosen[place] = identity
        self._combos[place].set_current(identity)
        self.refresh()

    def take_file(self, place: int, path: Path) -> None:
        """Let run number `place` be what a file says."""
        if not any(known == path for _, known in self._files):
            self._files.append((path.name, path))
        self._chosen[place] = f"file:{path}"
        self._show_rows()

    def start(self) -> None:
        """Begin, if there is a plan."""
        self.refresh()
        if self._plan is not None:
            self.started.emit(self._plan)

    def show_recent(self, duels: Sequence[tuple[str, Path]]) -> None:
        """Offer duels that are on disk."""
        _empty(self._recent)
        if duels:
            self._recent.addWidget(Label(self._theme, "Duels before", 12, 600, "text2"))
        for name, folder in duels:
            button = ghost_button(self._theme, name, icon="history")
            button.clicked.connect(lambda _=False, folder=folder: self.duel_asked.emit(folder))
            self._recent.addWidget(button)

    def refresh(self) -> None:
        """Make the plan anew and say what it is, or what is wrong with it."""
        control = self._control
        try:
            scenarios = [scenario_of(control.catalog, control.scenario, one) for one in self._chosen]
            found = plan(control.catalog, scenarios, round(self._repeat.value()), self._length.value())
        except OptionError as error:
            self._plan = None
            self._words.setText(str(error))
            self._words.set_color("danger")
        else:
            self._plan = found
            runs = len(found.order)
            self._words.setText(f"{found.sentence} {runs} runs, about {duration(found.seconds * 1e9)}.")
            self._words.set_color("text2")
        self._start.setEnabled(self._plan is not None)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self._present_changed()

    def _present_changed(self) -> None:
        # A plan of many arrivals takes a tenth of a second: not at each turn of a knob on the window's other page.
        self._stale = not self.isVisible()
        if self._stale:
            return
        kept = [one.id for one in choices(self._control.catalog, self._control.scenario, self._files) if not one.reason]
        self._chosen = [one if one in kept else PRESENT for one in self._chosen]
        if len(set(self._chosen)) < len(self._chosen):
            self._chosen[1] = second(self._control.catalog, self._control.scenario)
        self._show_rows()

    def _show_rows(self) -> None:
        _empty(self._rows)
        self._combos = []
        theme = self._theme
        options = [
            (one.id, one.title, one.reason)
            for one in choices(self._control.catalog, self._control.scenario, self._files)
        ]
        for place, (badge, chosen) in enumerate(zip(BADGES, self._chosen, strict=False)):
            combo = Combo(theme, options, current=chosen, name=f"Run {badge}")
            combo.setFixedSize(theme.px(420), theme.px(28))
            combo.chosen.connect(lambda identity, place=place: self.choose(place, identity))
            self._combos.append(combo)
            file = ghost_button(theme, "File", icon="folder-open")
            file.set_name(f"Choose a scenario or a recording for {badge}")
            file.clicked.connect(lambda _=False, place=place: self.file_asked.emit(place))
            away = ghost_button(theme, icon="x", name=f"Take run {badge} away")
            away.setEnabled(len(self._chosen) > FEWEST)
            away.clicked.connect(lambda _=False, place=place: self.remove(place))
            line = QWidget()
            line.setFixedHeight(theme.px(28))
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
            for widget in (Badge(theme, badge), combo, file, away):
                row.addWidget(widget)
            row.addStretch(1)
            self._rows.addWidget(line)
        self._add.setEnabled(len(self._chosen) < MOST)
        self.refresh()

    def _restyle(self) -> None:
        """Another scale: the card is wider or narrower, and its rows are as high as their fields."""
        self._card.setFixedWidth(self._theme.px(WIDTH))
        if not self._stale:  # else what was chosen may not be there any more, and is looked at when it is seen
            self._show_rows()

    def _lay_out(self) -> None:
        theme = self._theme
        card = QVBoxLayout()
        card.setSpacing(10)
        card.addWidget(Label(theme, "Compare", 26, 600))
        card.addWidget(Label(theme, ABOUT, 13, color="text2", wrap=True))
        card.addSpacing(8)
        card.addLayout(self._rows)
        line = QHBoxLayout()
        line.addWidget(self._add)
        line.addStretch(1)
        card.addLayout(line)
        card.addSpacing(8)
        knobs = QHBoxLayout()
        knobs.setSpacing(24)
        for knob in (self._repeat, self._length):
            knobs.addWidget(knob, 1)
        knobs.addStretch(1)
        card.addLayout(knobs)
        card.addSpacing(4)
        card.addWidget(self._words)
        card.addSpacing(4)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._start)
        other = Button(theme, "Open a duel", icon="folder-open", height=34)
        other.clicked.connect(lambda: self.duel_asked.emit(None))
        buttons.addWidget(other)
        buttons.addStretch(1)
        card.addLayout(buttons)
        card.addSpacing(14)
        card.addLayout(self._recent)
        self._card = QWidget()
        self._card.setLayout(card)
        self._card.setFixedWidth(theme.px(WIDTH))
        beside = QHBoxLayout()
        beside.addStretch(1)
        beside.addWidget(self._card)  # with an alignment it would not get the height that its width asks for
        beside.addStretch(1)
        outer = QWidget()
        middle = QVBoxLayout(outer)
        middle.addStretch(1)
        middle.addLayout(beside)
        middle.addStretch(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(ScrollArea(outer, sideways=True))


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
