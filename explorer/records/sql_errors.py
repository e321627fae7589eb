"""The code of a database's error as the engine writes it, and what the codes of failed transactions mean in words.

Drivers keep it in places of their own. Nothing here imports a driver: an error is looked at, whoever raised it.
"""

from collections.abc import Mapping
from typing import Final

SERIALIZATION: Final = frozenset(("40001", "1020"))
DEADLOCK: Final = frozenset(("40P01", "1213"))
TIMEOUT: Final = frozenset(("1205", "55P03"))
_BUSY: Final = "SQLITE_BUSY"
_LOCKED: Final = "SQLITE_LOCKED"
_MEANINGS: Final[Mapping[str, str]] = {
    "40001": "the transactions could not be put into an order",
    "1020": "a row has changed since it was read",
    "40P01": "deadlock",
    "1213": "deadlock",
    "1205": "waited too long for a lock",
    "55P03": "waited too long for a lock",
    "25P02": "the transaction is aborted already",
    "57014": "cancelled",
    "1317": "cancelled",
    "57P01": "the server ended the connection",
    "2006": "the connection is gone",
    "2013": "the connection is gone",
    "23505": "a key is there twice",
    "1062": "a key is there twice",
    "SQLITE_BUSY": "the database is locked",
    "SQLITE_BUSY_SNAPSHOT": "somebody has written since this transaction read",
    "SQLITE_LOCKED": "the table is locked",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_INTERRUPT": "cancelled",
}


def engine_code(error: BaseException | None) -> str:
    """The engine's code in a driver's error or in SQLAlchemy's around it: "40001", "1213", "SQLITE_BUSY".

    The name of the error's class where the engine gave none.
    """
    found = error
    while found is not None:
        # MariaDB's and MySQL's number says more than the SQL state that some of their drivers add.
        first = found.args[0] if found.args else None
        if isinstance(first, int) and not isinstance(first, bool) and not isinstance(found, OSError):
            return str(first)
        for name in ("sqlstate", "pgcode", "sqlite_errorname"):
            code = getattr(found, name, None)
            if isinstance(code, str) and code:
                return code
        inner = getattr(found, "orig", None)
        found = inner if isinstance(inner, BaseException) else found.__cause__
    return type(getattr(error, "orig", None) or error).__name__


def is_worth_a_retry(code: str) -> bool:
    """Whether the same transaction may succeed when it is begun anew: it was only in somebody's way."""
    return code in SERIALIZATION | DEADLOCK | TIMEOUT or code.startswith((_BUSY, _LOCKED))


def meaning(code: str) -> str:
    """What a code means, in a few words; empty if it is not known here."""
    return _MEANINGS.get(code, "")
