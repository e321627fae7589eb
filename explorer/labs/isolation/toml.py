"""Schedules as TOML files: read, checked, and written so that they read back equal.

Every error is one sentence with the file and the line at fault. TOML has no word for NULL; a cell that is NULL is
written `{ null = true }`.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args

from explorer.labs.isolation.check import Wrong, check, where
from explorer.labs.isolation.parts import Part, line_of
from explorer.labs.isolation.schedule import (
    Condition,
    Kind,
    Rows,
    Schedule,
    Session,
    Step,
    Table,
)
from explorer.option_error import OptionError
from explorer.options import suggest

MOST_CHARACTERS: Final = 100_000


def read(path: Path) -> Schedule:
    """The schedule in a file. Raises `OptionError`: missing, no TOML, or something in it cannot be used."""
    try:
        with path.open("rb") as file:
            raw = file.read(4 * MOST_CHARACTERS + 1)
        text = raw.decode("utf-8").replace("\r\n", "\n")
    except FileNotFoundError:
        raise OptionError(f"There is no file {path}. Check the path.") from None
    except UnicodeDecodeError:
        raise OptionError(f"{path} is no text. Choose a schedule of the isolation lab in TOML.") from None
    except OSError as error:
        raise OptionError(f"{path} cannot be read ({error.strerror}). Choose a schedule in TOML.") from None
    return parse(text, str(path))


def parse(text: str, name: str = "The text") -> Schedule:
    """The schedule in a TOML text; `name` is what errors call it. Raises `OptionError`."""
    if len(text) > MOST_CHARACTERS:
        raise OptionError(f"{name} is too long for a schedule. Keep it under {MOST_CHARACTERS:,} characters.")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{name} is not valid TOML: {error}. Correct that line.") from None
    except RecursionError:
        raise OptionError(f"{name} nests its values too deeply; no schedule needs that.") from None
    try:
        schedule = _schedule(Part(data, ()))
        check(schedule)
    except Wrong as wrong:
        raise OptionError(f"{name}, line {line_of(text, wrong.place)}: {wrong.sentence}", where(wrong.place)) from None
    return schedule


def checked(schedule: Schedule) -> Schedule:
    """The same schedule if it can be run and judged, as one that was edited in the window. Raises `OptionError`."""
    try:
        check(schedule)
    except Wrong as wrong:
        raise wrong.told() from None
    return schedule


def _schedule(part: Part) -> Schedule:
    number = part.texts("number")
    if len(number) not in (0, 2):
        raise part.wrong("number", 'number is a query and what it is called: ["SELECT …", "Ann\'s balance"].')
    kind = part.text("kind", "anomaly")
    if kind not in get_args(Kind):
        raise part.wrong("kind", f"there is no kind '{kind}'. {suggest(kind, get_args(Kind))}")
    schedule = Schedule(
        id=part.text("id"),
        title=part.text("title"),
        group=part.text("group", ""),
        sentence=part.text("sentence", ""),
        tables=tuple(_table(one) for one in part.parts("table")),
        sessions=tuple(_session(one) for one in part.parts("session")),
        steps=tuple(_step(one) for one in part.parts("step")),
        happened=tuple(_condition(one) for one in part.parts("happened")),
        kind=kind,  # type: ignore[arg-type]
        cures=part.text("cures", ""),
        engines=part.texts("engines"),
        serial=tuple(_serial(one) for one in part.parts("serial")),
        number=(number[0], number[1]) if number else ("", ""),
        order=part.number("order", 0),
        note=part.text("note", ""),
    )
    part.done()
    for key, value in (("id", schedule.id), ("title", schedule.title)):
        if not value.strip():
            raise part.wrong(key, f"{key} is empty; give it a few words.")
    return schedule


def _table(part: Part) -> Table:
    table = Table(part.text("name"), part.texts("columns"), part.rows("rows"))
    part.done()
    return table


def _session(part: Part) -> Session:
    session = Session(part.text("name"), part.text("title", ""), part.number("retries", 0))
    part.done()
    return session


def _step(part: Part) -> Step:
    instead = part.mapping("instead")
    if not all(isinstance(sql, str) for sql in instead.values()):
        raise part.wrong("instead", 'instead is SQL by engine, such as { mariadb = "SELECT 1" }.')
    step = Step(
        part.text("session"), part.text("sql"), part.text("keep", ""), instead, part.flag("must_change")
    )  # fmt: skip
    part.done()
    return step


def _condition(part: Part) -> Condition:
    counts = part.by_step("counts")
    if not all(type(count) is int for count in counts.values()):
        raise part.wrong("counts", "counts are numbers of rows by step, such as { 3 = 1 }.")
    condition = Condition(
        reads={number: part.as_rows("reads", rows) for number, rows in part.by_step("reads").items()},
        counts=counts,
        final=part.finals("final"),
        not_final=part.finals("not_final"),
        committed=part.texts("committed"),
        aborted=part.texts("aborted"),
        sentence=part.text("sentence", ""),
    )
    part.done()
    return condition


def _serial(part: Part) -> dict[str, Rows]:
    return {name: part.as_rows(name, rows) for name, rows in part.data.items()}


def write(schedule: Schedule) -> str:
    """The schedule as a TOML text that `parse` reads back to an equal one; what has its default is left out."""
    head: dict[str, Any] = {"id": schedule.id, "title": schedule.title, "group": schedule.group}
    head |= {"order": schedule.order, "sentence": schedule.sentence}
    head |= {"kind": schedule.kind} if schedule.kind != "anomaly" else {}
    head |= {"cures": schedule.cures, "engines": schedule.engines}
    head |= {"number": schedule.number if any(schedule.number) else (), "note": schedule.note}
    parts = [_lines("", {key: value for key, value in head.items() if value or key in ("id", "title")})]
    parts += [
        _lines("table", {"name": table.name, "columns": table.columns, "rows": table.rows})
        for table in schedule.tables
    ]  # fmt: skip
    for session in schedule.sessions:
        kept = {"retries": session.retries} if session.retries else {}
        parts.append(_lines("session", {"name": session.name, "title": session.title} | kept))
    parts += [_lines("step", _step_data(step)) for step in schedule.steps]
    for condition in schedule.happened:
        data = {key: getattr(condition, key) for key in Condition.__dataclass_fields__}
        parts.append(_lines("happened", {key: value for key, value in data.items() if value}))
    parts += [_lines("serial", tables) for tables in schedule.serial]
    return "\n".join(parts)


def _step_data(step: Step) -> dict[str, Any]:
    data: dict[str, Any] = {"session": step.session, "sql": step.sql, "keep": step.keep, "instead": step.instead}
    data["must_change"] = step.must_change
    return {key: value for key, value in data.items() if value or key == "sql"}


def _lines(title: str, data: Mapping[str, Any]) -> str:
    head = f"[[{title}]]\n" if title else ""
    return head + "".join(f"{_key(key)} = {_literal(value)}\n" for key, value in data.items())


def _key(key: str | int) -> str:
    word = str(key)
    return word if word and word.isascii() and word.replace("_", "").replace("-", "").isalnum() else _literal(word)


def _literal(value: Any) -> str:
    if value is None:
        return "{ null = true }"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        # JSON escapes what TOML forbids, but for one character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_literal(one)}" for key, one in value.items()) + " }"
    return "[" + ", ".join(_literal(one) for one in value) + "]"
