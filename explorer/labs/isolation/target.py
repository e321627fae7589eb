"""Which database the lab works on, as a URL: SQLite of its own, an embedded PostgreSQL, or the user's server."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal, get_args
from urllib.parse import unquote, urlsplit

from pydantic import TypeAdapter, ValidationError

from explorer.option_error import OptionError
from explorer.options import MASK, masked
from explorer.server.databases import PORTS, DatabaseUrl, dialect_of

Journal = Literal["delete", "wal"]
SQLITE = "sqlite://"
EMBEDDED = "embedded"
SERVERS: Final = ("postgresql", "mariadb", "mysql")
CHOICES: Final = "sqlite://, embedded, postgresql://user:password@host/name or mariadb://user:password@host"
_URL: Final = TypeAdapter(DatabaseUrl)
_SCHEME: Final = re.compile(r"[A-Za-z0-9_+]+://")


@dataclass(frozen=True, slots=True)
class Target:
    """`url`: "sqlite://" (a private file), "embedded" (PostgreSQL as a child of the lab), "postgresql://…",
    "mariadb://…" or "mysql://…". `journal` is SQLite's. The URL may hold a password: show `masked(url)`.
    """

    url: str = field(default=SQLITE, repr=False)
    journal: Journal = "delete"

    @property
    def kind(self) -> str:
        """ "sqlite", "embedded", "postgresql", "mariadb" or "mysql", as the URL says it."""
        return EMBEDDED if self.url == EMBEDDED else dialect_of(self.url)

    @property
    def shown(self) -> str:
        """The URL for people, its password masked."""
        return masked(self.url)

    @property
    def promise(self) -> str:
        """What the lab is going to do there, in one sentence, to be said before the first statement."""
        if self.kind == "sqlite":
            return "The lab works in a private file of its own, which it deletes afterwards."
        if self.kind == EMBEDDED:
            return "The lab starts a PostgreSQL server of its own, which ends and is deleted with it."
        return (
            f"On the server {place_of(self.url)} the lab makes a database of its own, explorer_lab_ and eight digits, "
            "and removes it afterwards; it touches nothing else there."
        )


def parse(text: str, journal: str = "delete") -> Target:
    """The target that `text` names; empty is SQLite. Raises `OptionError` with one sentence that shows no password."""
    if journal not in get_args(Journal):
        raise OptionError(f"SQLite has no journal '{journal}' here; choose delete or wal.")
    kind: Journal = "wal" if journal == "wal" else "delete"
    url = text.strip()
    if url.lower() in ("", "sqlite", "sqlite:", SQLITE, "sqlite:///"):
        return Target(SQLITE, kind)
    if url.lower() == EMBEDDED:
        return Target(EMBEDDED, kind)
    if not _SCHEME.match(url):
        shown = url if re.fullmatch(r"\w{1,20}", url) else "This"
        raise OptionError(f"{shown} is no database's URL; write {CHOICES}.")
    dialect = dialect_of(url)
    if dialect == "sqlite":
        raise OptionError("The lab makes an SQLite file of its own and opens no other; write sqlite:// alone.")
    if dialect not in SERVERS:
        raise OptionError(f"The lab does not speak with {dialect or 'that'}; write {CHOICES}.")
    try:
        _URL.validate_python(url)
        place = place_of(url)
    except ValidationError as error:
        raise OptionError(f"The database's URL cannot be used: {error.errors()[0]['msg']}.") from None
    except ValueError:
        # What is wrong may be a part of the password, so that it is not quoted.
        raise OptionError(
            f"The database's URL cannot be read; write {dialect}://user:password@host:port, and in the password %23 "
            "for #, %2F for /, %3F for ? and %40 for @."
        ) from None
    if MASK in url:
        raise OptionError(f"The URL holds {MASK} in place of a password; write the password itself.")
    rest = url.partition("://")[2]
    if not place:
        raise OptionError(f"The database's URL names no host; write {dialect}://user:password@host.")
    return Target(f"{dialect}://{rest}", kind)


def place_of(url: str) -> str:
    """Host and port of a server's URL, such as "db.example:5432"; empty if it names none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host:
        socket = re.search(r"[?&](?:unix_socket|host)=([^&]+)", url)
        return unquote(socket[1]) if socket is not None else ""
    port = parts.port or PORTS[dialect_of(url)]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def secrets_of(url: str) -> tuple[str, ...]:
    """What of a URL must never be seen, in every form in which a driver may quote it; longest first."""
    parts = urlsplit(url)
    found = {parts.password or "", unquote(parts.password or "")}
    in_query = re.findall(r"[?&][^=&]*pass[^=&]*=([^&]*)", url, re.IGNORECASE)
    found |= {*in_query, *map(unquote, in_query)}
    if any(found):
        found.add(url)
    return tuple(sorted(found - {""}, key=len, reverse=True))


def without_secrets(text: str, url: str) -> str:
    """What a driver said, with nothing secret of the URL in it, on one line and without a full stop."""
    for secret in secrets_of(url):
        text = text.replace(secret, MASK)
    return " ".join(text.split()).rstrip(".? ")
