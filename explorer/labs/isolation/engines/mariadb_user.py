"""A user of the lab's own on MariaDB or MySQL, with rights in the lab's database alone: whatever a schedule hides, its
sessions reach nothing else.

Not every account may make one: it takes CREATE USER and the right to hand rights on, and the account must see what the
new user's sessions do and be able to end that. Where anything of it is missing there is none.
"""

import secrets
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from typing import Any

import pymysql

Open = Callable[[Mapping[str, Any]], "pymysql.Connection"]


def make(monitor: "pymysql.Connection", place: str, connect: Open) -> dict[str, str]:
    """User and password of a new user for the database `place`, as `pymysql.connect` takes them; empty if this account
    may not make one. `connect` opens a connection with them.
    """
    # Some servers want letters of both sizes, figures and others.
    login = {"user": place, "password": f"{secrets.token_hex(16)}-Aa1"}
    try:
        with monitor.cursor() as cursor:
            cursor.execute(f"CREATE USER {place}@'%%' IDENTIFIED BY %s", (login["password"],))
            cursor.execute(f"GRANT ALL PRIVILEGES ON {_pattern(place)}.* TO {place}@'%'")
            with closing(connect(login)) as one:
                _rule(cursor, one.thread_id())
    except (pymysql.Error, OSError, RuntimeError):
        remove(monitor, place)
        return {}
    return login


def remove(monitor: "pymysql.Connection", place: str) -> None:
    """Remove the user if there is one, and may be."""
    with suppress(pymysql.Error), monitor.cursor() as cursor:
        cursor.execute(f"DROP USER IF EXISTS {place}@'%'")


def _rule(cursor: "pymysql.Cursor", thread: int) -> None:
    """Raise unless this account sees another user's session, and may end it."""
    cursor.execute("SELECT 1 FROM information_schema.PROCESSLIST WHERE id = %s", (thread,))
    if not cursor.fetchall():
        raise pymysql.InterfaceError("It cannot be seen.")
    cursor.execute(f"KILL QUERY {thread}")


def _pattern(place: str) -> str:
    """The database's name in a GRANT, where a bare _ stands for any character."""
    return "`" + place.replace("_", "\\_") + "`"
