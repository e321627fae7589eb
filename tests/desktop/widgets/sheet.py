"""Draws all widgets in all their states on one sheet, to be looked at: `python -m tests.desktop.widgets.sheet OUT.png`.

For developers; not a screen of the product. `--theme light` for the light one, `--patterns` with textures.
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets import button, chart, choice, choice_list, cpu_bar, stacked_bar, status, steps
from explorer.desktop.widgets.banner import Banner
from explorer.desktop.widgets.combo import Combo
from explorer.desktop.widgets.heading import Divider, Mark, NumberedHeading
from explorer.desktop.widgets.knob import KnobField, KnobState
from explorer.desktop.widgets.label import ElidedLabel, Label, ShortcutChip
from explorer.desktop.widgets.number import NumberRange
from explorer.desktop.widgets.picture import Picture
from explorer.desktop.widgets.scale import linear_axis, log_axis
from explorer.desktop.widgets.section import Section
from explorer.desktop.widgets.segmented import SegmentedControl
from explorer.desktop.widgets.slider import Slider
from explorer.desktop.widgets.switch import Switch
from explorer.desktop.words import STATE_WORDS
from explorer.paths import resources
from explorer.records.states import State

S = State
RUN, GIL, IO, QUE, AWA = S.RUNNING, S.WAITING_GIL, S.BLOCKED, S.QUEUED, S.AWAITING

ITEMS = (
    choice.ChoiceItem(
        "coroutine",
        "Coroutine",
        "async def that awaits.",
        "An async def that awaits: the loop serves others while it waits.",
        (
            *((0, at, 0.1, RUN) for at in (0.0, 0.25, 0.5, 0.8)),
            *((1, at, 0.3, AWA) for at in (0.1, 0.65)),
            (2, 0.35, 0.4, AWA),
        ),
    ),
    choice.ChoiceItem(
        "blocking",
        "Blocking coroutine",
        "async def that blocks.",
        "An async def that never awaits: until it ends, nobody else is served.",
        ((0, 0.0, 0.07, RUN), (0, 0.07, 0.8, IO), (0, 0.87, 0.1, RUN), (1, 0.1, 0.75, QUE), (2, 0.17, 0.68, QUE)),
    ),
    choice.ChoiceItem(
        "thread_pool",
        "Thread pool",
        "def in worker threads.",
        "A plain def runs in a worker thread; tokens limit how many run at once.",
        (
            *((0, at, 0.09, RUN) for at in (0.0, 0.16, 0.32, 0.85)),
            (1, 0.09, 0.6, IO),
            (2, 0.25, 0.62, RUN),
            (3, 0.41, 0.5, IO),
        ),
    ),
    choice.ChoiceItem(
        "cluster",
        "Cluster",
        "Work on other machines.",
        "The work goes to Dask workers, here or on other machines.",
        ((0, 0.0, 0.1, RUN), (1, 0.2, 0.6, RUN), (2, 0.3, 0.6, RUN)),
        reason="Not installed: pip install distributed",
        command="pip install distributed",
    ),
)


PARTS = (
    stacked_bar.Part("Waited for a thread", 71.6, QUE, "all tokens taken"),
    stacked_bar.Part("Waited for the GIL", 46.0, GIL, "another thread ran Python"),
    stacked_bar.Part("Waited for I/O", 18.4, IO, "sock.recv, cache read"),
    stacked_bar.Part("Ran", 16.9, RUN, "loop and worker"),
    stacked_bar.Part("Unexplained", 1.24, None),
)


class Ground(QWidget):
    """A widget of a colour."""

    def __init__(self, theme: Theme, token: str = "bg") -> None:
        super().__init__()
        self.setAutoFillBackground(True)
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme.color(token))
        self.setPalette(palette)


Piece = QWidget | QLayout | int | None


def _fill(layout: QVBoxLayout | QHBoxLayout, pieces: tuple[Piece, ...], space: int) -> None:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(space)
    for piece in pieces:
        if piece is None:
            layout.addStretch(1)
        elif isinstance(piece, int):
            layout.addSpacing(piece)
        elif isinstance(piece, QWidget):
            layout.addWidget(piece)
        else:
            layout.addLayout(piece)


def row(*pieces: Piece, space: int = 14) -> QHBoxLayout:
    """Pieces side by side: a number is a space, None stretches."""
    layout = QHBoxLayout()
    _fill(layout, pieces, space)
    return layout


def column(*pieces: Piece, space: int = 4) -> QVBoxLayout:
    """Pieces one below the other."""
    layout = QVBoxLayout()
    _fill(layout, pieces, space)
    return layout


class Sheet:
    """Builds the three columns."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.after: list[Callable[[], object]] = []
        """What can only be done once the sheet is shown."""

    def window(self) -> QWidget:
        """The whole sheet."""
        window = Ground(self.theme, "panel")
        layout = QHBoxLayout(window)
        layout.setContentsMargins(32, 26, 32, 20)
        layout.setSpacing(40)
        for build, width in ((self.left, 310), (self.middle, 620), (self.right, 0)):
            holder = QWidget()
            holder.setLayout(build())
            if width:
                holder.setFixedWidth(width)
            layout.addWidget(holder, 0 if width else 1)
        return window

    def caption(self, text: str) -> Label:
        """What the thing below is."""
        return Label(self.theme, text, 11, 500, "text3")

    def title(self, text: str) -> Label:
        """The head of a group."""
        return Label(self.theme, text, 15, 600)

    def named(self, text: str, widget: QWidget) -> QVBoxLayout:
        """A widget under its caption."""
        return column(self.caption(text), row(widget, None))

    def left(self) -> QLayout:
        """Choices, knobs."""
        t, items = self.theme, ITEMS
        chosen = choice.Choice(t, items[0])
        chosen.set_selected(True)
        focused = choice.Choice(t, items[0])
        self.after.append(lambda: self.show_ring(focused))
        open_ = choice_list.ChoiceList(t, items[:3], current="thread_pool")
        open_.set_open(True)
        return column(
            self.title("Choices"),
            8,
            self.caption("closed"),
            choice_list.ChoiceList(t, items, current="thread_pool", compact=True),
            self.caption("open"),
            open_,
            self.caption("selected"),
            chosen,
            self.caption("keyboard focus"),
            focused,
            self.caption("disabled, with its reason"),
            choice.Choice(t, items[3]),
            12,
            self.title("Knobs"),
            8,
            *self.knobs(),
            None,
        )

    def knobs(self) -> list[Piece]:
        """A knob in each of its states."""
        t, bounds = self.theme, NumberRange(1, 1000)
        pieces: list[Piece] = []
        for caption, name, value, unit, live, state in (
            ("rest, changes live", "Tokens", 40, "threads", True, KnobState.REST),
            ("just changed", "Tokens", 4, "threads", True, KnobState.CHANGED),
            ("restart needed", "Workers", 4, "processes", False, KnobState.REST),
            ("restart under way", "Workers", 4, "processes", False, KnobState.RESTARTING),
        ):
            knob = KnobField(t, name, value, bounds, unit=unit, effect="live" if live else "restart")
            knob.set_state(state)
            pieces += [self.caption(caption), knob]
        wrong = KnobField(t, "Tokens", 4, bounds, unit="threads")
        wrong.set_error(bounds.sentence())
        pieces += [self.caption("out of bounds: the last good value goes on"), wrong]
        pieces += [self.caption("slider, logarithmic"), Slider(t, NumberRange(0, 10_000), 100, log=True, name="Users")]
        return pieces

    def run_button(self) -> button.Button:
        """The filled button."""
        return button.Button(self.theme, "Run", icon="play", kind=button.ButtonKind.PRIMARY, shortcut="Space")

    def middle(self) -> QLayout:
        """Buttons, states, messages."""
        t = self.theme
        run, focused, off = (self.run_button() for _ in range(3))
        off.setEnabled(False)
        self.after.append(lambda: self.show_ring(focused))
        following = button.toggle_button(t, "Following live", icon="radio", shortcut="F", height=32)
        following.setChecked(True)
        behind = button.toggle_button(t, "Follow, 3.4 s behind", icon="radio", shortcut="F", height=32)
        return column(
            self.title("Buttons"),
            8,
            row(
                self.named("primary", run),
                self.named("focus", focused),
                self.named("disabled", off),
                self.named("during a run", button.Button(t, "Stop", icon="square", shortcut="Space", height=34)),
                None,
            ),
            row(
                self.named("quiet", button.Button(t, "Copy", icon="copy", height=32)),
                self.named("ghost", button.ghost_button(t, "Save", icon="save", height=32)),
                self.named("on", following),
                self.named("off, behind", behind),
                self.named("icon", button.ghost_button(t, icon="sun", name="Light theme", height=32)),
                None,
            ),
            row(
                self.named("segments", SegmentedControl(t, (("users", "Users"), ("rate", "Fixed rate")), name="Load")),
                self.named("switch", row_widget(Switch(t, "GC", True), Switch(t, "GC", False))),
                self.named("combo", Combo(t, (("asyncio", "asyncio", ""), ("uvloop", "uvloop", "Not here.")))),
                self.named("heading", NumberedHeading(t, 1, "Who serves the connections?")),
            ),
            10,
            self.title("States: colour, height, sentence"),
            6,
            *(self.state_row(state, *words) for state, words in STATE_WORDS.items()),
            10,
            self.title("Messages"),
            6,
            *self.messages(),
            None,
            space=7,
        )

    def state_row(self, state: State, title: str, short: str, sentence: str) -> QLayout:
        """A bar of a state and what it means."""
        bar = Picture(self.theme, ((0, 0.0, 1.0, state),), QSize(120, 28))
        words = column(Label(self.theme, title, 13, 600), Label(self.theme, sentence, 12, 400, "text2"), space=0)
        return row(bar, Label(self.theme, short, 12, 400, "text2"), words, None)

    def messages(self) -> list[Piece]:
        """Banners of both kinds."""
        t = self.theme

        def nothing() -> None:
            """The sheet has nothing to do."""

        return [
            Banner(
                t,
                "The server could not start",
                "Port 8417 is in use by another program (pid 3911). Nothing was left running.",
                (("Use a free port", nothing), ("Try again", nothing)),
            ),
            Banner(
                t,
                "A worker died",
                "Worker 41209 was ended by signal 9. The run goes on with 3 workers; what it recorded is kept.",
                (("Show", nothing),),
                icon="triangle-alert",
            ),
            Banner(
                t,
                "Thread states are not available here",
                "The system does not allow reading them. One command changes that.",
                (("Copy command", nothing), ("Details", nothing)),
                kind="info",
            ),
        ]

    def right(self) -> QLayout:
        """Charts, parts, progress, status."""
        t = self.theme
        start = steps.StepList(t, "Starting the server")
        start.show_progress(
            (
                steps.Step("Interpreter started", steps.StepState.DONE, 0.21),
                steps.Step("FastAPI imported", steps.StepState.DONE, 0.44),
                steps.Step("Waiting for the first answer", steps.StepState.NOW),
                steps.Step("Load begins"),
            ),
            2.8,
        )
        bar, parts = stacked_bar.StackedBar(t), stacked_bar.PartsList(t, total_name="Measured latency")
        line = stacked_bar.PartsList(t, compact=True)
        for shown in (bar, parts, line):
            shown.set_parts(PARTS)
        section = Section(t, "Server, ports, Python, garbage collector …", icon="sliders-horizontal", opened=True)
        section.content.addWidget(
            KnobField(t, "Backlog", 2048, NumberRange(1, 65535), unit="connections", effect="restart")
        )
        long = ElidedLabel(t, "GET /job/with/a/route/that/is/much/too/long/for/its/lane", 13, 500)
        long.setFixedWidth(180)
        keys = row(
            *(ShortcutChip(t, key) for key in ("Space", "F", "Ctrl K", "1 – 4", "?")), Mark(t), long, None, space=8
        )
        return column(
            self.title("Charts"),
            6,
            self.charts(),
            12,
            self.title("Where the time goes"),
            6,
            bar,
            6,
            row(column(parts, None), column(start, None), space=24),
            line,
            12,
            self.title("Status"),
            6,
            self.status(),
            Divider(t),
            12,
            self.title("Sections, keys"),
            6,
            section,
            keys,
            None,
            space=4,
        )

    def charts(self) -> QLayout:
        """A line with an area, latency with dots, the ready queue, processes."""
        t, rng = self.theme, np.random.default_rng(1)
        times = np.linspace(0, 60, 600)
        rate = 60 + rng.normal(0, 2, 600)
        wait = np.where(times < 30, 70, 130) * rng.lognormal(0, 0.06, 600)
        dot_times = np.sort(rng.uniform(0, 60, 1500))
        dot_values = np.interp(dot_times, times, wait) * rng.lognormal(0, 0.25, 1500)
        ready = np.abs(rng.normal(0.5, 0.4, 600))
        one, two, three = (chart.LineChart(t) for _ in range(3))
        one.show_data(
            chart.ChartData(0, 60, linear_axis(rate), (chart.Series(times, rate, area=True),), None, (30,), limit=63)
        )
        two.show_data(
            chart.ChartData(
                0,
                60,
                log_axis(dot_values),
                (chart.Series(times, wait), chart.Series(times, wait * 1.3, "text2", width=1.2)),
                chart.Dots(dot_times, dot_values, rng.uniform(size=1500) < 0.01),
                (30,),
                labels=True,
            )
        )
        three.show_data(
            chart.ChartData(
                0, 60, linear_axis(ready), (chart.Series(times, ready, state=QUE, width=1.5, area=True),), None, (30,)
            )
        )
        for small in (one, two, three):
            small.setFixedHeight(70)
        bars = cpu_bar.CpuBars(t)
        bars.set_rows(
            (
                cpu_bar.CpuRow("server", 0.98, "64 MB", True),
                cpu_bar.CpuRow("load", 0.04, "38 MB"),
                cpu_bar.CpuRow("sampler", 0.03, "21 MB"),
            )
        )
        return row(one, two, three, bars, space=20)

    def status(self) -> QLayout:
        """Cells of the status bar, one of them an alarm."""
        t, word = self.theme, status.Words
        url = status.StatusCell(t, "Address", icon="globe", link=True)
        url.set_words((word("http://127.0.0.1:8417", "accent", 500, True), word("/docs", "text3", 400, True)))
        pids = status.StatusCell(t, "Processes")
        pids.set_words(
            (word("server"), status.figure("41207", mono=True), word("load"), status.figure("41215", mono=True))
        )
        rate = status.StatusCell(t, "Records")
        rate.set_words((status.figure("1,914"), word("records/s")))
        lost = status.StatusCell(t, "Lost")
        lost.set_words((status.figure("1,204"), word("records lost")), alarm=True, action="Why?")
        return row(url, pids, rate, lost, None, space=6)

    @staticmethod
    def show_ring(widget: QWidget) -> None:
        """Show the focus ring although another widget may have the focus."""

        QApplication.sendEvent(widget, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))


def row_widget(*widgets: QWidget) -> QWidget:
    """Widgets side by side as one widget."""
    holder = QWidget()
    holder.setLayout(row(*widgets, space=8))
    return holder


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--patterns", action="store_true")
    parser.add_argument("--scale", action="store_true", help="presentation mode")
    options = parser.parse_args()
    application = QApplication([])
    theme = Theme(resources(), options.theme)
    theme.apply(application)
    theme.set_options(patterns=options.patterns)
    theme.set_presentation(options.scale)
    sheet = Sheet(theme)
    window = sheet.window()
    window.resize(1920, 1000)
    window.show()
    application.processEvents()
    for act in sheet.after:
        act()
    application.processEvents()
    window.grab().save(str(options.out))


if __name__ == "__main__":
    main()
