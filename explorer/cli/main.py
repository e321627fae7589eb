"""The commands: one function each, thin. What a command does lives in `session`, `desktop` and `export`."""

import gc
import os
import sys
from pathlib import Path
from typing import Any

import click
from pydantic.fields import FieldInfo

from explorer import __version__
from explorer.catalog import SECTIONS, Catalog, describe
from explorer.cli.answers import JSON_OPTION, check_writable, recording_name, sentences, write_json
from explorer.cli.duel import duel
from explorer.cli.export import export_command
from explorer.cli.files import Commands, ScenarioOrFile
from explorer.cli.lab import lab
from explorer.cli.lesson import lesson
from explorer.cli.own_app import OwnAppWords, plain
from explorer.option_error import OptionError
from explorer.options import EFFECT_WORDS, Knobs, bounds_of
from explorer.own_app import AppKnobs, RouteKnobs
from explorer.scenario import Scenario, assign, parse, read
from explorer.shipped import sentence_of, shipped_scenarios

MEMORY_OPTION = click.option(
    "--memory", type=float, metavar="GIB", help="Memory for the spans of a run in this window; about 50 bytes a span."
)
SMALLEST = (1024, 640)
LABS = ("locks", "isolation")
STEPS = ("look", "predict", "reveal", "try")
LONGEST_S = 3600
LIST_SECTIONS = {"models": "model", "dispatch": "dispatch", "workloads": "workload"}
INTERPRETERS = "interpreters"
SCENARIOS = "scenarios"


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="concurrency-explorer")
@MEMORY_OPTION
@click.pass_context
@sentences
def cli(context: click.Context, memory: float | None) -> None:
    """Watch a FastAPI server work: every process, thread and event loop, live on one timeline.

    Without a command the window opens, with a file alone that file in it.
    """
    if context.invoked_subcommand is None:
        _open_window(None, memory)
    elif memory is not None:
        raise OptionError("--memory is for the window: give it without a command, or behind open.")


