"""A run as a pytest file that anybody can run: it needs the driver and nothing of ours.

The file carries a small runner of its own (resources/export/isolation), the schedule as data, and what was observed as
assertions. It holds no URL, since that may hold a password: the database is named by an environment variable.
"""

import re
import textwrap
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Final

from explorer.labs.isolation.judge import judge
from explorer.labs.isolation.replay import in_order
from explorer.labs.isolation.schedule import Condition, Rows, Schedule, Table
from explorer.labs.isolation.trace import Trace
from explorer.option_error import OptionError
from explorer.paths import resources

VARIABLE: Final = "ISOLATION_TEST_URL"
PARTS: Final = {"sqlite": "sqlite", "postgresql": "postgresql", "mariadb": "mysql", "mysql": "mysql"}
PACKAGES: Final = {"sqlite": "", "postgresql": "psycopg", "mysql": "PyMySQL"}
_SERVER: Final = """\
@pytest.fixture
def engine():
    url = os.environ.get(VARIABLE)
    if not url:
        pytest.skip(f"Set {VARIABLE} to the URL of a server, such as %s.")
    made = Engine(url, TABLES)
    yield made
    made.remove()"""
_FIXTURES: Final = {
    "sqlite": "@pytest.fixture\ndef engine(tmp_path):\n    return Engine(tmp_path, JOURNAL, TABLES)",
    "postgresql": _SERVER % "postgresql://user@host/database",
    "mysql": _SERVER % "mariadb://user@host:3306/",
}
_WIDTH: Final = 110


def as_pytest(schedule: Schedule, target_url: str, level: str, trace: Trace) -> str:
    """The text of the file. `target_url` says nothing here that the trace does not know, and is not written.

    Raises `OptionError` for a run that is not over, or could not finish.
    """
    if not trace.over or trace.stuck:
        raise OptionError("There is nothing to export before the run has come to its end; run all steps first.")
    part = PARTS[trace.facts.engine]
    imports, pieces = _pieces(part)
    text = [_head(schedule, part, level, trace), imports, _data(schedule, level, trace, part), *pieces]
    text += [_FIXTURES[part], _conditions(schedule), _test(schedule, level, trace)]
    return "\n\n\n".join(piece.strip("\n") for piece in text) + "\n"


def folder() -> Path:
    """Where the parts of the file lie."""
    return resources() / "export" / "isolation"


def _pieces(part: str) -> tuple[str, list[str]]:
    """The imports of all parts together, and the parts without them."""
    standard: set[str] = set()
    others, pieces = {"import pytest"}, []
    for name in (part, "runner"):
        source = (folder() / f"{name}.py").read_text(encoding="utf-8")
        body = source.split('"""', 2)[2]
        lines = body.split("\n")
        found = [line for line in lines if line.startswith(("import ", "from "))]
        foreign = {line for line in found if re.match(r"(?:import|from) (?:psycopg|pymysql)\b", line)}
        others |= foreign
        standard |= set(found) - foreign
        pieces.append("\n".join(line for line in lines if line not in found).strip("\n"))
    if part != "sqlite":
        standard.add("import os")
    ordered = sorted(standard, key=lambda line: (line.startswith("from"), line))
    return "\n".join((*ordered, "", *sorted(others))), pieces


def _head(schedule: Schedule, part: str, level: str, trace: Trace) -> str:
    verdict = judge(schedule, trace)
    package = PACKAGES[part]
    needs = f"pytest and {package}" if package else "pytest"
    call = "" if part == "sqlite" else f"{VARIABLE}={'postgresql' if part == 'postgresql' else 'mariadb'}://… "
    codes = f" ({', '.join(verdict.codes)})" if verdict.codes else ""
    words = (
        f"{schedule.title} ({schedule.id}) at {level}\n\n{schedule.sentence}\n\n"
        f"Observed on {trace.facts.title}: {verdict.title}{codes}. {verdict.sentence}\n\n"
        f"Needs {needs}. Run it by: {call}python -m pytest FILE\n"
        "It works in a place of its own, which it makes and removes. How it tells that a statement waits is said at "
        "Engine."
    )
    lines = [_wrapped(line) for line in words.split("\n")]
    return '"""' + "\n".join(lines).replace("\\", "\\\\").replace('"""', "'''") + '\n"""'


def _wrapped(line: str) -> str:
    return "\n".join(textwrap.wrap(line, _WIDTH)) if line else ""


