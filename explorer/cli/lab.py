"""The command group `lab`: each lab is a command of its own, in a file of its own."""

import click

from explorer.cli.lab_isolation import isolation
from explorer.cli.lab_isolation_cost import isolation_cost
from explorer.cli.lab_locks import locks
from explorer.cli.lab_parallelism import parallelism


@click.group("lab")
def lab() -> None:
    """Run a lab without a window: a question, measured, with its answer in figures."""


lab.add_command(isolation)
lab.add_command(isolation_cost)
lab.add_command(locks)
lab.add_command(parallelism)
