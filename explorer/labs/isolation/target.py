"""Which database the lab works on, as a URL: SQLite of its own, an embedded PostgreSQL, or the user's server."""

from dataclasses import dataclass
from typing import Literal

Journal = Literal["delete", "wal"]
SQLITE = "sqlite://"
EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Target:
    """`url`: "sqlite://" (a private file), "embedded" (PostgreSQL as a child of the lab), "postgresql://…",
    "mariadb://…" or "mysql://…". `journal` is SQLite's. The URL may hold a password: show `masked(url)`.
    """

    url: str = SQLITE
    journal: Journal = "delete"
