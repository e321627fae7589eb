"""Which statement of a session it most probably is that holds what another one waits for. No Qt.

The server says which session blocks, not which of its statements took the lock. Of the statements of the transaction
that it had open, the one that names the same table and the same values is taken, a write before a read, the later of
two.
"""

import re
from collections.abc import Sequence
from typing import Final

from explorer.labs.isolation.trace import Ran

_VALUES: Final = re.compile(r"'[^']*'|\b\d+\b")
_TABLE: Final = re.compile(r"\b(?:from|into|update|join)\s+(\w+)", re.IGNORECASE)
_WRITES: Final = ("UPDATE", "INSERT", "DELETE", "REPLACE")


def holder(sent: Sequence[Ran], row: int, session: str) -> int | None:
    """The row of the statement of `session` that the statement in `row` waits for; None when it has sent none."""
    waiting = sent[row]
    since = waiting.waits[-1].since
    before = [at for at, one in enumerate(sent) if one.session == session and at != row and one.began <= since]
    if not before:
        return None
    transaction = sent[before[-1]].transaction
    inside = [at for at in before if sent[at].transaction == transaction] or before
    return max(inside, key=lambda at: (_likeness(sent[at], waiting), at))


def _likeness(one: Ran, waiting: Ran) -> int:
    if one.state in ("left out", "failed") or not one.sql.strip():
        return -10
    locks = one.sql.lstrip().upper().startswith(_WRITES) or " FOR " in one.sql.upper() or "lock" in one.sql.lower()
    tables = set(_TABLE.findall(one.sql.lower())) & set(_TABLE.findall(waiting.sql.lower()))
    values = set(_VALUES.findall(_where(one.sql))) & set(_VALUES.findall(_where(waiting.sql)))
    return 4 * locks + 2 * bool(tables) + 3 * bool(values)


def _where(sql: str) -> str:
    """The condition of a statement, or all of it."""
    _, _, condition = sql.lower().partition(" where ")
    return condition or sql.lower()
