"""Finds the runners: every file of this folder that has one."""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Final

from explorer.labs.parallelism.runners.feature import Runner

PACKAGE: Final = "explorer.labs.parallelism.runners"


def runners() -> Mapping[str, Runner]:
    """All runners by their names, in their order."""
    package = importlib.import_module(PACKAGE)
    modules = [importlib.import_module(f"{PACKAGE}.{each.name}") for each in pkgutil.iter_modules(package.__path__)]
    found = [each.runner for each in modules if hasattr(each, "runner")]
    return {runner.id: runner for runner in sorted(found, key=lambda runner: int(runner.order))}
