"""What each statement of a run had seen, concluded from what it returned, as Elle does it.

The writes of the run are put in the order in which they took effect, and what each changed is found by running it on a
copy of the tables (`replay`). A read has seen some of these writes, of each transaction the first few. The plausible
sets are tried first (what was committed when it began; when its transaction began; when it ended; all there was), then
every other, until its result on that state is what it returned; for writes the same, by the number of rows they
changed. Where no set fits nothing is said: it is not guessed.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from explorer.labs.isolation.replay import Changes, Copies, Key, in_order
from explorer.labs.isolation.schedule import Row, Rows, Schedule
from explorer.labs.isolation.trace import Ran, Trace
from explorer.labs.isolation.transactions import Transaction, refuses, transactions

MOST_SETS: Final = 3000
"""How many sets of seen writes are tried for one statement."""
Result = Rows | Mapping[Key, Row | None] | None
Seen = Mapping[int, int]
"""How many of its writes were seen, by transaction."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A write of `transaction`: the `place` in the version order, and the new rows by key (None: deleted)."""

    place: int
    statement: Ran
    transaction: int
    rows: Mapping[Key, Row | None]


@dataclass(frozen=True, slots=True)
class Sight:
    """What a statement had seen. `below` (of a write) is what its rows were when it changed them: it finds them by
    what it sees, and changes them as they are.
    """

    statement: Ran
    transaction: int
    seen: Seen
    below: Seen | None
    result: Result


@dataclass(slots=True)
class Inferred:
    """All that could be concluded. `sure`: replayed, the writes lead to the tables that were found in the end.
    `whole`: of each statement that has ended it is known what it had seen.
    """

    transactions: dict[int, Transaction]
    effects: list[Effect] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    sure: bool = True
    whole: bool = True


