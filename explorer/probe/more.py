"""Probes that a workload brings along because it uses a library that others do not: a database, for example.

They are named, not imported, so that a server without that library can be observed all the same.
"""

import importlib
import logging
from collections.abc import Callable, Sequence
from typing import Final

from explorer.probe.tracer import Tracer

logger: Final = logging.getLogger(__name__)


def attach(tracer: Tracer, probes: Sequence[str]) -> Callable[[], None]:
    """Call each `module:function` of `probes` with the tracer. Returns what undoes all of it.

    One that fails is logged, and the process goes on without it.
    """
    undone: list[Callable[[], None]] = []
    for probe in probes:
        module, _, name = probe.partition(":")
        try:
            undone.append(getattr(importlib.import_module(module), name)(tracer))
        except Exception as error:
            logger.warning("%s does not observe this process: %s: %s", probe, type(error).__name__, error)

    def undo() -> None:
        while undone:
            undone.pop()()

    return undo
