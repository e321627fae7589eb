"""Measures a matrix: every scenario at every level, one run after the other, and what differs from what is written.

Runs share one database and must not see one another's locks, so there is never more than one at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from explorer.labs.isolation.expected.differences import differences
from explorer.labs.isolation.graph import Edge, Graph
from explorer.labs.isolation.judge import judge
from explorer.labs.isolation.lab import IsolationLab
from explorer.labs.isolation.library import shipped
from explorer.labs.isolation.matrix import Cell, Difference, Matrix
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.trace import Facts, Trace, rows_as_json
from explorer.labs.isolation.verdict import Verdict
from explorer.option_error import OptionError
from explorer.records.clock import now_ns
from explorer.server.databases import TITLES


def anomalies(schedules: Mapping[str, Schedule]) -> tuple[Schedule, ...]:
    """Those that are rows of a matrix unless others are asked for."""
    return tuple(schedule for schedule in schedules.values() if schedule.kind == "anomaly")


async def measure(
    lab: IsolationLab,
    levels: Sequence[str],
    schedules: Sequence[Schedule],
    told: Callable[[Matrix], None] = lambda matrix: None,
) -> Matrix:
    """Run each of `schedules` at each of `levels`, row by row as `order` gives it.

    `told` hears of the matrix before the first run and after each; it is the same one, so that what was measured stays
    when this is cancelled. What cannot run is a cell with its reason. Raises `OptionError` when the lab has ended.
    """
    known = shipped()
    matrix = Matrix(lab.facts, tuple(levels), tuple(schedule.id for schedule in schedules))
    by_id = {schedule.id: schedule for schedule in schedules}
    began = now_ns()
    told(matrix)
    for level, name in order(matrix):
        cell = await measure_cell(lab, level, by_id[name], known)
        if lab.lost:
            raise OptionError(lab.lost)
        matrix.cells[level, name] = cell
        matrix.seconds = (now_ns() - began) / 1e9
        told(matrix)
    return matrix


async def measure_cell(lab: IsolationLab, level: str, schedule: Schedule, known: Mapping[str, Schedule]) -> Cell:
    """One run, its verdict, and what differs from what is written of the schedules `known` by their ids; never raises
    for what the lab refuses.
    """
    if schedule.engines and lab.facts.engine not in schedule.engines:
        return Cell(level, schedule.id, refused=f"This scenario is for {only(schedule)} alone.")
    try:
        trace = await lab.run(schedule, level)
    except OptionError as error:
        return Cell(level, schedule.id, refused=str(error))
    verdict = judge(schedule, trace)
    return Cell(level, schedule.id, trace, verdict, _differences(schedule, trace, verdict, known))


def order(matrix: Matrix) -> Iterator[tuple[str, str]]:
    """(level, scenario id) of all cells in the order in which they are measured: row by row."""
    return ((level, name) for name in matrix.schedules for level in matrix.levels)


def only(schedule: Schedule) -> str:
    """The names of the engines that a schedule is for: "PostgreSQL and MariaDB"."""
    names = [TITLES.get(engine, engine) for engine in schedule.engines]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def as_json(matrix: Matrix) -> dict[str, Any]:
    """`{engine, version, settings, levels: {LEVEL: {SCENARIO: {happened, how, codes, trace, …}}}, …}`.

    Only cells that were measured are in it; `complete` says whether these are all. Of one that could not run,
    `happened` is null and `refused` says why. Times in a trace are nanoseconds of one clock.
    """
    levels: dict[str, dict[str, Any]] = {level: {} for level in matrix.levels}
    for level, name in order(matrix):
        if (cell := matrix.cells.get((level, name))) is not None:
            levels[level][name] = cell_as_json(cell)
    return {
        **facts_as_json(matrix.facts),
        "levels": levels,
        "complete": len(matrix.cells) == len(matrix.levels) * len(matrix.schedules),
        "seconds": round(matrix.seconds, 3),
    }


def facts_as_json(facts: Facts) -> dict[str, Any]:
    """The engine, never with a password."""
    return {
        "engine": facts.engine,
        "version": facts.version,
        "settings": dict(facts.settings),
        "title": facts.title,
        "where": facts.where,
        "watch": facts.watch,
        "guard": facts.guard,
    }


def run_as_json(schedule: Schedule, trace: Trace, verdict: Verdict, graph: Graph) -> dict[str, Any]:
    """One run by itself: its cell, and who depends on whom; `cycle` is empty when the sessions have an order."""
    names = {node.transaction: node.label for node in graph.nodes}
    cell = Cell(trace.level, schedule.id, trace, verdict, _differences(schedule, trace, verdict, shipped()))

    def plain(edges: Sequence[Edge]) -> list[dict[str, Any]]:
        return [
            {"from": names[edge.first], "to": names[edge.second], "kind": edge.kind, "about": edge.about,
             "refused": edge.refused}
            for edge in edges
        ]  # fmt: skip

    return {
        **facts_as_json(trace.facts),
        "scenario": schedule.id,
        "level": trace.level,
        **cell_as_json(cell),
        "edges": plain(graph.edges),
        "cycle": plain(graph.cycle),
    }


def _differences(
    schedule: Schedule, trace: Trace, verdict: Verdict, known: Mapping[str, Schedule]
) -> tuple[Difference, ...]:
    """Of an edited schedule, or one of the user's own, no source speaks."""
    if known.get(schedule.id) != schedule:
        return ()
    return differences(trace.facts, trace.level, schedule, verdict)


def cell_as_json(cell: Cell) -> dict[str, Any]:
    """One run: what came of it, what differs, and every statement."""
    if cell.verdict is None or cell.trace is None:
        return {"happened": None, "how": [], "codes": [], "trace": [], "differences": [], "refused": cell.refused}
    run = cell.trace.as_json()
    return {
        "happened": cell.verdict.happened,
        "how": list(cell.verdict.how),
        "codes": list(cell.verdict.codes),
        "sentence": cell.verdict.sentence,
        "differences": [{"from": each.what, "why": each.why} for each in cell.differences],
        "trace": run["ran"],
        "final": {name: rows_as_json(rows) for name, rows in cell.trace.final.items()},
        "ended": dict(cell.trace.ended),
        "unread": list(cell.trace.unread),
        "stuck": cell.trace.stuck,
    }
