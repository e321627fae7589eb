"""The child that holds the run's PostgreSQL server; it says where the server is, and ends with it.

On a machine where none can be started the address is empty: who asked for it does without, unless the setting
`required` says that it cannot.
"""

import threading
from pathlib import Path
from typing import Any, Final

from explorer.child.channel import STOP_WITHIN_S, Channel
from explorer.option_error import OptionError
from explorer.paths import scratch_folder
from explorer.supervise.postgres.account import remove_home
from explorer.supervise.postgres.programs import HOW_TO_GET, find
from explorer.supervise.postgres.server import Postgres, launch

LOOK_S: Final = 0.2
SPARE: Final = 0.7
"""Share of the time to stop that the server may take."""


def main(channel: Channel, config: dict[str, Any]) -> None:
    """Start a server for the run `config["run"]`, say `ready(address=...)`, and end it when told to stop."""
    told = threading.Event()
    within = STOP_WITHIN_S

    def stop(message: dict[str, Any]) -> None:
        nonlocal within
        within = float(message.get("within", STOP_WITHIN_S))
        told.set()

    channel.on("stop", stop)
    folder = scratch_folder(Path(config["run"])) / "postgres"
    remove_home(folder)  # of one that was killed
    server = start(channel, folder, required=bool(config.get("settings", {}).get("required")))
    try:
        channel.ready(address=server.url if server is not None else "")
        while not told.wait(LOOK_S):
            if server is not None and not server.alive:
                raise OptionError(f"PostgreSQL ended by itself (exit status {server.process.returncode}).")
    finally:
        if server is not None:
            server.stop(within * SPARE)


def start(channel: Channel, folder: Path, *, required: bool = False) -> Postgres | None:
    """A server from the first programs that work. Why there is none is told as a warning, or raised if `required`."""
    reason = "This machine has no PostgreSQL."
    for programs in find():
        try:
            return launch(programs, folder)
        except OptionError as error:
            reason = str(error)
    if required:
        raise OptionError(f"{reason} To get PostgreSQL: {HOW_TO_GET}", "workload.url")
    channel.event("warning", sentence=f"{reason} SQLite is used instead. To get PostgreSQL: {HOW_TO_GET}")
    return None