@cli.command()
@click.argument("scenario", type=ScenarioOrFile(), required=False)
@click.option("--model", help="How connections are served; see: list models.")
@click.option("--dispatch", help="Where a handler's work runs; see: list dispatch.")
@click.option("--workload", help="What a handler does; see: list workloads.")
@click.option("--set", "settings", multiple=True, metavar="SECTION.KEY=VALUE", help="Set a knob; may be repeated.")
@click.option("--users", type=int, help="Closed loop: this many users; 0 is the server alone.")
@click.option("--rate", type=float, help="Open loop: this many requests a second.")
@click.option("--poisson", is_flag=True, help="With --rate: random (Poisson) arrivals.")
@click.option("--burst", type=int, help="This many requests at once, then the end.")
@click.option("--duration", type=float, help="Seconds of load; without it until Ctrl-C.")
@click.option(
    "--interpreter",
    "interpreters",
    multiple=True,
    metavar="PATH|VERSION",
    help="The Python that runs the server; given more than once, one run after the other, and a comparison.",
)
@click.option("--app", "target", metavar="PACKAGE.MODULE:APP", help="Serve a FastAPI app of your own.")
@click.option("--factory", is_flag=True, help="With --app: it is a function that makes the app.")
@click.option("--folder", metavar="FOLDER", help="With --app: where it is started; the present folder by default.")
@click.option(
    "--env", "environment", multiple=True, metavar="NAME=VALUE", help="With --app: a variable; may be repeated."
)
@click.option("--path", "paths", multiple=True, metavar="/PATH", help="With --app: what is asked for; may be repeated.")
@click.option("--method", help="With --app: how it is asked for; GET, or POST with --body.")
@click.option("--body", metavar="FILE", help="With --app: the body of the requests, seen from the present folder.")
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="With --app: a header; may be repeated.")
@click.option(
    "--predict", "predicted", is_flag=True, help="Say beforehand what will come of it, by the law that holds."
)
@click.option("--verbose", is_flag=True, help="With --app: show the tracebacks of what fails in it.")
@click.option("--record", type=click.Path(path_type=Path), metavar="FILE.cxrec", help="Keep all records in this file.")
@JSON_OPTION
@sentences
def run(
    scenario: Path | None,
    model: str | None,
    dispatch: str | None,
    workload: str | None,
    settings: tuple[str, ...],
    users: int | None,
    rate: float | None,
    poisson: bool,
    burst: int | None,
    duration: float | None,
    interpreters: tuple[str, ...],
    target: str | None,
    factory: bool,
    folder: str | None,
    environment: tuple[str, ...],
    paths: tuple[str, ...],
    method: str | None,
    body: str | None,
    headers: tuple[str, ...],
    predicted: bool,
    verbose: bool,
    record: Path | None,
    json_to: str | None,
) -> None:
    """Run a server under load without a window and print what was measured."""
    catalog = Catalog()
    own = OwnAppWords(target, factory, folder, environment, paths, method, body, headers)
    features = {"model": model, "dispatch": dispatch, "workload": workload}
    chosen = _scenario(catalog, scenario, features, settings, own)
    chosen = _loaded(catalog, chosen, users=users, rate=rate, poisson=poisson, burst=burst, duration=duration)
    if interpreters:
        chosen = chosen.changed(catalog, "server", "interpreter", interpreters[0])
    record = recording_name(record)
    check_writable(json_to)
    check_writable(record)
    if len(interpreters) > 1:
        _run_each(catalog, chosen, interpreters, record, json_to)
        return
    from explorer.session.headless import run_headless
    from explorer.session.report import text_report

    progress = Progress() if sys.stderr.isatty() else None
    say = progress.say if progress else lambda line: click.echo(line, err=True)
    show = progress.show if progress else None
    outcome = run_headless(
        catalog, chosen, record=record, say=say, progress=show, verbose=verbose, prediction=predicted
    )
    if progress:
        progress.clear()
    failures = [outcome.failure] if outcome.failure else []
    if outcome.figures is not None:
        try:
            write_json(json_to, outcome.figures)
        except OptionError as error:  # a disk may be full by now; the figures are told nevertheless
            failures.append(str(error))
        if json_to != "-":
            click.echo(text_report(outcome.figures))
    if failures:
        raise OptionError(" ".join(failures), details=outcome.details)


def _run_each(
    catalog: Catalog, scenario: Scenario, interpreters: tuple[str, ...], record: Path | None, json_to: str | None
) -> None:
    """One run for each interpreter, then all of them in a table; the JSON holds them as `runs`."""
    if record is not None:
        raise OptionError("--record keeps one run; give one --interpreter with it.")
    from explorer.session.comparison import comparison, run_each

    outcomes = run_each(catalog, scenario, interpreters, lambda line: click.echo(line, err=True))
    told = [(text, outcome.figures) for text, outcome in outcomes if outcome.figures is not None]
    write_json(json_to, {"runs": [figures for _, figures in told]})
    if json_to != "-":
        click.echo(comparison(told))
    if failures := [outcome.failure for _, outcome in outcomes if outcome.failure]:
        raise OptionError(" ".join(failures))


@cli.command("open")
@click.argument("file", type=ScenarioOrFile(), required=False)
@MEMORY_OPTION
@sentences
def open_file(file: Path | None, memory: float | None) -> None:
    """Open a recording (.cxrec), a foreign trace (.json, .json.gz), a scenario (.toml) or a duel (its folder).

    Without a file, as from a desktop's menu, the window opens by itself.
    """
    _check_memory(memory)
    if file is not None:
        _check_openable(file)
    _open_window(file, memory)