class Inference:
    """Runs through a trace once; `copies` must be those of the schedule."""

    def __init__(self, schedule: Schedule, trace: Trace, copies: Copies) -> None:
        self._trace, self._copies = trace, copies
        self.found = Inferred(transactions(schedule, trace))
        self._of = {one.number: each for each in self.found.transactions.values() for one in each.statements}
        self._by: dict[int, list[Effect]] = {number: [] for number in self.found.transactions}

    def all(self) -> Inferred:
        """Everything."""
        done = sorted((one for one in self._trace.ran if one.state == "done"), key=lambda one: one.ended or 0)
        touching = [one for one in done if self._copies.touches(one.sql)]
        for one in touching:
            if one.count is not None and not self._write(one):
                self.found.sure = False
                return self.found
        for one in touching:
            if one.count is None and one.rows is not None:
                self._read(one)
        if self._trace.over:
            self.found.sure = self._ends_as_found()
        return self.found

    # -- states ----------------------------------------------------------------------------------------------------

    def state(self, seen: Seen, *more: Effect) -> dict[Key, Row]:
        """The rows with these writes, and with `more` of them."""
        effects = [effect for number, count in seen.items() for effect in self._by[number][:count]]
        return self.overlay([*effects, *(one for one in more if one not in effects)])

    def overlay(self, effects: list[Effect]) -> dict[Key, Row]:
        """The rows at the beginning with these writes upon them, in the version order."""
        rows: dict[Key, Row] = dict(self._copies.initial)
        for effect in sorted(effects, key=lambda one: one.place):
            for key, row in effect.rows.items():
                rows.pop(key, None)
                if row is not None:
                    rows[key] = row
        return rows

    def result(self, sight: Sight, state: dict[Key, Row], below: dict[Key, Row] | None) -> Result:
        """What the statement would have returned, or changed, in this state."""
        if below is None:
            return self._copies.read(sight.statement.sql, state)
        changes = self._changes(sight.statement, state, below)
        return changes.rows if changes is not None else None

    def writes(self, number: int) -> list[Effect]:
        """The writes of a transaction in their order."""
        return self._by[number]

    # -- statements ------------------------------------------------------------------------------------------------

    def _write(self, one: Ran) -> bool:
        """Find what it changed, and had seen. False if that cannot be told."""
        own = self._of[one.number]
        newest = self._newest(one)
        below = self.state(newest)
        for seen in self._candidates(one, (newest,)):
            changes = self._changes(one, self.state(seen), below)
            if changes is not None and changes.count == one.count:
                if changes.rows:
                    effect = Effect(len(self.found.effects), one, own.number, changes.rows)
                    self.found.effects.append(effect)
                sight = Sight(one, own.number, seen, newest, changes.rows)
                self.found.sights.append(sight)
                if changes.rows:
                    self._by[own.number].append(effect)
                return True
        return False

    def _changes(self, one: Ran, state: dict[Key, Row], below: dict[Key, Row]) -> Changes | None:
        """What a write changes that finds its rows in `state`, and changes those of them that are in `below`."""
        there = self._copies.write(one.sql, below)
        if state == below or there is None:
            return there
        found = self._copies.write(one.sql, state)
        if found is None or one.sql.lstrip()[:6].upper() == "INSERT":
            return found
        rows = {key: row for key, row in there.rows.items() if key in found.rows}
        return Changes(rows, len(rows))

    def _read(self, one: Ran) -> None:
        assert one.rows is not None, "only statements that read come here"
        rows = in_order(one.rows)
        for seen in self._candidates(one, ()):
            if self._copies.read(one.sql, self.state(seen)) == rows:
                self.found.sights.append(Sight(one, self._of[one.number].number, seen, None, rows))
                return
        self.found.whole = False

    # -- what may have been seen -----------------------------------------------------------------------------------

    def _candidates(self, one: Ran, first: tuple[Seen, ...]) -> Iterator[Seen]:
        tried = []
        plausible = (
            *first,
            self._committed(one, one.began),
            self._committed(one, self._of[one.number].began),
            self._committed(one, one.ended or 0, late=True),
            self._newest(one),
        )
        for seen in plausible:
            if seen not in tried:
                tried.append(seen)
                yield seen
        yield from (seen for seen in itertools.islice(self._all(one), MOST_SETS) if seen not in tried)

    def _committed(self, one: Ran, moment: int, *, late: bool = False) -> Seen:
        """The writes that were committed at this moment, and its own. `late`: also what was being committed then."""
        seen = {}
        for number, effects in self._by.items():
            each = self.found.transactions[number]
            if each is self._of[one.number]:
                seen[number] = self._own(one)
            elif each.alone:
                seen[number] = sum((effect.statement.ended or 0) <= moment for effect in effects)
            else:
                at = each.committed_from if late else each.committed_at
                seen[number] = len(effects) if at is not None and at <= moment else 0
        return seen

    def _newest(self, one: Ran) -> Seen:
        """All writes that had taken effect, but for those that were taken back."""
        seen = {}
        for number, effects in self._by.items():
            each = self.found.transactions[number]
            if each is self._of[one.number]:
                seen[number] = self._own(one)
            elif each.gone is not None and each.gone < (one.ended or 0):
                seen[number] = 0
            else:
                seen[number] = sum((effect.statement.ended or 0) <= (one.ended or 0) for effect in effects)
        return seen

    def _own(self, one: Ran) -> int:
        return sum(effect.statement.number < one.number for effect in self._by[self._of[one.number].number])

    def _all(self, one: Ran) -> Iterator[Seen]:
        """Every set: of each other transaction the first few writes that were sent before this statement ended."""
        numbers, ranges = [], []
        for number, effects in self._by.items():
            each = self.found.transactions[number]
            own = self._own(one)
            most = sum(effect.statement.began < (one.ended or 0) for effect in effects)
            if each.surely_gone is not None and each.surely_gone < one.began:
                most = 0
            numbers.append(number)
            ranges.append(range(own, own + 1) if each is self._of[one.number] else range(most, -1, -1))
        for counts in itertools.product(*ranges):
            yield dict(zip(numbers, counts, strict=True))

    def attempted(self, one: Ran) -> Changes | None:
        """What a refused write would have changed; None if it is none, or cannot be told."""
        if not refuses(one) or not self._copies.touches(one.sql):
            return None
        newest = self._copies.write(one.sql, self.state(self._newest(one)))
        if newest is not None and not newest.rows:
            # It may be a row of its snapshot, which is another by now.
            return self._copies.write(one.sql, self.state(self._committed(one, self._of[one.number].began)))
        return newest

    def _ends_as_found(self) -> bool:
        lasting = [effect for effect in self.found.effects if self.found.transactions[effect.transaction].lives]
        rows = self._copies.rows_of(self.overlay(lasting))
        return all(rows.get(name) == in_order(found) for name, found in self._trace.final.items())
