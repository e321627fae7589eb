"""The Cost tab of the isolation lab: what is chosen, what is shown while it is measured, what comes of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.desktop.labs.isolation.cost.table import BAR_ROOM, COLUMNS, CostTable, Line, spoken
from explorer.desktop.labs.isolation.cost.view import CANCELLED, HINT, CostView
from explorer.desktop.labs.isolation.shot import COST_TRANSFERS, measure_cost
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import IconLabel
from explorer.labs.isolation.cost.measure import Progress
from explorer.labs.isolation.cost.plan import CostPlan
from explorer.labs.isolation.cost.result import Cost, LevelCost
from explorer.labs.isolation.target import Target
from explorer.option_error import OptionError
from explorer.records.states import State
from tests.desktop.widgets.conftest import theme as theme
from tests.desktop.window.conftest import until


def level(name: str, **changes: Any) -> LevelCost:
    fields: dict[str, Any] = {
        "level": name, "transfers": 100, "seconds": 1.0, "aborted": {}, "retried": 0, "given_up": 0,
        "without_connection": 0, "expected": 10_000, "money": 10_000, "misplaced": 0, "journal": 100, "p50_ms": 2.5,
        "p99_ms": 9.0, "promised": True,
    }  # fmt: skip
    return LevelCost(**(fields | changes))


class Page:
    """What the tab needs of the page's session."""

    def __init__(self) -> None:
        self.target = Target("sqlite://", "delete")
        self.turns = 0
        self.tasks: list[asyncio.Task[Any]] = []

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        self.turns += 1
        yield

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.append(task)
        return task


class Measured:
    """Stands for the measurement: goes on when it is let."""

    def __init__(self) -> None:
        self.plans: list[CostPlan] = []
        self.go_on = asyncio.Event()
        self.failure: OptionError | None = None

    async def __call__(
        self, plan: CostPlan, told: Callable[[Progress], None], finished: Callable[[Cost], None]
    ) -> Cost:
        self.plans.append(plan)
        cost = Cost(plan.knobs, plan.levels)
        for number, name in enumerate(plan.levels):
            told(Progress(name, number, len(plan.levels), 50, 100))
            await self.go_on.wait()
            self.go_on.clear()
            if self.failure is not None:
                raise self.failure
            cost.levels[name] = level(name, money=9_900, promised=False) if not number else level(name)
            cost.engine = "SQLite 3.40.1"
            finished(cost)
        return cost


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def view(theme: Theme, page: Page, qtbot: QtBot) -> tuple[CostView, Measured]:
    measured = Measured()
    made = CostView(theme, page, measured)
    qtbot.addWidget(made)
    made.resize(1200, 640)
    made.show()
    return made, measured


async def turns(count: int = 5) -> None:
    """Let what is ready go on."""
    for _ in range(count):
        await asyncio.sleep(0)


def shown(view: CostView) -> list[tuple[str, bool, bool]]:
    return [(line.level, line.cost is not None, line.now) for line in view.table.lines]


def measuring(view: CostView, number: int) -> bool:
    return view.table.lines[number].now


async def test_levels_fill_one_after_the_other(view: tuple[CostView, Measured], page: Page) -> None:
    tab, measured = view
    tab.enter()
    assert tab.headline.text() == HINT
    assert shown(tab) == [(name, False, False) for name in ("AUTOCOMMIT", "DEFERRED", "IMMEDIATE")]

    marks = [one for one in tab.form.findChildren(IconLabel) if one.isVisible()]
    assert marks == [], "every knob counts from the next measurement on: a mark at each says nothing"
    assert tab.sent.text() == "One transfer as it is sent at IMMEDIATE"
    assert tab.sql.text().splitlines()[0] == "BEGIN IMMEDIATE"
    tab.change("users", 3)
    tab.space()
    await turns()
    assert (measured.plans[0].knobs.users, measured.plans[0].knobs.journal) == (3, "delete")
    assert page.turns == 1
    assert shown(tab)[0] == ("AUTOCOMMIT", False, True)
    assert tab.sql.text().startswith("SELECT"), "no transaction at the level that is measured now"
    assert tab.progress.isVisible()
    assert tab.button.text() == "Cancel"
    buttons = [one for one in tab.findChildren(Button) if one.isVisible() and "Cancel" in one.text()]
    assert buttons == [tab.button], "one thing is ended by one button"
    assert not tab.form.isEnabled()

    for _ in range(3):
        measured.go_on.set()
        await turns()
    assert [cost for _, cost, _ in shown(tab)] == [True, True, True]
    assert not tab.progress.isVisible()
    assert tab.button.text() == "Measure"
    assert tab.headline.text() == (
        "Money did not add up at AUTOCOMMIT. The fastest level that promises to keep it is DEFERRED: 100 transfers/s."
    )
    assert tab.foot.text() == "SQLite 3.40.1: 3 levels, 2,000 transfers at each, 3 users."
    assert "AUTOCOMMIT: 100 transfers a second" in tab.table.accessibleDescription()

    tab.change("users", 4)
    assert shown(tab)[0] == ("AUTOCOMMIT", False, False), "with other knobs nothing is measured yet"


