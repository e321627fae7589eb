"""The lab without a window: a matrix or one run, until it is done or somebody interrupts it; nothing is left then."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from explorer.labs.isolation.lab import IsolationLab
from explorer.labs.isolation.matrix import Matrix
from explorer.labs.isolation.measure import measure
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.target import Target
from explorer.labs.isolation.trace import Trace
from explorer.option_error import OptionError
from explorer.session.headless import Signals

Work = Callable[[IsolationLab], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a matrix: as far as it came (None: nothing was begun), why it ended early (empty: it did not), and
    whether somebody interrupted it.
    """

    matrix: Matrix | None
    failure: str = ""
    interrupted: bool = False


def measure_matrix(
    target: Target,
    levels: Sequence[str],
    schedules: Sequence[Schedule],
    told: Callable[[Matrix], None],
    record: Path | None = None,
) -> Measured:
    """Measure `schedules` at `levels` (none: all that the engine has). Raises `OptionError` if it cannot begin."""
    latest: list[Matrix] = []

    def heard(matrix: Matrix) -> None:
        latest[:] = [matrix]
        told(matrix)

    async def work(lab: IsolationLab) -> None:
        await measure(lab, levels or lab.facts.levels, schedules, heard)

    try:
        done = asyncio.run(_with_lab(target, record, work))
    except OptionError as error:
        if not latest:
            raise
        return Measured(latest[0], failure=str(error))
    return Measured(latest[0] if latest else None, interrupted=not done)


def run_once(target: Target, level: str, schedule: Schedule, record: Path | None = None) -> Trace | None:
    """Run one schedule; None if somebody interrupted it. Raises `OptionError`."""
    found: list[Trace] = []

    async def work(lab: IsolationLab) -> None:
        found.append(await lab.run(schedule, level))

    return found[0] if asyncio.run(_with_lab(target, record, work)) and found else None


async def _with_lab(target: Target, record: Path | None, work: Work) -> bool:
    """Whether it came to its end; whatever happens, the lab is gone afterwards."""
    lab = IsolationLab(target, observed=record is not None)

    async def whole() -> None:
        await lab.start()
        await work(lab)

    task = asyncio.ensure_future(whole())
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        if not interrupted:  # impatience must not interrupt the cleaning up
            interrupted = True
            task.cancel()

    with Signals(interrupt):
        try:
            await asyncio.wait([task])
        finally:
            await lab.stop()
        try:
            if not task.cancelled():
                task.result()
            if record is not None and not task.cancelled():
                await lab.save(record)
        finally:
            lab.discard()
    return not task.cancelled()
