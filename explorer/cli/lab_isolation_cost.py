"""The command `lab isolation-cost`: bank transfers over HTTP at each level of isolation, and what they cost."""

import asyncio
import contextlib
import sys
from typing import Any

import click

from explorer.catalog import Catalog
from explorer.cli.answers import JSON_OPTION, check_writable, sentences, write_json
from explorer.options import build


@click.command("isolation-cost")
@click.option("--url", default="sqlite://", show_default=True, metavar="URL",
              help="sqlite:// (a private file), embedded (a PostgreSQL of this run), or the URL of a PostgreSQL, "
              "MariaDB or MySQL server, on which a database is made for it and removed.")  # fmt: skip
@click.option(
    "--levels", default="", metavar="LEVEL,…", help="Which levels, by the engine's own names.  [default: all]"
)
@click.option("--style", help="How a transfer is written: read_write, atomic, for_update or version.  "
              "[default: read_write]")  # fmt: skip
@click.option("--transfers", type=int, help="How many must be committed at each level.  [default: 10,000]")
@click.option("--users", type=int, help="How many make transfers at once.  [default: 8]")
@click.option("--accounts", type=int, help="How many accounts there are.  [default: 10]")
@click.option("--think", type=float, help="Seconds from reading to writing.  [default: 0.002]")
@click.option("--retries", type=int, help="How often an aborted transfer is begun anew.  [default: 10]")
@click.option("--ordered", is_flag=True, default=None, help="Touch the account with the lower number first.")
@click.option("--form", help="blocking (threads) or awaiting (coroutines).  [default: blocking]")
@click.option("--workers", type=int, help="How many server processes.  [default: 1]")
@click.option("--journal", help="SQLite's journal: wal or delete.  [default: wal]")
@JSON_OPTION
@sentences
def isolation_cost(url: str, levels: str, json_to: str | None, **values: Any) -> None:
    """Move money between accounts over HTTP at each level of isolation, and say what that costs and what gets lost.

    The JSON is {engine, complete, style, …, levels: {LEVEL: {transfers, seconds, per_second, latency_ms: {p50, p99},
    aborted: {CODE: n}, retried, given_up, expected, money, missing, misplaced, journal, promised, kept}}}. The exit
    status is 1 when money was lost at a level that promises to keep it.
    """
    from explorer.labs.isolation.cost.measure import Progress
    from explorer.labs.isolation.cost.place import measure_apart
    from explorer.labs.isolation.cost.plan import SECTION, CostKnobs, CostPlan
    from explorer.labs.isolation.cost.result import Cost, as_json, as_text
    from explorer.session.headless import Signals

    knobs = build(SECTION, CostKnobs, {key: value for key, value in values.items() if value is not None})
    plan = CostPlan(Catalog(), url, [level for level in levels.split(",") if level.strip()], knobs)
    check_writable(json_to)
    so_far = Cost(knobs, plan.levels)
    said = ""

    def told(progress: Progress) -> None:
        nonlocal said
        if progress.level != said:
            said = progress.level
            click.echo(f"{progress.number + 1} of {progress.total}: {progress.level}", err=True)

    def finished(cost: Cost) -> None:
        nonlocal so_far
        so_far = cost

    def cancel(task: "asyncio.Task[Cost]") -> None:
        task.cancel()

    async def main() -> None:
        task = asyncio.ensure_future(measure_apart(plan, told, finished))
        with Signals(lambda: cancel(task)), contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())
    write_json(json_to, as_json(so_far))
    if json_to != "-" and so_far.levels:
        click.echo(as_text(so_far))
    sys.stdout.flush()
    if not so_far.complete:
        click.echo("The measurement was cancelled; what came until then is above.", err=True)
        sys.exit(130)
    sys.exit(0 if all(one.kept or not one.promised for one in so_far.levels.values()) else 1)