async def test_a_picture_of_what_it_costs_has_figures(view: tuple[CostView, Measured]) -> None:
    tab, measured = view
    taken = asyncio.get_running_loop().create_task(measure_cost(tab, []))
    for number in range(3):
        await until(partial(measuring, tab, number), "a level to be measured")
        measured.go_on.set()
    await taken
    assert [cost for _, cost, _ in shown(tab)] == [True, True, True]
    assert f"{COST_TRANSFERS:,} transfers at each" in tab.foot.text(), "how short it was is said"

    measured.failure = OptionError("The server process ended by itself.")
    taken = asyncio.get_running_loop().create_task(measure_cost(tab, []))
    await until(lambda: tab.run.running, "the beginning")
    measured.go_on.set()
    with pytest.raises(OptionError, match="ended by itself"):
        await taken


async def test_esc_ends_it_and_what_was_measured_stays(view: tuple[CostView, Measured], page: Page) -> None:
    tab, measured = view
    assert not tab.take_back()
    tab.toggle()
    await turns()
    measured.go_on.set()
    await turns()
    assert tab.take_back()
    await asyncio.wait(page.tasks)
    await turns()
    assert not tab.run.running
    assert [cost for _, cost, _ in shown(tab)] == [True, False, False]
    assert tab.details.text() == CANCELLED


async def test_why_it_failed_is_said(view: tuple[CostView, Measured]) -> None:
    tab, measured = view
    measured.failure = OptionError("The server process ended by itself.")
    tab.toggle()
    await turns()
    measured.go_on.set()
    await turns()
    assert (tab.foot.text(), tab.headline.text()) == ("The server process ended by itself.", HINT)
    assert tab.button.isEnabled()


def test_a_style_that_the_database_does_not_have_cannot_be_measured(
    view: tuple[CostView, Measured], page: Page
) -> None:
    tab, measured = view
    tab.change("style", "for_update")
    assert tab.foot.text().startswith("SQLite locks no single rows")
    assert not tab.button.isEnabled()
    tab.space()
    assert measured.plans == []

    page.target = Target("embedded")
    tab.enter()
    assert [line.level for line in tab.table.lines][-1] == "SERIALIZABLE"
    assert tab.button.isEnabled()


def test_a_server_of_ones_own_is_told_what_is_made_in_it(view: tuple[CostView, Measured], page: Page) -> None:
    tab, _ = view
    page.target = Target("mariadb://me:secret@host/shop")
    tab.enter()
    assert tab.foot.text().endswith("Tables explorer_bank_… are made in the database and removed afterwards.")
    assert "secret" not in tab.foot.text()


def test_the_bar_is_as_long_as_its_rate_and_lost_money_is_filled_red(theme: Theme, qtbot: QtBot) -> None:
    table = CostTable(theme)
    qtbot.addWidget(table)
    lines = [Line("A", level("A", transfers=400, money=9_000)), Line("B", level("B", aborted={"40001": 100}))]
    table.show_lines(lines)
    table.resize(1000, table.sizeHint().height())
    table.show()
    QApplication.processEvents()
    image = table.grab().toImage()
    places = table._places()

    def width(row: int, color: QColor) -> int:
        y = round(theme.px(28) + (row + 0.5) * theme.px(46) - theme.px(9) + 3)
        left, right = int(places["bar"].left()), int(places["bar"].right())
        return sum(image.pixelColor(x, y).rgb() == color.rgb() for x in range(left, right))

    done = theme.state(State.RUNNING).fill
    assert width(0, done) == pytest.approx(4 * width(1, done), abs=3)
    red = theme.color("danger").rgb()
    x, y = int(places["money"].left()) + 6, round(theme.px(28) + 0.5 * theme.px(46) + 9)
    assert image.pixelColor(x, y).rgb() == red
    assert image.pixelColor(x, y + theme.px(46)).rgb() != red


def test_where_it_is_narrow_figures_go_and_the_verdict_stays(theme: Theme, qtbot: QtBot) -> None:
    table = CostTable(theme)
    qtbot.addWidget(table)
    for width in range(560, 1300, 20):
        table.resize(theme.px(width), 200)
        names = [name for name, *_ in table._columns()]
        assert {"level", "bar", "money"} <= set(names)
        assert table._places()["bar"].width() >= theme.px(BAR_ROOM) - 20 or len(names) == 4
        assert table._places()["money"].right() <= table.width() + 1
    assert len(names) == len(COLUMNS)


def test_a_line_reads_aloud() -> None:
    assert spoken(Line("A", None)) == "A: not measured"
    assert spoken(Line("A", None, now=True)) == "A: being measured"
    assert spoken(Line("A", level("A", aborted={"1213": 4}, retried=4))) == (
        "A: 100 transfers a second, half of them within 2.5 ms, 99 % within 9 ms, aborted 4 × 1213, 4 retried, "
        "0 given up, money: all there"
    )
