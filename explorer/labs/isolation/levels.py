"""The levels that engines have, by the names they give them, so that a wrong one is told before anything starts."""

import difflib
from collections.abc import Mapping
from typing import Final

from explorer.labs.isolation.expected.source import (
    AUTOCOMMIT,
    DEFERRED,
    IMMEDIATE,
    READ_COMMITTED,
    READ_UNCOMMITTED,
    REPEATABLE_READ,
    SERIALIZABLE,
)
from explorer.option_error import OptionError

_FOUR: Final = (AUTOCOMMIT, READ_UNCOMMITTED, READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE)
_POSTGRESQL: Final = (AUTOCOMMIT, READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE)
LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "sqlite": (AUTOCOMMIT, READ_UNCOMMITTED, DEFERRED, IMMEDIATE),
    "embedded": _POSTGRESQL,
    "postgresql": _POSTGRESQL,
    "mariadb": _FOUR,
    "mysql": _FOUR,
}
"""By kind of target."""
USUAL: Final[Mapping[str, str]] = {
    "sqlite": DEFERRED,
    "embedded": READ_COMMITTED,
    "postgresql": READ_COMMITTED,
    "mariadb": REPEATABLE_READ,
    "mysql": REPEATABLE_READ,
}
"""What a transaction has when nobody says anything."""
IS_READ_COMMITTED: Final = "PostgreSQL takes READ UNCOMMITTED for READ COMMITTED; name that one."


def chosen(text: str, kind: str) -> tuple[str, ...]:
    """The levels in a list with commas, in any case. Raises `OptionError` for one that this kind of target lacks."""
    known = LEVELS[kind]
    found = []
    for word in text.split(","):
        level = " ".join(word.replace("_", " ").replace("-", " ").upper().split())
        if level == READ_UNCOMMITTED and known is _POSTGRESQL:
            raise OptionError(IS_READ_COMMITTED, "levels")
        if level not in known:
            near = difflib.get_close_matches(level, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
            raise OptionError(f"There is no level '{word.strip()}' here. {hint}", "levels")
        found.append(level)
    return tuple(dict.fromkeys(found))