@cli.command("list")
@click.argument("what", type=click.Choice([*LIST_SECTIONS, SCENARIOS, INTERPRETERS, "app"]))
@JSON_OPTION
@sentences
def list_features(what: str, json_to: str | None) -> None:
    """List the models, dispatches or workloads, with their knobs and why one cannot run here.

    Or the knobs of an app of your own.
    Or the scenarios that come with the program; run and open take their names.
    Or the Pythons of this machine that the server can run under (server.interpreter), and what the others lack.
    """
    if what == "app":
        _list_app(json_to)
        return
    check_writable(json_to)
    if what == SCENARIOS:
        _list_scenarios(json_to)
        return
    if what == INTERPRETERS:
        from explorer.supervise.interpreters.table import as_data, as_text, found_here

        interpreters = found_here()
        write_json(json_to, as_data(interpreters))
        if json_to != "-":
            click.echo(as_text(interpreters))
        return
    features = Catalog().all(LIST_SECTIONS[what])
    write_json(json_to, [describe(feature) for feature in features])
    if json_to == "-":
        return
    for feature in features:
        reason = feature.unavailable()
        click.echo(f"{feature.id:<24}{feature.summary}" + (f"  Not available: {reason}" if reason else ""))
        for key, field in feature.knobs.model_fields.items():
            click.echo(f"    {_knob_line(LIST_SECTIONS[what], key, field)}")


def _knob_line(section: str, key: str, field: FieldInfo) -> str:
    facts = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    unit = f" {facts['unit']}" if facts.get("unit") else ""
    bounds = bounds_of(field)
    effect = EFFECT_WORDS[str(facts.get("effect"))]
    about = f"({bounds}; {effect})" if bounds else f"({effect})"
    return f"{section}.{key} = {field.default}{unit}   {field.description}  {about}"


def _list_scenarios(json_to: str | None) -> None:
    found = [{"id": file.stem, "title": title, "sentence": sentence_of(file)} for title, file in shipped_scenarios()]
    write_json(json_to, found)
    if json_to != "-":
        for one in found:
            click.echo(f"{one['id']:<24}{one['title']:<32}{one['sentence']}")


def _list_app(json_to: str | None) -> None:
    groups: dict[str, type[Knobs]] = {"app": AppKnobs, "app.route": RouteKnobs}
    check_writable(json_to)
    write_json(json_to, {section: group.model_json_schema() for section, group in groups.items()})
    if json_to != "-":
        for section, group in groups.items():
            for key, field in group.model_fields.items():
                click.echo(_knob_line(section, key, field))


@cli.command()
@JSON_OPTION
@sentences
def doctor(json_to: str | None) -> None:
    """Say what this machine has and allows: versions, Qt, permissions, disk, databases."""
    from explorer.session.doctor import examine

    check_writable(json_to)
    found = examine()
    try:
        from explorer.desktop import facts
    except ImportError as error:
        found["window"] = {"available": "no", "reason": str(error)}
    else:
        found["window"] = dict(facts.facts())
    write_json(json_to, found)
    if json_to != "-":
        for section, told in found.items():
            click.echo(section)
            for key, value in told.items():
                click.echo(f"    {key:<22}{value}")


