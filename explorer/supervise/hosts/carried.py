"""Functions that travel to workers and scheduler as code: those need not have this package, or have it in time.

A nested function is pickled with its code where one at module level goes as a name.
"""

from collections.abc import Callable
from typing import Any


def absent_packages() -> Callable[[list[str]], list[str]]:
    """A function of names of packages: those that cannot be imported there."""

    def absent(names: list[str]) -> list[str]:
        import importlib.util

        return [name for name in names if importlib.util.find_spec(name) is None]

    return absent


def forgetter() -> Callable[..., None]:
    """A function of a topic, for the scheduler: what was said there is forgotten."""

    def forget(topic: str, dask_scheduler: Any = None) -> None:
        dask_scheduler._broker.truncate(topic)

    return forget