def _data(schedule: Schedule, level: str, trace: Trace, part: str) -> str:
    engine = trace.facts.engine
    steps = (
        f"    ({step.session!r}, {step.control or step.on(engine).strip().rstrip(';')!r}, {step.keep!r}, "
        f"{step.must_change!r}),"
        for step in schedule.steps
    )
    tables = (
        f"    {table.name!r}: (\n        {', '.join(_columns(table))!r},\n        {_rows(table.rows)},\n    ),"
        for table in schedule.tables
    )
    retries = {session.name: session.retries for session in schedule.sessions}
    lines = [f"LEVEL = {level!r}", f"RETRIES = {retries!r}"]
    if part == "sqlite":
        lines.append(f"JOURNAL = {trace.facts.settings.get('journal_mode', 'delete')!r}")
    else:
        lines.append(f"VARIABLE = {VARIABLE!r}")
    lines += ["TABLES = {", *tables, "}"]
    lines.append("# Session, statement, name for the value that it reads, whether it must change a row.")
    return "\n".join((*lines, "STEPS = [", *steps, "]"))


def _columns(table: Table) -> tuple[str, ...]:
    if any("primary key" in column.lower() for column in table.columns):
        return table.columns
    return (*table.columns, f"PRIMARY KEY ({table.names[0]})")


def _rows(rows: Rows) -> str:
    """Rows as a literal, in the order in which the exported runner sorts them."""
    return repr(sorted((tuple(row) for row in rows), key=repr))


def _conditions(schedule: Schedule) -> str:
    if schedule.kind == "deadlock":
        body = "    return any(run.engine.deadlock(code) for code in run.codes)"
    else:
        alternatives = (" and ".join(_condition(one)) for one in schedule.happened)
        body = "    return (\n        " + "\n        or ".join(f"({one})" for one in alternatives) + "\n    )"
    return f'def happened(run):\n    """What is looked for: {_plain(schedule.sentence)}"""\n{body}'


def _condition(condition: Condition) -> list[str]:
    found = [f"run.rows({step}) == {_rows(rows)}" for step, rows in condition.reads.items()]
    found += [f"run.count({step}) == {count}" for step, count in condition.counts.items()]
    for sign, tables in (("==", condition.final), ("!=", condition.not_final)):
        found += [f"run.final[{name!r}] {sign} {_rows(rows)}" for name, rows in tables.items()]
    if condition.committed:
        found.append(f"run.committed({', '.join(map(repr, condition.committed))})")
    found += [f"run.refused({name!r})" for name in condition.aborted]
    return found or ["True"]


def _plain(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', "'")


def _test(schedule: Schedule, level: str, trace: Trace) -> str:
    name = re.sub(r"\W+", "_", f"{schedule.id}_at_{level}".lower()).strip("_")
    lines = [f"def test_{name}(engine):", "    run = Run(engine, LEVEL, STEPS, RETRIES).all(TABLES)"]
    lines.append(f"    assert happened(run) is {judge(schedule, trace).happened}")
    if _determined(trace):
        lines += [f"    assert run.rows({step + 1}) == {_rows(rows)}" for step, rows in _reads(trace).items()]
        lines += [f"    assert run.final[{name!r}] == {_rows(in_order(rows))}" for name, rows in trace.final.items()]
        lines.append(f"    assert run.codes == {_codes(trace)!r}")
    else:
        lines.append("    # Who goes on first, or is ended, is up to the database here; what is read follows from it.")
    return "\n".join(lines)


def _determined(trace: Trace) -> bool:
    """Whether a second run reads the same: nobody was ended to open a circle, and no two waited at the same time."""
    if any(one.failure is not None and one.failure.kind == "deadlock" for one in trace.ran):
        return False
    waits = [(one.session, wait.since, wait.until or one.ended or 0) for one in trace.ran for wait in one.waits]
    return not any(
        one[0] != other[0] and one[1] < other[2] and other[1] < one[2] for one, other in combinations(waits, 2)
    )


def _reads(trace: Trace) -> Mapping[int, Rows]:
    """What each step read the last time that it ran."""
    last = {one.step: one for one in trace.ran if one.step >= 0 and one.state != "left out"}
    return {step: one.rows for step, one in sorted(last.items()) if one.rows is not None and one.state == "done"}


def _codes(trace: Trace) -> list[str]:
    codes = [one.failure.code for one in trace.ran if one.failure is not None and one.failure.kind != "aborted"]
    if trace.facts.engine == "sqlite":
        # What comes after the first two words differs between versions.
        return ["_".join(code.split("_")[:2]) for code in codes]
    return codes
