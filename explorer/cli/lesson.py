"""The command group `lesson`: lists lessons, and runs them without a window to see whether their claims hold."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from explorer.catalog import Catalog
from explorer.cli.answers import JSON_OPTION, check_writable, sentences, write_json
from explorer.options import OptionError

if TYPE_CHECKING:
    from explorer.lessons.headless import Outcome

INTERRUPTED = 130


@click.group("lesson")
def lesson() -> None:
    """Lessons: a question, a run that answers it, and claims that its figures must bear out."""


@lesson.command("list")
@JSON_OPTION
@sentences
def list_lessons(json_to: str | None) -> None:
    """List all lessons, those of your own folder as well."""
    from explorer.lessons.lesson import Lesson
    from explorer.lessons.library import Library

    check_writable(json_to)
    found = Library(Catalog()).lessons()
    whole = [one for one in found if isinstance(one, Lesson)]
    write_json(
        json_to,
        [
            {"id": one.id, "title": one.title, "question": one.question.text, "group": one.group,
             "minutes": one.minutes, "concepts": list(one.concepts), "needs": list(one.needs),
             "folder": str(one.folder)}
            for one in whole
        ],
    )  # fmt: skip
    if json_to != "-":
        for one in whole:
            click.echo(f"{one.id:<20}{one.title}\n{'':<20}{one.question.text}")
    for each in found:
        if not isinstance(each, Lesson):
            click.echo(f"{each.file}:{each.line}: {each.sentence}", err=True)


@lesson.command("run")
@click.argument("name", required=False, metavar="NAME|FOLDER")
@click.option("--all", "every", is_flag=True, help="Run all lessons.")
@JSON_OPTION
@sentences
def run(name: str | None, every: bool, json_to: str | None) -> None:
    """Run a lesson, or the one in a folder of your own, and say of each claim whether it holds.

    The JSON is [{id, passed, claims: [{text, holds, evidence}], skipped, failure}]. The exit status is 0 when all
    pass or are skipped, 1 when one does not, 2 when something could not be read.
    """
    from explorer.lessons.headless import Interrupted, Made, run_lesson
    from explorer.lessons.lesson import Lesson
    from explorer.lessons.library import Library
    from explorer.lessons.reading import read_lesson

    if every == (name is not None):
        raise OptionError("Name one lesson (see: lesson list), or give --all.")
    check_writable(json_to)
    catalog = Catalog()
    library = Library(catalog)
    if name is None:
        found = library.lessons()
        for each in found:
            if not isinstance(each, Lesson):
                raise OptionError(f"{each.file}:{each.line}: {each.sentence}")
        chosen = [each for each in found if isinstance(each, Lesson)]
    else:
        chosen = [read_lesson(Path(name), catalog) if Path(name).is_dir() else library.find(name)]
    made: Made = {}
    outcomes: list[Outcome] = []
    interrupted = False
    for one in chosen:
        try:
            outcome = run_lesson(catalog, one, lambda line: click.echo(line, err=True), made)
        except Interrupted:
            interrupted = True
            break
        outcomes.append(outcome)
        if json_to != "-":
            _tell(outcome)
    write_json(json_to, [each.as_json() for each in outcomes])
    sys.stdout.flush()
    if interrupted:
        click.echo("The lessons were interrupted; what was measured until then is above.", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(0 if all(each.passed or each.skipped for each in outcomes) else 1)


def _tell(outcome: "Outcome") -> None:
    if outcome.skipped:
        click.echo(f"{outcome.id}: skipped. {outcome.skipped}")
        return
    click.echo(f"{outcome.id}: {'passed' if outcome.passed else 'failed'}")
    if outcome.failure:
        click.echo(f"    {outcome.failure}")
    for claim in outcome.claims:
        click.echo(f"    {'holds' if claim.holds else 'FAILS'}  {claim.text}\n           {claim.evidence}")
