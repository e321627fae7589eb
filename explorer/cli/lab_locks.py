"""The command `lab locks`: one lock scenario, run and judged."""

import sys
from pathlib import Path

import click

from explorer.catalog import Catalog
from explorer.cli.answers import JSON_OPTION, check_writable, recording_name, sentences, write_json
from explorer.option_error import OptionError

LONGEST_S = 600


@click.command("locks")
@click.option("--scenario", "name", metavar="NAME", help="Which scenario; without it all are listed.")
@click.option("--cured", is_flag=True, help="The cured form in place of the one as written.")
@click.option("--cure", metavar="NAME", help="Which cure, where there are several; implies --cured.")
@click.option("--seconds", type=float, help="How long the load goes on; one that is sent at once has its own end.")
@click.option("--set", "settings", multiple=True, metavar="SECTION.KEY=VALUE", help="Set a knob; may be repeated.")
@click.option("--interpreter", metavar="PATH|VERSION", help="The Python that runs the server.")
@click.option("--record", type=click.Path(path_type=Path), metavar="FILE.cxrec", help="Keep all records in this file.")
@JSON_OPTION
@sentences
def locks(
    name: str | None,
    cured: bool,
    cure: str | None,
    seconds: float | None,
    settings: tuple[str, ...],
    interpreter: str | None,
    record: Path | None,
    json_to: str | None,
) -> None:
    """Run a scenario of the locks lab and say whether what it claims was to be seen.

    The JSON is {scenario, cured, claim, holds, evidence{…}, cycle: [..] | null}. A deadlock is found, named, and broken
    by releasing one who waits. The exit status is 0 when the claim holds, 1 when it does not, 2 when it could not run.
    """
    from explorer.labs.locks.scenarios import scenario_named, scenarios

    if name is None:
        _check_nothing_is_run(cured, cure, seconds, settings, interpreter, record)
        check_writable(json_to)
        found = [
            {"id": lab.id, "group": lab.group, "title": lab.title, "written": lab.written, "cured": lab.cured}
            for lab in scenarios().values()
        ]
        write_json(json_to, found)
        if json_to != "-":
            for lab in scenarios().values():
                click.echo(f"{lab.id:<22}{lab.title}\n{'':<22}as written: {lab.written}\n{'':<22}cured: {lab.cured}")
        return
    lab = scenario_named(name)
    catalog = Catalog()
    words = list(settings)
    if cure is not None:
        cured, words = True, [*words, f"workload.cure={_cure(lab.cures(catalog), cure)}"]
    if interpreter is not None:
        words.append(f"server.interpreter={interpreter}")
    if seconds is not None and not 0 < seconds <= LONGEST_S:
        raise OptionError(f"--seconds must be above 0 and at most {LONGEST_S:,}.")
    scenario = lab.scenario(catalog, cured=cured, seconds=seconds, settings=tuple(words))
    record = recording_name(record)
    check_writable(json_to)
    check_writable(record)
    from explorer.labs.locks.run import run_scenario

    verdict = run_scenario(catalog, lab, scenario, record=record, say=lambda line: click.echo(line, err=True))
    write_json(json_to, verdict.as_json())
    if json_to != "-":
        click.echo(verdict.as_text())
    sys.exit(0 if verdict.holds else 1)


def _check_nothing_is_run(*values: object) -> None:
    options = ("--cured", "--cure", "--seconds", "--set", "--interpreter", "--record")
    given = next((name for name, value in zip(options, values, strict=True) if value not in (None, False, ())), None)
    if given is not None:
        raise OptionError(f"{given} is about the run of one scenario; name it with --scenario, for instance convoy.")


def _cure(known: dict[str, str], cure: str) -> str:
    if not known:
        raise OptionError("This scenario has one cure; give --cured without --cure.")
    if cure not in known:
        raise OptionError(f"There is no cure '{cure}'. Known are: {', '.join(known)}.")
    return cure
