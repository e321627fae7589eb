"""A picture of the isolation lab's page with a real run on it."""

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from explorer.desktop.app import Application
from explorer.desktop.labs.isolation.cost.view import CostView
from explorer.desktop.labs.isolation.other_level import neighbour
from explorer.desktop.labs.isolation.page import RUN, IsolationPage
from explorer.desktop.labs.lab_shot import LabShot
from explorer.labs.isolation.target import Target
from explorer.option_error import OptionError
from explorer.options import suggest

LOOK_S: Final = 0.02
SETTLE_S: Final = 0.4
PATIENCE_S: Final = 120.0
COST_TRANSFERS: Final = 300
"""So many a level for a picture of what the levels cost: figures of a short measurement, which the picture says."""


async def take(shot: LabShot, output: Path, theme: str, size: tuple[int, int]) -> None:
    """Run a schedule to a step, or to its end, and write a PNG. Raises `OptionError`."""
    application = Application(None, theme)
    window = application.window
    window.resize(*size)
    window.show()
    page = window.labs.enter("lab_isolation")
    assert isinstance(page, IsolationPage)
    try:
        await _show(page, shot)
        await asyncio.sleep(SETTLE_S)
        if not window.grab().save(str(output), "PNG"):
            raise OptionError(f"{output} cannot be written. Choose another file.")
    finally:
        await application.close()


async def _show(page: IsolationPage, shot: LabShot) -> None:
    refused: list[str] = []
    session, runner = page.session, page.run.runner
    session.went_wrong.connect(refused.append)
    await _until(lambda: session.facts is not None and not session.busy, refused)
    if shot.url:
        await session.change_target(Target(shot.url))
    if refused:
        raise OptionError(refused[0])
    if shot.scenario:
        _known(shot.scenario, session.schedules, "scenario")
        page.run.show_chosen(shot.scenario)
    if shot.level:
        _known(shot.level, runner.levels, "level")
        runner.set_level(shot.level)
    if shot.runs:
        if shot.steps is None:
            runner.toggle()
        else:
            runner.go_to(shot.steps)
        await _until(lambda: not runner.going, refused)
        await asyncio.sleep(LOOK_S)
        await _until(lambda: not session.busy, refused)  # what is measured beside
    if shot.tab and shot.tab != RUN:
        _known(shot.tab, page.tabs, "tab")
        view, other = page.show_tab(shot.tab), neighbour(runner.levels, runner.level)
        pair = (other, runner.level) if shot.tab == "compare" and other else (runner.level,)
        view.show_schedule(runner.schedule.id, pair)
        await asyncio.sleep(SETTLE_S)
        if isinstance(view, CostView) and shot.runs:
            await _until(lambda: not session.busy, refused)
            await measure_cost(view, refused)
        if shot.tab == "matrix" and shot.runs:
            await _until(lambda: not session.busy, refused)
            view.space()
            await asyncio.sleep(SETTLE_S)
        await _until(lambda: not session.busy, refused)


async def measure_cost(view: CostView, refused: list[str]) -> None:
    """Measure a few transfers at each level, to the end. Raises `OptionError`."""
    view.run.failed.connect(lambda words, where: refused.append(words))
    view.change("transfers", COST_TRANSFERS)
    view.space()
    if not view.run.running:
        raise OptionError(view.foot.text() or "What the levels cost cannot be measured here.")
    await _until(lambda: not view.run.running, refused)
    if refused:  # it may have ended and failed at once
        raise OptionError(refused[0])
    await asyncio.sleep(SETTLE_S)


def _known(name: str, known: Iterable[str], what: str) -> None:
    names = list(known)
    if name not in names:
        raise OptionError(f"The lab has no {what} '{name}'. {suggest(name, names)}")


async def _until(condition: Callable[[], bool], refused: list[str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if refused:
            raise OptionError(refused[0])
        if time.monotonic() > deadline:
            raise OptionError("The run did not come that far; the picture was not taken.")
        await asyncio.sleep(LOOK_S)
