"""The command `lab parallelism`: one job in tasks, run in several ways, with more and more workers."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from explorer.cli.answers import JSON_OPTION, check_writable, sentences, write_json
from explorer.option_error import OptionError

RUNNERS = "coroutine,threads,process_pool"


@click.command("parallelism")
@click.option("--job", help="mandelbrot, primes, text or matrix.  [default: mandelbrot]")
@click.option("--runner", "names", default=RUNNERS, show_default=True, metavar="NAME,…",
              help="Which ways to run the tasks: coroutine, threads, process_pool, interpreter_pool, numpy, cluster. "
              "One coroutine is always measured.")  # fmt: skip
@click.option("--workers", default="", metavar="N-M|N,M,…",
              help="Numbers of workers, each from 1 to 64.  [default: from 1 to twice the cores]")  # fmt: skip
@click.option("--size", type=int, help="How large the job is: pixels, numbers, kB or rows.")
@click.option("--grain", type=int, help="How much of it one task is: rows, numbers or kB.")
@click.option("--chunk", type=int, help="Tasks that travel together; 0 makes one block for each worker.")
@click.option("--serial", type=float, help="Share of the tasks that one alone does first, from 0 to 0.9.")
@click.option("--repeat", type=int, help="How often each point is measured; the fastest counts.  [default: 3]")
@click.option("--start-method", help="How the pool's processes start: spawn, forkserver or fork.  [default: spawn]")
@click.option("--travel", help="How a job's data reaches the workers: pickled or shared.  [default: pickled]")
@click.option("--interpreter", metavar="PATH|VERSION", help="The Python that runs the job; the explorer's own else.")
@click.option("--record", type=click.Path(path_type=Path), metavar="FILE.cxrec",
              help="Record every task for the timeline, and keep it in this file.")  # fmt: skip
@JSON_OPTION
@sentences
def parallelism(names: str, workers: str, record: Path | None, json_to: str | None, **values: Any) -> None:
    """Run one job, cut into tasks, in several ways and with more and more workers, and say how much faster it gets.

    The JSON is {points: [{runner, workers, seconds, speedup, efficiency, overhead_per_task_s, …}], serial_fraction,
    interval, of_runner, fits: {runner: {amdahl, usl}}, cores, checks, refused, sentence, …}. Times are in seconds;
    speedup is over one coroutine; serial_fraction is null when its 95 % interval is too wide to say.
    """
    from explorer.labs.parallelism.options import plan
    from explorer.labs.parallelism.result import Result, as_json
    from explorer.labs.parallelism.sweep import Progress, Sweep
    from explorer.labs.parallelism.table import table
    from explorer.session.headless import Signals

    chosen = plan(values, names.split(","), workers)
    check_writable(json_to)
    if record is not None and record.suffix != ".cxrec":
        raise OptionError(f"{record.name} would not open as a recording; give a name that ends in .cxrec.")
    check_writable(record)

    def told(progress: Progress) -> None:
        click.echo(f"{progress.done + 1} of {progress.total}: {progress.words}", err=True)

    async def main() -> Result:
        sweep = Sweep(chosen, told, observed=record is not None)
        with Signals(sweep.cancel):
            return await sweep.run(record)

    outcome = as_json(asyncio.run(main()))
    write_json(json_to, outcome)
    if json_to != "-":
        click.echo(table(outcome))
    sys.stdout.flush()
    if not outcome["complete"]:
        click.echo("The sweep was cancelled; what came until then is above.", err=True)
        sys.exit(130)