@cli.command()
@click.argument("file", type=ScenarioOrFile(), required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The PNG to write.")
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", show_default=True)
@click.option("--size", default="1280x720", show_default=True, metavar="WxH", help="Window size in pixels.")
@click.option("--after", type=float, default=5.0, show_default=True, help="Seconds of load before it.")
@click.option("--findings", is_flag=True, help="Open the list of findings before the picture.")
@click.option("--select", is_flag=True, help="Select a finished request before the picture.")
@click.option("--lab", type=click.Choice(LABS), help="The page of this lab in place of the main window's.")
@click.option("--scenario", "name", metavar="NAME", help="With --lab: which scenario; FILE then is not needed.")
@click.option("--cured", is_flag=True, help="With --lab: the scenario's cured form.")
@click.option("--empty", is_flag=True, help="With --lab: before anything has run.")
@click.option("--level", default="", metavar="LEVEL", help="With --lab isolation: the level; default: the first.")
@click.option("--url", default="", metavar="URL", help="With --lab isolation: the database; default: PostgreSQL.")
@click.option("--tab", default="", metavar="TAB", help="With --lab isolation: the tab, such as matrix.")
@click.option("--steps", type=click.IntRange(0), help="With --lab isolation: after so many steps.")
@click.option("--slide", default="", metavar="LESSON:N", help="This slide of a lesson, with its run really made.")
@click.option("--speaker", is_flag=True, help="With --slide: the speaker view beside it.")
@click.option("--gallery", is_flag=True, help="The start page with its lessons and scenarios.")
@click.option("--lesson", default="", metavar="ID", help="The page of this lesson.")
@click.option("--step", type=click.Choice(STEPS), help="With --lesson: which step; reveal and try really run it.")
@click.option(
    "--answer",
    type=click.IntRange(0, 4),
    help="With --lesson: the answer predicted, 0: I don't know. Before the run none by default, then the first.",
)
@sentences
def screenshot(
    file: Path | None,
    output: Path,
    theme: str,
    size: str,
    after: float,
    findings: bool,
    select: bool,
    lab: str | None,
    name: str | None,
    cured: bool,
    empty: bool,
    level: str,
    url: str,
    tab: str,
    steps: int | None,
    slide: str,
    speaker: bool,
    gallery: bool,
    lesson: str,
    step: str | None,
    answer: int | None,
) -> None:
    """Run a scenario in the real window, off screen, and write a picture of it.

    FILE may also be a recording, a trace or a duel: it is opened, and nothing runs.
    """
    if lab is None and (name or cured or empty):
        raise OptionError("--scenario, --cured and --empty belong to a lab's picture: add --lab locks.")
    if not lesson and (step or answer is not None):
        raise OptionError("--step and --answer belong to a lesson's picture: add --lesson with its id.")
    if (gallery or lesson) and (file is not None or lab is not None or (gallery and lesson)):
        raise OptionError("A picture shows one thing: name a file, a lab, a lesson or the gallery.")
    if lab != "isolation" and (level or url or tab or steps is not None):
        raise OptionError("--level, --url, --tab and --steps belong to that lab's picture: add --lab isolation.")
    width, cross, height = size.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal() and 0 < int(width) < 8192 and 0 < int(height) < 8192):
        raise OptionError(f"'{size}' is not a size; write WIDTHxHEIGHT, such as 1280x720.")
    if int(width) < SMALLEST[0] or int(height) < SMALLEST[1]:
        raise OptionError(f"The window needs at least {SMALLEST[0]}x{SMALLEST[1]} pixels.")
    if not 0 <= after <= LONGEST_S:  # NaN is in no range
        raise OptionError(f"--after must be from 0 to {LONGEST_S:,} seconds.")
    if slide and (file is not None or lab is not None or gallery or lesson):
        raise OptionError("A picture shows one thing: name a file, a lab, a lesson, the gallery or a slide.")
    if speaker and not slide:
        raise OptionError("--speaker belongs to a slide's picture: add --slide LESSON:N.")
    # Before the scenario is read: what shows a window of its own may do so there.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if slide:
        check_writable(output)
        from explorer.desktop.presenter.shot import picture

        picture(slide, output, theme=theme, size=(int(width), int(height)), speaker=speaker)
        return
    catalog = Catalog()
    chosen: Scenario | Path | None = file
    if file is not None:
        _check_openable(file)
        chosen = read(catalog, file) if file.suffix == ".toml" else file
    check_writable(output)
    from explorer.desktop.lessons.lesson_shot import LessonShot
    from explorer.desktop.screenshot import take

    wanted = None
    if lab is not None:
        from explorer.desktop.labs.shot import LabShot

        wanted = LabShot(
            lab, name or "", cured=cured, runs=not empty, file=file, level=level, url=url, tab=tab, steps=steps
        )
    page = LessonShot(lesson, step or "look", answer) if gallery or lesson else None
    pixels = int(width), int(height)
    take(
        catalog, chosen, output, theme=theme, size=pixels, after=after, select=select, lab=wanted, lesson=page,
        findings=findings,
    )  # fmt: skip


