"""The engine for a target."""

from collections.abc import Callable
from pathlib import Path

from explorer.labs.isolation.engines.engine import Engine
from explorer.labs.isolation.target import Target


def engine_for(target: Target, scratch: Path, wake: Callable[[], None], *, embedded: bool = False) -> Engine:
    """The engine that speaks with this target, whose URL was checked; drivers of others are not imported."""
    from explorer.labs.isolation.engines.sqlite import Sqlite

    return Sqlite(scratch, target.journal, wake)
