"""Levels of isolation by engine, and the statements that begin a transaction at each.

They are sent as they stand here: what a driver or SQLAlchemy would send by itself comes late, and for SQLite not at all
before the first write.
"""

from collections.abc import Mapping
from typing import Final

from explorer.option_error import OptionError
from explorer.server.databases import TITLES

AUTOCOMMIT: Final = "AUTOCOMMIT"
DEFAULT: Final = "default"
_STANDARD: Final = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
_MYSQL: Final = (AUTOCOMMIT, "READ UNCOMMITTED", *_STANDARD)
LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "sqlite": (AUTOCOMMIT, "DEFERRED", "IMMEDIATE"),
    "postgresql": (AUTOCOMMIT, *_STANDARD),
    "mariadb": _MYSQL,
    "mysql": _MYSQL,
}
"""The engines that this workload knows and their own names of levels, from the weakest to the strongest."""
USUAL: Final[Mapping[str, str]] = {
    "sqlite": "DEFERRED",
    "postgresql": "READ COMMITTED",
    "mariadb": "REPEATABLE READ",
    "mysql": "REPEATABLE READ",
}
STYLES: Final[Mapping[str, str]] = {
    "read_write": "Read, then write",
    "atomic": "Atomic update",
    "for_update": "SELECT … FOR UPDATE",
    "version": "Version column",
}
"""How a transfer is written, with its words."""


def level_of(engine: str, level: str) -> str:
    """The level by the engine's name for it. Raises `OptionError` for one that the engine does not have."""
    if engine not in LEVELS:
        raise OptionError(
            f"The bank knows {', '.join(TITLES.values())}, and no {engine}; name one of those.", "workload.url"
        )
    if level == DEFAULT:
        return USUAL[engine]
    if level not in LEVELS[engine]:
        raise OptionError(
            f"{TITLES[engine]} has no level {level}; choose {', '.join(LEVELS[engine][:-1])} or {LEVELS[engine][-1]}.",
            "workload.level",
        )
    return level


def check_style(engine: str, style: str) -> None:
    """Raise `OptionError` for a way to write a transfer that the engine has no statement for."""
    if engine == "sqlite" and style == "for_update":
        raise OptionError(
            "SQLite locks no single rows and has no SELECT … FOR UPDATE; choose the level IMMEDIATE, which locks at "
            "BEGIN, or another style.",
            "workload.style",
        )


def begins(engine: str, level: str) -> tuple[str, ...]:
    """The statements that begin a transaction at an engine's level; none for AUTOCOMMIT."""
    if level == AUTOCOMMIT:
        return ()
    if engine == "sqlite":
        return (f"BEGIN {level}",)
    if engine == "postgresql":
        return (f"BEGIN ISOLATION LEVEL {level}",)
    return (f"SET TRANSACTION ISOLATION LEVEL {level}", "BEGIN")
