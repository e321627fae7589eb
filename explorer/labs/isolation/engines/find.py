"""The engine for a target, and what removes a place of the lab's on a server. Drivers of others are not imported."""

from collections.abc import Callable
from pathlib import Path

from explorer.labs.isolation.engines.engine import Engine
from explorer.labs.isolation.engines.place import Keep, nobody_keeps
from explorer.labs.isolation.target import Target


def engine_for(
    target: Target, scratch: Path, wake: Callable[[], None], keep: Keep, *, embedded: bool = False
) -> Engine:
    """The engine that speaks with this target, whose URL was checked.

    `scratch` is a folder for files, `wake` is called when somebody begins to wait, `keep` before a place is made.
    """
    if target.kind == "sqlite":
        from explorer.labs.isolation.engines.sqlite import Sqlite

        return Sqlite(scratch, target.journal, wake)
    if target.kind in ("mariadb", "mysql"):
        from explorer.labs.isolation.engines.mariadb import MariaDb

        return MariaDb(target.url, keep)
    from explorer.labs.isolation.engines.postgresql import Postgres

    return Postgres(target.url, nobody_keeps if embedded else keep, embedded=embedded)


def remove(url: str, place: str) -> None:
    """Remove a place of the lab's. Raises the driver's errors."""
    if Target(url).kind in ("mariadb", "mysql"):
        from explorer.labs.isolation.engines import mariadb

        mariadb.remove(url, place)
    else:
        from explorer.labs.isolation.engines import postgresql

        postgresql.remove(url, place)
