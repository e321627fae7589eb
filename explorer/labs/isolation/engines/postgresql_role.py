"""A role of the lab's own on PostgreSQL, for its sessions where the place is a schema in a user's database.

It has rights in that schema, and elsewhere those of PUBLIC. The user is made a member of it, for nobody else may cancel
what it does. On the embedded server it owns the lab's database, for that server's own user may read and write files.
"""

import secrets
from contextlib import suppress
from typing import Any

import psycopg

from explorer.labs.isolation.engines.place import PATTERN, is_old, mark

Session = psycopg.Connection[Any]


def make(connection: "Session", place: str) -> dict[str, str]:
    """User and password of a new role `place`. Raises `psycopg.Error` where the user may not make one."""
    login = {"user": place, "password": secrets.token_hex(16)}
    connection.execute(f"CREATE ROLE {place} LOGIN PASSWORD '{login['password']}'".encode())
    connection.execute(f"COMMENT ON ROLE {place} IS '{mark()}'".encode())
    return login


def make_for_schema(connection: "Session", place: str) -> dict[str, str]:
    """The same for sessions in a schema; empty where the user may make none."""
    try:
        login = make(connection, place)
        connection.execute(f"GRANT {place} TO CURRENT_USER".encode())
    except psycopg.Error:
        remove(connection, place)
        return {}
    return login


def rights(place: str) -> list[str]:
    """The statements that give the role what is in its schema."""
    return [f"GRANT ALL ON SCHEMA {place} TO {place}", f"GRANT ALL ON ALL TABLES IN SCHEMA {place} TO {place}"]


def remove(connection: "Session", place: str) -> None:
    """Remove the role if there is one, after all that it has rights in."""
    with suppress(psycopg.Error):  # another's
        connection.execute(f"DROP ROLE IF EXISTS {place}".encode())


def remove_old(connection: "Session") -> None:
    """Remove what labs have left whose places are gone. Who still has one cannot be removed."""
    found = connection.execute(
        "SELECT rolname, shobj_description(oid, 'pg_authid') FROM pg_roles r WHERE rolname ~ %s "
        "AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.usename = rolname OR a.application_name = rolname)",
        [PATTERN],
    ).fetchall()
    for name, comment in found:
        if is_old(comment):
            remove(connection, name)
