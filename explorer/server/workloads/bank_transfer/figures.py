"""The books of one process: what became of its transfers, and what the last look at the tables said.

Every number is drawn over time. requests = committed + given up + without a connection; attempts = committed + aborted.
"""

from typing import Any, Final

from explorer.server.books import Books, MakeCounter
from explorer.server.workloads.bank_transfer.bank import Outcome
from explorer.server.workloads.bank_transfer.tables import Audit

COMMITTED: Final = "transfers committed"
RETRIED: Final = "transfers retried"
GIVEN_UP: Final = "transfers given up"
DRY: Final = "no connection in time"
ABORTED: Final = "aborted: "
"""What the name of the counter for a code begins with."""
TOOK: Final = "a transaction took"
MONEY: Final = "money in the bank"
MISSING: Final = "money missing"
MISPLACED: Final = "money misplaced"
JOURNAL: Final = "transfers in the journal"
_UNITS: Final = {
    COMMITTED: "transfers",
    RETRIED: "transfers",
    GIVEN_UP: "transfers",
    DRY: "transfers",
    TOOK: "ms",
    MISSING: "coins",
}


class Figures:
    """Numbers of a process. May be changed from any thread."""

    def __init__(self, make_counter: MakeCounter, expected: int) -> None:
        """`expected` is all the money that there should be."""
        self.expected = expected
        self._books = Books(make_counter, _UNITS)

    def add(self, outcome: Outcome) -> None:
        """A transfer has come to its end."""
        if outcome.committed:
            self._books.write(TOOK, outcome.seconds * 1e3)
            self._books.add(COMMITTED)
        else:
            self._books.add(DRY if outcome.dry else GIVEN_UP)
        if outcome.retried:
            self._books.add(RETRIED, outcome.retried)
        for code in outcome.aborted:
            self._books.begin(f"{ABORTED}{code}", "transactions")
            self._books.add(f"{ABORTED}{code}")

    def look(self, audit: Audit) -> None:
        """This is what the tables say."""
        self._books.write(MISSING, self.expected - audit.money)
        seen = (
            (MONEY, "coins", audit.money),
            (JOURNAL, "transfers", audit.journal),
            (MISPLACED, "coins", audit.misplaced),
        )
        for name, unit, value in seen:
            if value is not None:
                self._books.begin(name, unit)
                self._books.write(name, value)

    def plain(self, audit: Audit) -> dict[str, Any]:
        """The numbers of this process, and what this whole audit found in the tables, which belong to all."""
        aborted = {code: int(count) for code, count in sorted(self._books.beginning_with(ABORTED).items())}
        return {
            "committed": int(self._books[COMMITTED]),
            "aborted": aborted,
            "retried": int(self._books[RETRIED]),
            "given_up": int(self._books[GIVEN_UP]),
            "without_connection": int(self._books[DRY]),
            "expected": self.expected,
            "money": audit.money,
            "missing": self.expected - audit.money,
            "misplaced": audit.misplaced,
            "journal": audit.journal,
        }
