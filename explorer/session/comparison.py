"""The same scenario under one Python after the other, and what came of it side by side."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.scenario import Scenario, oldest_python, packages
from explorer.session.headless import Outcome, run_headless
from explorer.supervise.checks import Checks

SERVING: Final = ("server", "worker", "connection", "pool")
HEAD: Final = ("interpreter", "requests/s", "p50 ms", "p99 ms", "cores used", "")


def run_each(
    catalog: Catalog, scenario: Scenario, interpreters: Sequence[str], say: Callable[[str], None]
) -> list[tuple[str, Outcome]]:
    """Run `scenario` under each of `interpreters` in turn, until somebody interrupts.

    Raises `OptionError` before the first begins when one of them cannot run it, or when a run would have no end.
    """
    if not scenario.load.duration and scenario.load.mode != "burst":
        raise OptionError("Runs one after the other need an end; give --duration.", "load.duration")
    each = [scenario.changed(catalog, "server", "interpreter", text) for text in interpreters]
    checks = Checks()
    for one in each:
        checks.server(one.server, packages(catalog, one), oldest_python(catalog, one))
    outcomes: list[tuple[str, Outcome]] = []
    for text, one in zip(interpreters, each, strict=True):
        say(f"Python {text or 'of the explorer'}:")
        outcome = run_headless(catalog, one, record=None, say=say)
        outcomes.append((text, outcome))
        if outcome.interrupted:
            break
    return outcomes


def comparison(told: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """A line for each run: how fast, how long, how many cores the serving processes used; speed against the first."""
    rows = [HEAD]
    first = told[0][1]["throughput_rps"] if told else None
    for text, figures in told:
        speed = figures["throughput_rps"]
        times = f"{speed / first:.2f} x the first" if speed and first and len(rows) > 1 else ""
        latency = figures["latency_ms"]
        cores = _cores(figures)
        rows.append(
            (_python(figures) or text, _number(speed), _number(latency["p50"]), _number(latency["p99"]), cores, times)
        )
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    return "\n".join(_row(row, widths) for row in rows)


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *figures = row
    parts = [name.ljust(widths[0])]
    parts += [text.rjust(width) for text, width in zip(figures[:-1], widths[1:-1], strict=True)]
    return "  ".join([*parts, figures[-1]]).rstrip()


def _python(figures: Mapping[str, Any]) -> str:
    """What the server itself said that it runs under."""
    return next((str(each["interpreter"]) for each in figures["processes"] if each["role"] == "server"), "")


def _cores(figures: Mapping[str, Any]) -> str:
    window = figures["window"]
    if window["start_s"] is None or window["end_s"] is None or window["end_s"] <= window["start_s"]:
        return "–"
    cpu_s = sum(each["cpu_s"] or 0.0 for each in figures["processes"] if each["role"] in SERVING)
    return f"{cpu_s / (window['end_s'] - window['start_s']):.2f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"
