"""A session of the isolation lab on a database that gives back runs made by hand: no process, no server."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

import qasync
from PySide6.QtWidgets import QApplication

from explorer.desktop.labs.isolation.parts import Parts
from explorer.desktop.labs.isolation.session import LabSession
from explorer.labs.isolation.graph import Edge, Graph, Node
from explorer.labs.isolation.matrix import Cell, Difference, Matrix
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.target import SQLITE, Target
from explorer.labs.isolation.trace import Facts, Trace
from explorer.labs.isolation.verdict import Verdict
from tests.unit.desktop_arithmetic.isolation_runs import FACTS, LOST_UPDATE, aborted, retried

LEVELS = FACTS.levels
SKEW = replace(LOST_UPDATE, id="G2-item", title="Write skew", sentence="Each checks the other's row.")
PHANTOM = replace(LOST_UPDATE, id="PMP", title="Phantom", group="Changing reads", sentence="New rows answer.")
SCHEDULES = {one.id: one for one in (PHANTOM, LOST_UPDATE, SKEW)}
OTHER = replace(FACTS, engine="sqlite", title="SQLite 3.50", levels=("AUTOCOMMIT", "DEFERRED", "IMMEDIATE"))


class Control:
    """What a session needs of the window's."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[Any]] = []

    def accompany(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Let it go on."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.append(task)
        return task

    async def close(self) -> None:
        """End what goes on."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


class ScriptedLab:
    """A run waits, is aborted, or (on the other database) is retried."""

    def __init__(self, target: Target, made: list["ScriptedLab"]) -> None:
        self.facts: Facts = OTHER if target.url == SQLITE else FACTS
        self.running = False
        self.discarded = False
        self.lost = ""
        made.append(self)

    async def start(self) -> Facts:
        """Begin."""
        self.running = True
        return self.facts

    async def run(
        self, schedule: Schedule, level: str, told: Callable[[Trace], None] = lambda trace: None, pace: float = 0.0
    ) -> Trace:
        """The run that belongs to a level."""
        trace = retried() if level in ("SERIALIZABLE", "DEFERRED") else aborted()
        trace = replace(trace, schedule=schedule.id, level=level, facts=self.facts)
        told(trace)
        return trace

    async def stop(self) -> None:
        """End."""
        self.running = False

    def discard(self) -> None:
        """Nothing is left."""
        self.discarded = True


def judge(schedule: Schedule, trace: Trace) -> Verdict:
    """Aborted, or not."""
    title = "Prevented" if trace.ended.get("B") == "aborted" else "Happened"
    return Verdict(title == "Happened", ("blocked", "aborted"), ("40001",), title, "aborted", "B began again.")


def graph(schedule: Schedule, trace: Trace) -> Graph:
    """A circle of two."""
    edges = Edge("rw", 0, 1, "Ann", (0, 3)), Edge("rw", 1, 0, "Ann", (1, 2))
    nodes = Node(0, "A", "A", "committed"), Node(1, "B", "B", "committed")
    return Graph(nodes, edges, edges, "Each read what the other then wrote.")


def session(control: Control, made: list[ScriptedLab], first: Target) -> LabSession:
    """A session whose databases are in `made`, in the order in which they were made."""
    parts = Parts(
        lab=lambda target, ended: ScriptedLab(target, made),  # type: ignore[arg-type,return-value]
        schedules=lambda: SCHEDULES,
        judge=judge,
        graph=graph,
        toml=lambda schedule: "",
        test=lambda schedule, target, level, trace: "",
        first=lambda: first,
    )
    return LabSession(control, parts)  # type: ignore[arg-type]


class Measure:
    """Measures cell by cell; each waits for `step()`, unless `freely`."""

    def __init__(self, freely: bool = True) -> None:
        self.freely = freely
        self._go = asyncio.Event()

    def step(self) -> None:
        """Let one more cell come in."""
        self._go.set()

    async def __call__(
        self, lab: Any, levels: Sequence[str], schedules: Sequence[Schedule], told: Callable[[Matrix], None]
    ) -> Matrix:
        """As `measure.measure`."""
        matrix = Matrix(lab.facts, tuple(levels), tuple(one.id for one in schedules))
        told(matrix)
        for schedule in schedules:
            for level in levels:
                if not self.freely:
                    await self._go.wait()
                    self._go.clear()
                matrix.cells[level, schedule.id] = cell(schedule.id, level)
                matrix.seconds += 0.5
                told(matrix)
        return matrix


def cell(schedule: str, level: str) -> Cell:
    """Happened at the first two levels; PMP at REPEATABLE READ differs; G2-item at SERIALIZABLE cannot run."""
    if (schedule, level) == ("G2-item", "SERIALIZABLE"):
        return Cell(level, schedule, refused="This scenario is for SQLite alone.")
    happened = level in LEVELS[:2] or schedule == "G2-item"
    how = ("versions",) if schedule == "PMP" else ("blocked", "aborted")
    verdict = Verdict(happened, () if happened else how, () if happened else ("40001",), "", "", "It was so.")  # type: ignore[arg-type]
    differs = (Difference("the SQL standard", "A snapshot holds for conditions too."),)
    trace = Trace(schedule, level, FACTS, over=True)
    return Cell(level, schedule, trace, verdict, differs if (schedule, level) == ("PMP", "REPEATABLE READ") else ())


def on_loop(qapp: QApplication, scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine function on Qt's own loop."""
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
        runner.run(scene())
    asyncio.set_event_loop(None)
