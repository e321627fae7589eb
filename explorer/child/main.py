"""What `python -m explorer child MODULE` runs: the frame around every process that a session starts.

In this order: the lifeline, the channel, the log; then the module is imported and its `prepare()` called, if it has
one, which does the slow imports and may return the words for the step; the child says `warm` and waits. When the
configuration comes, `main(channel, config)` of the module does the work until it is told to stop. A child that
waits warm answers at once.
"""

import gc
import importlib
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Final, NoReturn

from explorer.child.channel import Channel, Message
from explorer.child.lifeline.tie import tie
from explorer.child.streams import Streams, log_path, log_to

RUN: Final = "EXPLORER_RUN"
EPOCH: Final = "EXPLORER_EPOCH"
ROLE: Final = "EXPLORER_ROLE"
PARENT: Final = "EXPLORER_PARENT"
SPAWNED: Final = "EXPLORER_SPAWNED"
SAMPLER: Final = "EXPLORER_SAMPLER"


def run(name: str) -> NoReturn:
    """Be the child `name` (the import string of its module) and end the process."""
    began = time.perf_counter_ns()
    tie(int(os.environ.pop(PARENT, "0")))
    streams = Streams()
    channel = Channel(streams)
    _log()
    channel.start()
    channel.step("Interpreter started", (began - int(os.environ.pop(SPAWNED, str(began)))) / 1e9)
    status = 0
    try:
        _work(name, channel, streams)
    except BaseException as error:
        status = 1
        traceback.print_exc()
        details = str(getattr(error, "details", ""))
        channel.error(
            _sentence(name, error), str(getattr(error, "where", "")), **({"details": details} if details else {})
        )
    channel.stopped()
    _flush()
    # What needs care was closed above; tearing down the interpreter could wait for a thread that is blocked.
    os._exit(status)


def _work(name: str, channel: Channel, streams: Streams) -> None:
    began = time.perf_counter()
    module, words = _imported(name)
    channel.step(words, time.perf_counter() - began)
    channel.send("warm")
    config = channel.config()
    _settle(config, channel)
    if config.get("listener"):
        config["listener"] = streams.listener(str(config.get("shared", ""))).detach()
    module.main(channel, config)


def _imported(name: str) -> tuple[Any, str]:
    """The module, prepared, and the words for this step.

    What is imported stays: it goes to the oldest generation without having been looked through for garbage.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        module: Any = importlib.import_module(name)
        prepare = getattr(module, "prepare", None)
        return module, (prepare() if prepare is not None else None) or "Program imported"
    finally:
        gc.freeze()
        gc.unfreeze()
        if enabled:
            gc.enable()


def _settle(config: Message, channel: Channel) -> None:
    """Take from the configuration what concerns the process as a whole: its run, its epoch, its cores."""
    if "run" in config and os.environ.get(RUN) != config["run"]:
        os.environ[RUN] = config["run"]
        _log()
    if "epoch" in config:
        os.environ[EPOCH] = str(config["epoch"])
    if "sampler" in config:
        os.environ[SAMPLER] = str(config["sampler"])
    if config.get("cores") and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, config["cores"])
    if config.get("note"):
        channel.event("warning", sentence=config["note"])


def _log() -> None:
    folder = os.environ.get(RUN)
    if folder:
        log_to(log_path(Path(folder), os.environ.get(ROLE, "child"), os.getpid()))


def _sentence(name: str, error: BaseException) -> str:
    """An error with a `where` is a sentence already; all else is wrapped into one."""
    if hasattr(error, "where"):
        return str(error)
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"The process {os.environ.get(ROLE) or name} failed ({what}); its log says more."


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
