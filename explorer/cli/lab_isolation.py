"""The command `lab isolation`: a matrix of levels and anomalies, or one scenario step by step, on a real database."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from explorer.cli.answers import JSON_OPTION, check_writable, recording_name, sentences, write_json
from explorer.option_error import OptionError

if TYPE_CHECKING:
    from explorer.labs.isolation.matrix import Matrix
    from explorer.labs.isolation.schedule import Schedule
    from explorer.labs.isolation.target import Target

URL_VARIABLE = "EXPLORER_LAB_URL"
INTERRUPTED = 130


@click.command("isolation")
@click.option("--url", default="sqlite://", envvar=URL_VARIABLE, show_envvar=True, metavar="URL",
              help="Which database: sqlite:// (a private file), embedded (a PostgreSQL of the lab's own), or "
              "postgresql://, mariadb:// or mysql:// for a server. A URL with a password belongs in the environment "
              "variable.  [default: sqlite://]")  # fmt: skip
@click.option("--journal", default="delete", show_default=True, metavar="delete|wal", help="SQLite's journal.")
@click.option("--levels", "level_names", metavar="LEVEL,…",
              help="Isolation levels by the engine's own names, and AUTOCOMMIT.  [default: all for a matrix, else the "
              "engine's default]")  # fmt: skip
@click.option("--scenarios", "names", metavar="ID,…", help="Which scenarios; without it and --matrix all are listed.")
@click.option("--schedule", "own", type=click.Path(path_type=Path), metavar="FILE.toml",
              help="A schedule of your own in place of a scenario.")  # fmt: skip
@click.option("--matrix", is_flag=True, help="Measure every scenario at every level.  [default: all anomalies]")
@click.option("--export", "export", type=click.Path(path_type=Path), metavar="FILE.py",
              help="Write the one run as a pytest file.")  # fmt: skip
@click.option("--record", type=click.Path(path_type=Path), metavar="FILE.cxrec", help="Keep all records in this file.")
@JSON_OPTION
@sentences
def isolation(
    url: str,
    journal: str,
    level_names: str | None,
    names: str | None,
    own: Path | None,
    matrix: bool,
    export: Path | None,
    record: Path | None,
    json_to: str | None,
) -> None:
    """Run transactions against one another on a real database, step by step, and say what each level lets through.

    With --matrix the JSON is {engine, version, settings, levels: {LEVEL: {SCENARIO: {happened, how, codes, trace,
    differences, …}}}}: `how` is any of versions, blocked, aborted. Of one run it is that of its cell, with its level,
    scenario and cycle. The lab works in a database of its own, which it makes and removes.
    """
    from explorer.labs.isolation.levels import chosen
    from explorer.labs.isolation.target import parse

    target = parse(url, journal)
    levels = chosen(level_names, target.kind) if level_names is not None else ()
    check_writable(json_to)
    if not matrix and names is None and own is None:
        _check_nothing_is_run(level_names, export, record)
        _list(json_to)
        return
    schedules = _schedules(names, own, matrix)
    if not matrix and (len(levels) > 1 or len(schedules) > 1):
        raise OptionError("One scenario is run at one level; name one of each, or add --matrix to measure all of them.")
    if matrix and export is not None:
        raise OptionError("--export writes one run; leave out --matrix and name one scenario and one level.")
    if export is not None and export.suffix != ".py":
        raise OptionError(f"{export.name} would not run as a test; give a name that ends in .py.")
    record = recording_name(record)
    for path in (export, record):
        check_writable(path)
    click.echo(target.promise, err=True)
    if matrix:
        _measure(target, levels, schedules, json_to, record)
    else:
        _run(target, levels, schedules[0], json_to, export, record)


def _schedules(names: str | None, own: Path | None, matrix: bool) -> "tuple[Schedule, ...]":
    from explorer.labs.isolation.library import named, shipped
    from explorer.labs.isolation.measure import anomalies
    from explorer.labs.isolation.toml import read

    if own is not None:
        if names is not None:
            raise OptionError("--schedule is in place of a scenario; leave out --scenarios.")
        return (read(own),)
    if names is None and matrix:
        return anomalies(shipped())
    words = [name.strip() for name in (names or "").split(",") if name.strip()]
    if not words:
        raise OptionError("--scenarios names no scenario; name one, for instance P4.")
    return tuple(named(name) for name in dict.fromkeys(words))


def _check_nothing_is_run(*values: object) -> None:
    options = ("--levels", "--export", "--record")
    given = next((name for name, value in zip(options, values, strict=True) if value is not None), None)
    if given is not None:
        raise OptionError(
            f"{given} is about a run; name a scenario with --scenarios, for instance P4, or add --matrix."
        )


def _list(json_to: str | None) -> None:
    from explorer.labs.isolation.library import shipped

    found = shipped().values()
    write_json(
        json_to,
        [
            {"id": one.id, "kind": one.kind, "group": one.group, "title": one.title, "sentence": one.sentence}
            for one in found
        ],
    )
    if json_to != "-":
        for one in found:
            click.echo(f"{one.id:<20}{one.title}\n{'':<20}{one.sentence}")


def _measure(
    target: "Target",
    levels: tuple[str, ...],
    schedules: "tuple[Schedule, ...]",
    json_to: str | None,
    record: Path | None,
) -> None:
    from explorer.labs.isolation.headless import measure_matrix
    from explorer.labs.isolation.measure import as_json, order
    from explorer.labs.isolation.table import matrix_table

    def told(matrix: "Matrix") -> None:
        left = [each for each in order(matrix) if each not in matrix.cells]
        if left:
            (level, name), total = left[0], len(matrix.levels) * len(matrix.schedules)
            click.echo(f"{total - len(left) + 1} of {total}: {name} at {level}", err=True)

    done = measure_matrix(target, levels, schedules, told, record)
    if done.matrix is not None:
        write_json(json_to, as_json(done.matrix))
        if json_to != "-":
            click.echo(matrix_table(done.matrix, {one.id: one for one in schedules}))
        sys.stdout.flush()
    if done.failure:
        raise OptionError(f"{done.failure} What was measured until then is above.")
    if done.interrupted:
        click.echo("The matrix was cancelled; what was measured until then is above.", err=True)
        sys.exit(INTERRUPTED)


def _run(
    target: "Target",
    levels: tuple[str, ...],
    schedule: "Schedule",
    json_to: str | None,
    export: Path | None,
    record: Path | None,
) -> None:
    from explorer.labs.isolation.dependencies import graph
    from explorer.labs.isolation.export_test import as_pytest
    from explorer.labs.isolation.headless import run_once
    from explorer.labs.isolation.judge import judge
    from explorer.labs.isolation.levels import USUAL
    from explorer.labs.isolation.measure import run_as_json
    from explorer.labs.isolation.table import engine_lines, run_text

    level = levels[0] if levels else USUAL[target.kind]
    trace = run_once(target, level, schedule, record)
    if trace is None:
        click.echo("The run was cancelled.", err=True)
        sys.exit(INTERRUPTED)
    verdict, found = judge(schedule, trace), graph(schedule, trace)
    write_json(json_to, run_as_json(schedule, trace, verdict, found))
    if export is not None:
        try:
            export.write_text(as_pytest(schedule, target.url, level, trace), encoding="utf-8")
        except OSError as error:
            raise OptionError(f"{export} cannot be written ({error.strerror}). Choose another file.") from None
    if json_to != "-":
        click.echo("\n".join([run_text(schedule, trace, verdict, found), "", *engine_lines(trace.facts)]))
