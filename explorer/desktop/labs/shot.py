"""A picture of a lab's page with a real run on it, in the moment that says most."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from explorer.desktop.app import Application
from explorer.desktop.labs.entry import LabPage
from explorer.desktop.labs.isolation import shot as isolation
from explorer.desktop.labs.lab_shot import LabShot
from explorer.desktop.labs.locks.page import LocksPage
from explorer.desktop.labs.locks.run import LabRun
from explorer.labs.locks.scenarios import scenario_named
from explorer.option_error import OptionError

__all__ = ["LabShot", "take"]

LOOK_S: Final = 0.05
SETTLE_S: Final = 0.5
"""So long a deadlock, or a run that has ended, is left standing: what is drawn only now and then is drawn by then."""
PATIENCE_S: Final = 60.0


async def take(shot: LabShot, output: Path, theme: str, size: tuple[int, int], after: float) -> None:
    """Run the scenario for `after` seconds at most, until a circle closes or the load ends, and write a PNG. Raises
    `OptionError`.
    """
    if shot.lab == "isolation":
        await isolation.take(shot, output, theme, size)
        return
    if shot.scenario:
        scenario_named(shot.scenario)
    application = Application(None, theme)
    window, control = application.window, application.control
    refused: list[str] = []
    control.refused.connect(lambda sentence, where: refused.append(sentence))
    control.went_wrong.connect(lambda title, sentence: refused.append(sentence))
    window.resize(*size)
    window.show()
    try:
        run = _run_of(window.labs.enter("lab_locks"))
        if shot.file is not None:
            window.open(shot.file)
            await _until(lambda: not control.reading, refused)
        else:
            if shot.scenario:
                run.choose(shot.scenario)
            run.set_cured(shot.cured)
            if shot.runs:
                await _run(application, run, after, refused)
        await asyncio.sleep(SETTLE_S)
        if not window.grab().save(str(output), "PNG"):
            raise OptionError(f"{output} cannot be written. Choose another file.")
    finally:
        session = control.session
        await application.close()
        if session is not None:
            session.discard()


def _run_of(page: LabPage) -> LabRun:
    assert isinstance(page, LocksPage)
    return page.run


async def _run(application: Application, run: LabRun, after: float, refused: list[str]) -> None:
    control = application.control
    run.run()
    await _until(lambda: control.state == "running", refused)
    until = time.monotonic() + after
    await _until(lambda: time.monotonic() >= until or run.deadlock is not None or control.state == "stopped", refused)


async def _until(condition: Callable[[], bool], refused: list[str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if refused:
            raise OptionError(refused[0])
        if time.monotonic() > deadline:
            raise OptionError("The run did not come that far; the picture was not taken.")
        await asyncio.sleep(LOOK_S)
