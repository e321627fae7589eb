"""A matrix, and a single run, as text for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.matrix import Cell, Matrix
from explorer.labs.isolation.schedule import Row, Schedule
from explorer.labs.isolation.trace import Facts, Ran, Trace
from explorer.labs.isolation.verdict import Verdict

HOW: Final = {"versions": "old version", "blocked": "blocked", "aborted": "aborted"}
DIFFERS: Final = " ≠"
REFUSED: Final = ", cut by an abort"
HEAD: Final = ("step", "session", "ms", "statement", "what came of it")
LEGEND: Final = (
    "! happened: the anomaly was seen.  blocked, aborted, old version: what the engine did instead.  "
    "≠ differs from what is written."
)


def matrix_table(matrix: Matrix, schedules: Mapping[str, Schedule]) -> str:
    """A row per scenario, a column per level, then what differs and why, then the engine."""
    head = ("", *matrix.levels)
    rows = [
        (_title(schedules, name), *(cell_words(matrix.cells.get((level, name))) for level in matrix.levels))
        for name in matrix.schedules
    ]
    lines = [*_columns([head, *rows]), "", LEGEND]
    if reasons := list(_reasons(matrix)):
        lines += ["", *reasons]
    return "\n".join([*lines, "", *engine_lines(matrix.facts), f"Measured in {matrix.seconds:.1f} s."])


def cell_words(cell: Cell | None) -> str:
    """A cell in a few words."""
    if cell is None:
        return ""
    if cell.verdict is None:
        return "–"
    codes = " ".join(cell.verdict.codes)
    did = ", ".join(f"{HOW[how]} {codes}" if how == "aborted" else HOW[how] for how in cell.verdict.how)
    words = "! happened" if cell.verdict.happened else did or "prevented"
    return words + (DIFFERS if cell.differences else "")


def engine_lines(facts: Facts) -> list[str]:
    """What it was measured on."""
    settings = ", ".join(f"{name} = {value}" for name, value in facts.settings.items())
    return [
        f"{facts.title}, {facts.where}.",
        *([f"{settings}."] if settings else []),
        facts.watch,
        *filter(None, [facts.guard]),
    ]


def run_text(schedule: Schedule, trace: Trace, verdict: Verdict, graph: Graph) -> str:
    """One run: each statement with what came of it, the verdict, the graph, the tables in the end."""
    names = {node.transaction: node.label for node in graph.nodes}
    began = min((one.began for one in trace.ran), default=0)
    lines = [f"{schedule.title} ({schedule.id}) at {trace.level}", ""]
    lines += _columns([HEAD, *(_statement(one, began) for one in trace.ran)])
    if trace.stuck:
        lines += ["", trace.stuck]
    lines += ["", f"{verdict.title}. {verdict.sentence}" if verdict.sentence else f"{verdict.title}."]
    if graph.edges:
        lines += ["", "Who depends on whom:"]
        lines += [
            f"  {names[edge.first]} -{edge.kind}-> {names[edge.second]}  {edge.about}{REFUSED if edge.refused else ''}"
            for edge in graph.edges
        ]
    if graph.sentence:
        lines += [graph.told(happened=verdict.happened)]
    for name, rows in trace.final.items():
        lines += ["", f"{name} in the end: {rows_words(rows)}"]
    return "\n".join(lines)


def rows_words(rows: Sequence[Row]) -> str:
    """Rows in one line."""
    return "; ".join(", ".join("NULL" if value is None else str(value) for value in row) for row in rows) or "no rows"


def _statement(one: Ran, began: int) -> Row:
    step = str(one.step + 1) if one.step >= 0 else "–"
    return step, one.session, f"{(one.began - began) / 1e6:.1f}", one.sql, _outcome(one)


def _outcome(one: Ran) -> str:
    said = []
    for wait in one.waits:
        until = wait.until if wait.until is not None else one.ended
        whom = f" for {' and '.join(wait.by)}" if wait.by else ""
        said.append(f"waited{whom}" + (f" {(until - wait.since) / 1e6:.0f} ms" if until is not None else ""))
    if one.failure is not None:
        said.append(f"{one.failure.code}: {one.failure.message}")
        if one.failure.leaves_open:
            said.append("transaction still open")
    elif one.state != "done":
        said.append(one.state)
    elif one.rows is not None:
        said.append(rows_words(one.rows))
    elif one.count is not None:
        said.append(f"{one.count} row{'' if one.count == 1 else 's'} changed")
    return ", ".join(said)


def _reasons(matrix: Matrix) -> Iterator[str]:
    """Each reason once, with all cells that it is for."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for name in matrix.schedules:
        for level in matrix.levels:
            if (cell := matrix.cells.get((level, name))) is not None:
                reasons = [(each.what, each.why) for each in cell.differences]
                for reason in [*reasons, *([("", cell.refused)] if cell.refused else [])]:
                    found.setdefault(reason, {}).setdefault(name, []).append(level)
    for (what, why), levels_of in found.items():
        cells = _cells(levels_of, len(matrix.levels))
        yield f"{DIFFERS.strip()} {what}, {cells}: {why}" if what else f"– {cells}: {why}"


def _cells(levels_of: Mapping[str, list[str]], all_levels: int) -> str:
    """Cells by scenario, those of the same levels together: "PMP, P4 at REPEATABLE READ"."""
    together: dict[tuple[str, ...], list[str]] = {}
    for name, levels in levels_of.items():
        together.setdefault(tuple(levels), []).append(name)
    return "; ".join(
        f"{', '.join(names)} {'at every level' if len(levels) == all_levels > 1 else 'at ' + ', '.join(levels)}"
        for levels, names in together.items()
    )


def _title(schedules: Mapping[str, Schedule], name: str) -> str:
    return f"{name}  {schedules[name].title}" if name in schedules else name


def _columns(rows: Sequence[Sequence[object]]) -> list[str]:
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in texts) for column in range(len(texts[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in texts]
