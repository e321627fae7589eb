"""The command `duel`: two to four scenarios under the same load, several times, and what differs."""

import asyncio
import sys
from pathlib import Path

import click

from explorer.catalog import Catalog
from explorer.cli.answers import JSON_OPTION, check_writable, sentences, write_json
from explorer.option_error import OptionError
from explorer.scenario import read
from explorer.session.duel_plan import DURATION_S, REPEAT, Plan, plan


@click.command("duel")
@click.argument("scenarios", type=click.Path(path_type=Path), nargs=-1, metavar="A.toml B.toml [C.toml [D.toml]]")
@click.option("--repeat", type=int, default=REPEAT, show_default=True, help="How often each scenario runs.")
@click.option(
    "--duration",
    type=float,
    help=f"Seconds of load of each run; else what A says, or {DURATION_S:g} if it says none.",
)
@click.option("--record", "folder", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Keep the first run of each scenario and the outcome there; the window opens it.")  # fmt: skip
@JSON_OPTION
@sentences
def duel(
    scenarios: tuple[Path, ...], repeat: int, duration: float | None, folder: Path | None, json_to: str | None
) -> None:
    """Compare two to four scenarios under the same load, A's, and say what differs.

    An open loop sends at the same moments in every run, users get the same seeds. The JSON is {runs: [{scenario,
    figures}], differences: [{figure, values, ratio, interval, clear}], verdict, cause}, with one run for each
    scenario (all its repeats are in "repeats"). Of two scenarios ratio is B to A, interval its 95 % interval over
    the repeats, clear whether that excludes 1; of more, each of the three is a list for B, C, D, all to A. The
    intervals are widened for the number of figures (Holm's procedure): of twenty duels of equal scenarios one shows
    any clear difference by chance. With one repeat interval is null and nothing is clear.
    """
    catalog = Catalog()
    if duration is not None and not duration > 0:
        raise OptionError("--duration must be above 0 seconds.")
    found = plan(catalog, [read(catalog, path) for path in scenarios], repeat, duration)
    check_writable(json_to)
    _run(catalog, found, folder, json_to)


def _run(catalog: Catalog, found: Plan, folder: Path | None, json_to: str | None) -> None:
    from explorer.session.duel import Duel, Progress
    from explorer.session.duel_file import prepare_folder, write
    from explorer.session.duel_plan import check
    from explorer.session.duel_result import Result, as_json
    from explorer.session.duel_table import table
    from explorer.session.headless import Signals

    check(catalog, found)
    if folder is not None:
        prepare_folder(folder)
    begun: set[int] = set()

    def say(sentence: str) -> None:
        click.echo(sentence, err=True)

    def told(progress: Progress) -> None:
        if progress.number not in begun:
            begun.add(progress.number)
            which = f"{progress.badge}, repeat {progress.repeat} of {progress.repeats}"
            say(f"Run {progress.number} of {progress.total}: {which}, about {progress.left:.0f} s left")

    async def main() -> Result:
        duel = Duel(catalog, found, told=told, said=say, folder=folder)
        with Signals(duel.cancel):
            return await duel.run()

    say(found.sentence)
    outcome = as_json(asyncio.run(main()))
    if folder is not None:
        write(folder, outcome)
        say(f"Kept in {folder}")
    write_json(json_to, outcome)
    if json_to != "-":
        click.echo(table(outcome))
    sys.stdout.flush()
