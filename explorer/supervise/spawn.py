"""Starts a child by the import string of its module: under any interpreter, also from a frozen app.

A child needs nothing but the package's folder in its search path and, for the server, the web framework. Its standard
input is the control channel (where the system has Unix sockets: one of a pair, so that listeners can be sent after it
was started), its standard output the channel back, its standard error a file with the last words of a start that
failed before there was a log.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import explorer
from explorer.child.main import PARENT, ROLE, RUN, SPAWNED
from explorer.records.states import Role
from explorer.supervise.channel import Child

# A child ends without tearing its interpreter down; that multiprocessing's tracker then removes its semaphores is
# what the tracker is for, and no news for the last line of a log.
LEFT_TO_THE_TRACKER: Final = "ignore::UserWarning:multiprocessing.resource_tracker"
PACKAGE_PARENT: Final = Path(explorer.__file__).resolve().parent.parent


def spawn(
    module: str,
    *,
    role: Role,
    run: Path | None = None,
    interpreter: str = "",
    env: Mapping[str, str] | None = None,
    main_thread: bool = True,
) -> Child:
    """Start `module` (it holds `main(channel, config)`) as a child that waits for its configuration.

    Must run on the main thread: on Linux a child's life is tied to the *thread* that started it. `main_thread` False is
    for another one that stays until the child has ended. Raises `OSError` when the interpreter cannot be started.
    """
    if main_thread and threading.current_thread() is not threading.main_thread():
        raise RuntimeError("Children must be started by the main thread: they end with the thread that started them.")
    words = tempfile.TemporaryFile()  # noqa: SIM115  # the Child closes it
    ours, theirs = _standard_input()
    try:
        process = subprocess.Popen(
            command(module, interpreter),
            stdin=theirs.fileno() if theirs is not None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            env=_environment(role, run, interpreter, env or {}),
            close_fds=True,
            # Ctrl-C in a terminal is for the parent, which then stops its children in good order.
            process_group=0 if sys.platform != "win32" else None,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except BaseException:
        words.close()
        if ours is not None:
            ours.close()
        raise
    finally:
        if theirs is not None:
            theirs.close()
    return Child(process, role, run, words, ours)


def command(module: str, interpreter: str = "") -> list[str]:
    """The command line that runs `module` as a child."""
    if getattr(sys, "frozen", False) and not interpreter:
        return [sys.executable, "child", module]
    return [interpreter or sys.executable, "-m", "explorer", "child", module]


def _standard_input() -> tuple[socket.socket, socket.socket] | tuple[None, None]:
    if sys.platform == "win32":
        return None, None
    return socket.socketpair()


def _environment(role: Role, run: Path | None, interpreter: str, more: Mapping[str, str]) -> dict[str, str]:
    env = dict(os.environ)
    env.pop(RUN, None)
    paths = [str(PACKAGE_PARENT)] + [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]
    env |= {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        # Neither the present folder nor an unflushed buffer may stand between a child and its log.
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONWARNINGS": ",".join(word for word in (env.get("PYTHONWARNINGS"), LEFT_TO_THE_TRACKER) if word),
        ROLE: str(role),
        PARENT: str(os.getpid()),
        SPAWNED: str(time.perf_counter_ns()),
    }
    if interpreter and getattr(sys, "frozen", False):
        # It imports the explorer's files from where the program is installed: nothing is to be left there.
        env["PYTHONDONTWRITEBYTECODE"] = "1"
    if run is not None:
        env[RUN] = str(run)
    return env | dict(more)
