"""Keeps a log of its own of every lock that a body of a workload makes, beside whatever else observes it.

A Python that has this folder on its path imports this module when it starts. The locks that objects of a body hold are
then wrapped: before and after each one is taken and given back the wrapper looks at the clock. One line of
LOCK_LOG for each hold: the attribute, the thread, and the four times (ns).
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

FILE = os.environ.get("LOCK_LOG", "")
HERE = Path(__file__)


class Bodies(importlib.abc.MetaPathFinder):
    """Finds the bodies of workloads as always, and has the locks of their objects wrapped."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if not (fullname.startswith("explorer.server.workloads.") and fullname.endswith(".body")):
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            sys.meta_path.insert(0, self)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def and_wrap(module: ModuleType) -> None:
            execute(module)
            wrap(module)

        spec.loader.exec_module = and_wrap  # type: ignore[method-assign]
        return spec


def wrap(module: ModuleType) -> None:
    """Let the objects of this module's classes hold wrapped locks."""
    # Not under its file's name: who looks for the line of the app that takes a lock must find the body's.
    code = compile((HERE.parent / "logged.py").read_text(encoding="utf-8"), "<log of locks>", "exec")
    names: dict[str, object] = {"__name__": "log_of_locks"}
    exec(code, names)
    names["wrap_classes"](module, FILE)  # type: ignore[operator]


if FILE:
    sys.meta_path.insert(0, Bodies())
