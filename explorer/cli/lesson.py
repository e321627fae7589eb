"""The command `lesson`: what there is to learn, and whether it is true on this machine."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from explorer.catalog import Catalog
from explorer.cli.answers import JSON_OPTION, check_writable, sentences, write_json
from explorer.option_error import OptionError
from explorer.options import suggest

if TYPE_CHECKING:
    from explorer.lessons.headless import Outcome
    from explorer.lessons.lesson import Lesson
    from explorer.lessons.library import Library

INTERRUPTED = 130


@click.group()
def lesson() -> None:
    """Lessons: list them, or run them without a window and see whether what they claim holds here."""


@lesson.command("list")
@JSON_OPTION
@sentences
def list_lessons(json_to: str | None) -> None:
    """List the lessons, those of your own as well. The JSON is [{id, title, question, group, minutes, concepts}].

    The exit status is 2 when one of them cannot be read; it is named with file and line, and the others are listed.
    """
    from explorer.lessons.lesson import Lesson

    check_writable(json_to)
    found = _library().lessons()
    usable = [one for one in found if isinstance(one, Lesson)]
    write_json(
        json_to,
        [
            {"id": one.id, "title": one.title, "question": one.question.text, "group": one.group,
             "minutes": one.minutes, "concepts": list(one.concepts)}
            for one in usable
        ],
    )  # fmt: skip
    if json_to != "-":
        for one in usable:
            click.echo(f"{one.id:<20}{one.title:<42}{one.group}, {one.minutes} min")
    broken = [one for one in found if not isinstance(one, Lesson)]
    for each in broken:
        click.echo(f"concurrency-explorer: {each.words}", err=True)
    if broken:
        sys.exit(2)


@lesson.command("run")
@click.argument("names", nargs=-1, metavar="NAME|FOLDER …")
@click.option("--all", "every", is_flag=True, help="All lessons.")
@JSON_OPTION
@sentences
def run(names: tuple[str, ...], every: bool, json_to: str | None) -> None:
    """Run lessons and judge what they claim by the figures.

    The JSON is [{id, passed, skipped, unjudged, claims: [{text, holds, evidence}]}]; a lesson that this machine lacks
    something for is skipped, and one whose run is not valid is unjudged, each with the reason. The exit status is 0
    when all hold, 1 when one does not or is unjudged, 2 when one could not run.
    """
    from explorer.lessons.headless import Interrupted, run_lesson

    check_writable(json_to)
    if every == bool(names):
        raise OptionError("Name the lessons to run, or all of them by --all; 'lesson list' lists them.")
    chosen = _chosen(_library(), names)
    catalog = Catalog()
    outcomes = []
    interrupted = False
    for one in chosen:
        try:
            outcome = run_lesson(catalog, one, lambda line: click.echo(line, err=True))
        except Interrupted:
            interrupted = True
            break
        outcomes.append(outcome)
        if json_to != "-":
            _tell(one, outcome)
    write_json(json_to, [outcome.as_json() for outcome in outcomes])
    if interrupted:
        click.echo("The lesson was interrupted; what was judged until then is above.", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(0 if all(outcome.passed for outcome in outcomes) else 1)


def _library() -> "Library":
    from explorer.lessons.library import Library, folders

    return Library(Catalog(), folders())


def _chosen(library: "Library", names: tuple[str, ...]) -> "list[Lesson]":
    """The lessons of these names, or in these folders; all for none."""
    from explorer.lessons.lesson import Lesson

    known = library.lessons()
    found = []
    for name in names or [one.folder.name for one in known]:
        one = library.at(Path(name).resolve()) if Path(name).is_dir() else library.find(name)
        if one is None:
            raise OptionError(f"There is no lesson '{name}'. {suggest(name, [each.folder.name for each in known])}")
        if not isinstance(one, Lesson):
            raise OptionError(one.words)
        found.append(one)
    return found


def _tell(one: "Lesson", outcome: "Outcome") -> None:
    if outcome.skipped:
        click.echo(f"{one.title}: skipped. {outcome.skipped}")
        return
    if outcome.unjudged:
        click.echo(f"{one.title}: not judged. {outcome.unjudged}")
        return
    click.echo(f"{one.title}: {'holds' if outcome.passed else 'does not hold'}")
    for claim in outcome.claims:
        click.echo(f"  {'✓' if claim.holds else '✗'} {claim.text}\n      {claim.evidence}")