def _check_openable(file: Path) -> None:
    """Refuse what the window cannot open before there is one: `OptionError`."""
    if not file.exists():
        raise OptionError(f"There is no file {file}. Check the path.")
    if file.is_dir() or file.name == "duel.json":
        from explorer.session import duel_file

        duel_file.read(file)
    elif file.suffix == ".toml":
        read(Catalog(), file)
    else:
        from explorer.recording.sources import check

        check(file)


class Progress:
    """One line at the foot of a terminal's stderr that says how far the run is; other lines are written above it."""

    WIDTH = 30

    def show(self, seconds: float, total: float) -> None:
        """Draw the line anew: `seconds` of load so far out of `total` (0: until Ctrl-C)."""
        if total:
            full = min(self.WIDTH, round(self.WIDTH * seconds / total))
            bar = "█" * full + "░" * (self.WIDTH - full)
            click.echo(f"\r{bar} {min(seconds, total):5.1f} of {total:g} s", nl=False, err=True)
        else:
            click.echo(f"\rRunning for {seconds:.0f} s, Ctrl-C ends it", nl=False, err=True)

    def say(self, line: str) -> None:
        """Write a line that stays."""
        self.clear()
        click.echo(line, err=True)

    def clear(self) -> None:
        """Take the line away."""
        click.echo("\r\x1b[K", nl=False, err=True)


def main() -> None:
    """Entry point of `concurrency-explorer` and of `python -m explorer`."""
    try:
        status = cli(prog_name="concurrency-explorer", standalone_mode=False)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "concurrency-explorer"
        sentence = " ".join(error.format_message().split())
        click.echo(f"concurrency-explorer: {sentence} See {command} --help.", err=True)
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    sys.exit(status or 0)


def _check_memory(gib: float | None) -> None:
    """Refuse what this computer cannot spare before a window is made."""
    if gib is not None:
        from explorer.store.budget import memory_of

        memory_of(gib)


def _open_window(file: Path | None, memory: float | None) -> None:
    _check_memory(memory)
    # What is imported stays, and is not to be looked through again and again; the window collects by itself.
    gc.disable()
    try:
        from explorer.desktop.app import main as window
    except ImportError as error:
        raise OptionError(f"The window needs Qt, which cannot be loaded here ({error}).") from None
    sys.exit(window(file, memory))


def _scenario(
    catalog: Catalog, path: Path | None, ids: dict[str, str | None], settings: tuple[str, ...], own: OwnAppWords
) -> Scenario:
    base = read(catalog, path) if path is not None else parse(catalog, {})
    data = own.apply(plain(base))
    for section in SECTIONS:
        if ids[section] is not None:
            data[section] = {"id": ids[section]}
    return assign(catalog, parse(catalog, data), settings)


def _loaded(
    catalog: Catalog,
    scenario: Scenario,
    *,
    users: int | None,
    rate: float | None,
    poisson: bool,
    burst: int | None,
    duration: float | None,
) -> Scenario:
    given = [name for name, value in (("--users", users), ("--rate", rate), ("--burst", burst)) if value is not None]
    if len(given) > 1:
        raise OptionError(f"{' and '.join(given)} exclude one another; give one of them.")
    if poisson and rate is None:
        raise OptionError("--poisson needs --rate.")
    changes: dict[str, Any] = {}
    if users is not None:
        changes |= {"mode": "users", "users": users}
    if rate is not None:
        changes |= {"mode": "poisson" if poisson else "rate", "rate": rate}
    if burst is not None:
        changes |= {"mode": "burst", "requests": burst}
    if duration is not None:
        if duration <= 0:
            raise OptionError("--duration must be above 0 seconds.")
        changes["duration"] = duration
    data = scenario.to_dict()
    data["load"] |= changes
    return parse(catalog, data)


cli.add_command(duel)
cli.add_command(export_command)
cli.add_command(lab)
cli.add_command(lesson)
