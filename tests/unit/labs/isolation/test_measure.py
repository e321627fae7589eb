"""A matrix is measured row by row, what cannot run has its reason, and what was measured stays."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from explorer.labs.isolation.graph import Graph
from explorer.labs.isolation.judge import judge
from explorer.labs.isolation.lab import IsolationLab
from explorer.labs.isolation.library import shipped
from explorer.labs.isolation.matrix import Cell, Difference, Matrix
from explorer.labs.isolation.measure import anomalies, as_json, measure, measure_cell, order, run_as_json
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.table import cell_words, matrix_table, run_text
from explorer.labs.isolation.trace import Facts, Failure, Ran, Trace, Wait
from explorer.labs.isolation.verdict import Verdict
from explorer.option_error import OptionError

LEVELS = ("AUTOCOMMIT", "READ COMMITTED")
FACTS = Facts(
    "postgresql", "PostgreSQL 15.1", "15.1", "at db:5432", "lab", {"deadlock_timeout": "1 s"}, LEVELS, "Asks."
)
NAMES = ("P4", "G1a")


class FakeLab:
    """Every run is over at once and shows nothing, unless `run` says something else."""

    def __init__(self, do: Callable[[Schedule, str], Trace] | None = None) -> None:
        self.facts = FACTS
        self.lost = ""
        self.ran: list[tuple[str, str]] = []
        self._do = do or (lambda schedule, level: Trace(schedule.id, level, FACTS, over=True))

    async def run(self, schedule: Schedule, level: str) -> Trace:
        self.ran.append((level, schedule.id))
        await asyncio.sleep(0)
        return self._do(schedule, level)

    def __call__(self) -> IsolationLab:
        return cast(IsolationLab, self)


def schedules(*names: str) -> tuple[Schedule, ...]:
    known = shipped()
    return tuple(known[name] for name in names)


async def test_cells_come_row_by_row_and_each_is_told() -> None:
    lab, counts = FakeLab(), []
    matrix = await measure(lab(), LEVELS, schedules(*NAMES), lambda matrix: counts.append(len(matrix.cells)))
    assert lab.ran == [(level, name) for name in NAMES for level in LEVELS] == list(order(matrix))
    assert counts == [0, 1, 2, 3, 4]
    assert matrix.seconds > 0


async def test_a_run_that_is_refused_is_a_cell_with_its_sentence_and_the_rest_goes_on() -> None:
    def do(schedule: Schedule, level: str) -> Trace:
        if (schedule.id, level) == ("P4", "READ COMMITTED"):
            raise OptionError("PostgreSQL does not make the tables of this scenario.")
        return Trace(schedule.id, level, FACTS, over=True)

    matrix = await measure(FakeLab(do)(), LEVELS, schedules(*NAMES))
    assert len(matrix.cells) == 4
    cell = matrix.cells["READ COMMITTED", "P4"]
    assert cell.refused == "PostgreSQL does not make the tables of this scenario."
    assert cell.verdict is None
    assert matrix.cells["AUTOCOMMIT", "G1a"].verdict is not None


async def test_the_end_of_the_lab_ends_the_matrix_and_what_was_measured_stays() -> None:
    lab = FakeLab()

    def do(schedule: Schedule, level: str) -> Trace:
        if len(lab.ran) == 3:
            lab.lost = "The server has closed the connection."
            raise OptionError(lab.lost)
        return Trace(schedule.id, level, FACTS, over=True)

    lab._do = do
    seen: list[Matrix] = []
    with pytest.raises(OptionError, match="The server has closed the connection"):
        await measure(lab(), LEVELS, schedules(*NAMES), seen.append)
    assert len(lab.ran) == 3
    assert len(seen[0].cells) == 2


async def test_a_cancelled_matrix_keeps_what_was_measured() -> None:
    seen: list[Matrix] = []
    lab = FakeLab()
    task = asyncio.create_task(measure(lab(), LEVELS, schedules(*NAMES), seen.append))
    while len(lab.ran) < 3:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(seen[0].cells) == 2


async def test_a_scenario_for_another_engine_is_not_run() -> None:
    lab = FakeLab()
    cell = await measure_cell(lab(), "READ COMMITTED", shipped()["begin_immediate"], shipped())
    assert cell.refused == "This scenario is for SQLite alone."
    assert lab.ran == []


async def test_only_a_shipped_schedule_is_compared_with_what_is_written() -> None:
    from dataclasses import replace

    [lost] = schedules("P4")
    found = await measure_cell(FakeLab()(), "AUTOCOMMIT", lost, shipped())
    assert [each.what for each in found.differences] == ["the detector"]
    edited = await measure_cell(FakeLab()(), "AUTOCOMMIT", replace(lost, steps=lost.steps[:-1]), shipped())
    assert edited.differences == ()


def cell(level: str, name: str, happened: bool, *how: Any, codes: tuple[str, ...] = (), **more: Any) -> Cell:
    verdict = Verdict(happened, how, codes, "Prevented", "", "It was seen.")
    return Cell(level, name, Trace(name, level, FACTS, over=True), verdict, **more)


def small() -> Matrix:
    """A matrix with a cell of each sort, one missing."""
    matrix = Matrix(FACTS, LEVELS, NAMES, seconds=1.25)
    matrix.cells["AUTOCOMMIT", "P4"] = cell("AUTOCOMMIT", "P4", True)
    why = (Difference("the SQL standard", "Because."),)
    matrix.cells["READ COMMITTED", "P4"] = cell(
        "READ COMMITTED", "P4", False, "blocked", "aborted", codes=("40001",), differences=why
    )
    matrix.cells["AUTOCOMMIT", "G1a"] = Cell("AUTOCOMMIT", "G1a", refused="It cannot.")
    return matrix


def test_the_json_has_the_promised_form() -> None:
    found = json.loads(json.dumps(as_json(small())))
    assert found["engine"] == "postgresql"
    assert found["version"] == "15.1"
    assert found["settings"] == {"deadlock_timeout": "1 s"}
    assert found["complete"] is False
    assert list(found["levels"]) == list(LEVELS)
    lost = found["levels"]["READ COMMITTED"]["P4"]
    assert (lost["happened"], lost["how"], lost["codes"], lost["trace"]) == (
        False,
        ["blocked", "aborted"],
        ["40001"],
        [],
    )
    assert lost["differences"] == [{"from": "the SQL standard", "why": "Because."}]
    assert found["levels"]["AUTOCOMMIT"]["G1a"]["happened"] is None
    assert found["levels"]["AUTOCOMMIT"]["G1a"]["refused"] == "It cannot."
    assert "G1a" not in found["levels"]["READ COMMITTED"]


def test_the_table_shows_each_sort_of_cell_and_the_reasons_below() -> None:
    lines = matrix_table(small(), shipped()).splitlines()
    assert lines[1].split("  ")[-2:] == ["! happened", "blocked, aborted 40001 ≠"]
    assert lines[2].rstrip().endswith("–")
    assert "≠ the SQL standard, P4 at READ COMMITTED: Because." in lines
    assert "– G1a at AUTOCOMMIT: It cannot." in lines
    assert lines[-1] == "Measured in 1.2 s."


def test_an_old_version_and_a_plain_prevention_have_their_words() -> None:
    assert cell_words(cell("X", "P4", False, "versions")) == "old version"
    assert cell_words(cell("X", "P4", False)) == "prevented"
    assert cell_words(None) == ""


def test_one_run_as_text_and_as_json() -> None:
    [lost] = schedules("P4")
    ms = 1_000_000
    trace = Trace("P4", "REPEATABLE READ", FACTS, over=True, stuck="A waits for B.")
    trace.ran += [
        Ran(0, 0, "A", "SELECT 1", 0, transaction=0, ended=ms, state="done", columns=("n",), rows=((1,), (None,))),
        Ran(
            1, 3, "B", "UPDATE x", 2 * ms, transaction=1, ended=9 * ms, state="failed",
            waits=(Wait(3 * ms, ("A",), 8 * ms),), failure=Failure("40001", "serialization", "no", True),
        ),
        Ran(2, 4, "A", "COMMIT", 4 * ms, transaction=0, ended=5 * ms, state="left out"),
    ]  # fmt: skip
    trace.final["account"] = (("Ann", 150),)
    verdict = judge(lost, trace)
    text = run_text(lost, trace, verdict, Graph(sentence="A comes first."))
    for words in (
        "1; NULL",
        "waited for A 5 ms, 40001: no",
        "left out",
        "A waits for B.",
        "Ann, 150",
        "A comes first.",
    ):
        assert words in text
    found = run_as_json(lost, trace, verdict, Graph())
    assert (found["scenario"], found["level"], found["cycle"]) == ("P4", "REPEATABLE READ", [])
    assert len(found["trace"]) == 3


def test_the_rows_of_a_matrix_are_the_anomalies() -> None:
    assert [each.id for each in anomalies(shipped())][:4] == ["G0", "G1a", "G1b", "G1c"]
    assert len(anomalies(shipped())) == 14
