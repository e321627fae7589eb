"""The child's hold on its janitor (`explorer.labs.isolation.child.janitor`)."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from typing import Any, Final

from explorer.child.main import EPOCH, PARENT, RUN, SAMPLER
from explorer.option_error import OptionError
from explorer.supervise.spawn import command

JANITOR: Final = "explorer.labs.isolation.child.janitor"
END_S: Final = 2.0
_NOT_ITS: Final = (RUN, EPOCH, SAMPLER, PARENT)


class Keeper:
    """Starts the janitor at once, since that takes its time; `keep` and `release` are for the same thread."""

    def __init__(self) -> None:
        windows = sys.platform == "win32"
        self._process = subprocess.Popen(
            command(JANITOR),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={key: value for key, value in os.environ.items() if key not in _NOT_ITS},
            start_new_session=not windows,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def keep(self, url: str, place: str) -> None:
        """Return once the janitor watches. Raises `OptionError` when it does not."""
        self._send({"type": "config", "url": url, "place": place})
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with suppress(ValueError):
                if json.loads(line)["type"] == "ready":
                    return
        raise OptionError("The process that would remove the lab's database after a crash did not start.")

    def release(self) -> None:
        """Nothing is left to be removed: the janitor ends."""
        self._send({"type": "stop"})
        with suppress(subprocess.TimeoutExpired):
            self._process.communicate(timeout=END_S)

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
