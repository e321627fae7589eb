"""Addresses of databases as the workloads take them: URLs in SQLAlchemy's form, and the driver behind each.

Nothing here imports SQLAlchemy or a driver: a URL is checked, and the packages that it asks for are named, before
anything starts and in processes that have neither.
"""

import re
import socket
import sqlite3
from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from explorer.option_error import OptionError
from explorer.options import MASK

_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\+([A-Za-z0-9_]+))?://(.*)", re.DOTALL)
_SERVER: Final = re.compile(r"(?:[^:/]*(?::[^@]*)?@)?(\[[^/?]+\]|[^/:?]*)(?::([^/?]*))?")
"""Host and port in what follows the driver, as SQLAlchemy reads them."""
_MASKED: Final = re.compile(rf"[:=]{re.escape(MASK)}(?:[@&]|$)")
BLOCKING: Final = {"postgresql": "psycopg", "sqlite": "pysqlite", "mysql": "pymysql", "mariadb": "pymysql"}
"""The driver of each database for code that blocks, unless the URL names one."""
AWAITING: Final = {"postgresql": "psycopg", "sqlite": "aiosqlite", "mysql": "aiomysql", "mariadb": "aiomysql"}
"""The same for code that awaits."""
ONLY_AWAITS: Final = frozenset(("aiosqlite", "asyncpg", "aiomysql", "asyncmy"))
EITHER: Final = frozenset(("psycopg",))
TITLES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB", "mysql": "MySQL"}
"""What people call the kinds of database that labs and workloads know in full."""
PORTS: Final = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
"""Where a database of a kind listens unless the URL says otherwise."""
KNOCK_S: Final = 3.0
_PACKAGES: Final = {"pysqlite": "sqlite3", "mysqldb": "MySQLdb"}
"""What a driver's package is called if not as the driver."""
SHAPE: Final = "it must look like postgresql://user:password@host/name or sqlite:///file"


def check_url(url: str) -> str:
    """The type's check; raises what pydantic makes a sentence of."""
    if not url:
        return url
    dialect, driver, rest = _parts(url)
    if not dialect:
        raise PydanticCustomError("url", SHAPE)
    host, port = _host_and_port(rest)
    if "@" in host + port:
        raise PydanticCustomError("url", "an @ in its password must be written as %40")
    if not re.fullmatch("[0-9]*", port):
        raise PydanticCustomError("url", "its port is not a number")
    if dialect == "sqlite" and not rest.removeprefix("/").partition("?")[0].replace(":memory:", ""):
        raise PydanticCustomError("url", "a database in memory belongs to one connection alone; name a file")
    if dialect not in BLOCKING and not driver:
        raise PydanticCustomError("url", "its driver is not known; name it, such as mssql+pyodbc://user@host/name")
    return url


DatabaseUrl = Annotated[str, AfterValidator(check_url)]
"""A knob's type: a URL of a database, or nothing."""


def dialect_of(url: str) -> str:
    """The kind of database, such as "postgresql"."""
    return _parts(url)[0]


def check_reports(url: str) -> str:
    """The same type's check for workloads that a database must call."""
    if url and dialect_of(url) not in ("postgresql", "sqlite"):
        raise PydanticCustomError("url", "only PostgreSQL and SQLite report changes; name one of those")
    return url


def with_driver(url: str, form: str) -> str:
    """The URL with the driver that code of this form ("awaiting" or "blocking") uses."""
    dialect, _, rest = _parts(url)
    return f"{dialect}+{_driver(url, form)}://{rest}"


def drivers(url: str, form: str) -> dict[str, str]:
    """The package that this form needs for the URL, and the knob that asks for it.

    Raises `OptionError` for a URL whose password was masked, and for a database that nothing can await.
    """
    if not url:
        return {"aiosqlite": "workload"} if form == "awaiting" else {}
    if _MASKED.search(url):
        raise OptionError(
            "Passwords are not kept in recordings and saved scenarios; write the database's into workload.url again.",
            "workload.url",
        )
    driver = _driver(url, form)
    return {_PACKAGES.get(driver, driver): "workload.url"}


def reach(url: str) -> None:
    """Knock at the database that a URL names. Raises `OptionError` when nobody listens there.

    Only what speaks TCP on a known port; whether it lets us in is for the driver to find out.
    """
    dialect, _, rest = _parts(url)
    host, port = _host_and_port(rest)
    if not host or not (port or dialect in PORTS):
        return
    where = host.strip("[]"), int(port) if port else PORTS[dialect]
    try:
        socket.create_connection(where, KNOCK_S).close()
    except OSError as error:
        why = error.strerror or str(error)
        raise OptionError(
            f"The database at {where[0]}:{where[1]} does not answer ({why}); start it, or correct workload.url.",
            "workload.url",
        ) from None


def has_shared_cache() -> bool:
    """Whether connections of Python's own `sqlite3` can share a cache, and so see what was not committed."""
    connection = sqlite3.connect(":memory:")
    try:
        return ("OMIT_SHARED_CACHE",) not in connection.execute("PRAGMA compile_options").fetchall()
    finally:
        connection.close()


def _driver(url: str, form: str) -> str:
    dialect, named, _ = _parts(url)
    if form == "awaiting":
        if named in ONLY_AWAITS | EITHER:
            return named
        if dialect not in AWAITING:
            raise OptionError(
                f"No driver for {dialect} that can be awaited is known; choose the thread pool.", "workload.url"
            )
        return AWAITING[dialect]
    return named if named and named not in ONLY_AWAITS else BLOCKING[dialect]


def _host_and_port(rest: str) -> tuple[str, str]:
    found = _SERVER.match(rest)
    return (found[1], found[2] or "") if found is not None else ("", "")


def _parts(url: str) -> tuple[str, str, str]:
    """Dialect, driver ("" if not named) and what follows; three empty texts for what is no URL."""
    found = _URL.fullmatch(url)
    if found is None:
        return "", "", ""
    dialect, driver, rest = found.groups()
    return {"postgres": "postgresql"}.get(dialect.lower(), dialect.lower()), (driver or "").lower(), rest
