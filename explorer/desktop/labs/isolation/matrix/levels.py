"""What the levels of each engine promise: a few words for a column's head, and the promise in full. No Qt.

These are words for readers; what a level really does is in the cells, which are measured.
"""

from dataclasses import dataclass
from typing import Final

from explorer.server.databases import TITLES


@dataclass(frozen=True, slots=True)
class LevelWords:
    """`short` stands below a level's name, `promise` follows it in a sentence ("takes one snapshot …")."""

    short: str
    promise: str


_AUTOCOMMIT: Final = LevelWords(
    "no transaction",
    "makes each statement a transaction of its own. Nothing holds between two statements, so that every anomaly "
    "which needs two of them can happen: it shows that each detector works.",
)
_POSTGRESQL: Final = {
    "READ COMMITTED": LevelWords(
        "the default",
        "gives every statement a snapshot of its own: it sees what was committed when it began, and never what is not "
        "committed. Two statements of one transaction can see two different moments. A write to a row that somebody "
        "else changed waits for the end of that transaction, and then works on the newest row.",
    ),
    "REPEATABLE READ": LevelWords(
        "one snapshot",
        "takes one snapshot at the first statement. Every later read sees the database as it was then. A write to a "
        "row that somebody else changed meanwhile is refused.",
    ),
    "SERIALIZABLE": LevelWords(
        "as if one by one",
        "is one snapshot as well, and watches what each transaction has read. When the result could come from no order "
        "of one after the other, one of them is aborted.",
    ),
}
_INNODB: Final = {
    "READ UNCOMMITTED": LevelWords(
        "no promise",
        "promises nothing to readers: they see what others have written before it is committed. Writers of one row "
        "still wait for one another.",
    ),
    "READ COMMITTED": LevelWords(
        "each read is fresh",
        "gives every plain read a snapshot of its own, without what is not committed. Writes lock the rows that they "
        "change, and only these.",
    ),
    "REPEATABLE READ": LevelWords(
        "the default",
        "gives all plain reads of a transaction one snapshot. But UPDATE and DELETE see the newest committed rows, not "
        "the snapshot, unless innodb_snapshot_isolation is on.",
    ),
    "SERIALIZABLE": LevelWords(
        "reads lock",
        "turns every plain read into a locking one: whoever wants to change what was read has to wait. Two who wait "
        "for one another are a deadlock, and one of them is aborted.",
    ),
}
_SQLITE: Final = {
    "READ UNCOMMITTED": LevelWords(
        "shared cache",
        "lets connections that share a cache read what others have not committed. There is still one writer at a time.",
    ),
    "DEFERRED": LevelWords(
        "locks at first use",
        "takes the write lock at the first write. Only one can have it: a transaction that has read, and then wants to "
        "write after somebody else did, gets SQLITE_BUSY.",
    ),
    "IMMEDIATE": LevelWords(
        "locks at BEGIN",
        "takes the write lock at BEGIN, where waiting is safe. Of two such transactions the second begins when the "
        "first has ended.",
    ),
}
_ENGINES: Final = {"postgresql": _POSTGRESQL, "mariadb": _INNODB, "mysql": _INNODB, "sqlite": _SQLITE}


def words_of(engine: str, level: str) -> LevelWords:
    """The words for a level of an engine, by its id; empty for one that is not known."""
    if level == "AUTOCOMMIT":
        return _AUTOCOMMIT
    return _ENGINES.get(engine, {}).get(level, LevelWords("", ""))


def promise(engine: str, level: str) -> str:
    """The promise as one paragraph: "REPEATABLE READ in PostgreSQL takes one snapshot …"; empty if not known."""
    words = words_of(engine, level).promise
    return f"{level} in {TITLES.get(engine, engine)} {words}" if words else ""
