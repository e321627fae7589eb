"""Who waits for whom: owners and locks as nodes, and the circle among them if there is one.

A thread or task that waits for a lock is stuck when nobody who could give it is able to: the lock's holder is stuck as
well, or all holders of a semaphore's tokens are, or one of the readers that a writer waits for. Who is stuck is found
by taking away, again and again, whoever has a way out; what is left holds a circle. Only holds count that nobody but
their owner ends: a semaphore that others give back is a signal, and a signal may always come.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from explorer.analysis.locks.owners import Owner
from explorer.analysis.locks.trace import Hold, Lock, LockTrace, Wait

_TOKENS: Final = re.compile(r"Semaphore\((\d+)\)$")


class Arrow(NamedTuple):
    """From who waits to the lock (`held` false), or from a lock to who holds it; since when (ns)."""

    owner: Owner
    lock: int
    held: bool
    since: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """A circle: each of `waits` is for a lock that the owner of the next one holds; the last one's is the first's.

    `closed` is when the last of them began to wait (ns). `places` are the lines of the app's code at which they wait.
    """

    waits: tuple[Wait, ...]
    holds: tuple[Hold, ...]
    names: tuple[str, ...]
    """Owner and lock by turns, in the order of the arrows, as people call them."""
    sentence: str

    @property
    def closed(self) -> int:
        """When the circle closed (ns)."""
        return max(wait.start for wait in self.waits)

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Who waits, in order."""
        return tuple(wait.owner for wait in self.waits)

    @property
    def places(self) -> tuple[str, ...]:
        """Where each of them waits, "folder/file.py:12"."""
        return tuple(wait.place for wait in self.waits)


class WaitForGraph:
    """What is held and who waits at one moment."""

    def __init__(
        self, locks: Mapping[int, Lock], holds: Iterable[Hold], waits: Iterable[Wait], label: Callable[[Owner], str]
    ) -> None:
        """`label` says what to call an owner."""
        self.locks = locks
        self._label = label
        self.holders: dict[int, list[Hold]] = defaultdict(list)
        """Who holds each lock."""
        for hold in sorted(holds, key=attrgetter("start")):
            self.holders[hold.lock].append(hold)
        self.waits: dict[Owner, Wait] = {}
        """What each owner waits for: the innermost, if one wait lies within another."""
        for wait in sorted(waits, key=attrgetter("start")):
            self.waits[wait.owner] = wait

    @classmethod
    def now(cls, trace: LockTrace) -> "WaitForGraph":
        """As of the last batch."""
        holds = [hold for lock in trace.locks.values() for hold in lock.holders]
        return cls(trace.locks, holds, trace.waiting, trace.owners.label)

    @classmethod
    def at(cls, trace: LockTrace, time: int) -> "WaitForGraph":
        """As of `time` (ns)."""
        return cls(trace.locks, *trace.at(time), trace.owners.label)

    @property
    def owners(self) -> list[Owner]:
        """All who hold or wait."""
        holding = (hold.owner for holds in self.holders.values() for hold in holds)
        return list(dict.fromkeys([*holding, *self.waits]))

    @property
    def arrows(self) -> list[Arrow]:
        """All arrows."""
        held = [Arrow(hold.owner, hold.lock, True, hold.start) for holds in self.holders.values() for hold in holds]
        return held + [Arrow(wait.owner, wait.lock, False, wait.start) for wait in self.waits.values()]

    def stuck(self) -> set[Owner]:
        """Who waits in a circle or for somebody in one: for ever, unless the wait has an end of its own."""
        stuck = set(self.waits)
        while True:
            free = {owner for owner in stuck if not self._holding(self.waits[owner], stuck)}
            if not free:
                return stuck
            stuck -= free

    def cycle(self) -> Cycle | None:
        """The circle that has existed longest; None if there is none."""
        stuck = self.stuck()
        if not stuck:
            return None
        way: list[Owner] = []
        owner = min(stuck, key=lambda one: self.waits[one].start)
        while owner not in way:
            way.append(owner)
            owner = self._holding(self.waits[owner], stuck)[0].owner
        circle = way[way.index(owner) :]
        first = min(circle, key=lambda one: self.waits[one].start)
        circle = circle[circle.index(first) :] + circle[: circle.index(first)]
        waits = tuple(self.waits[one] for one in circle)
        holds = tuple(self._holding(wait, stuck)[0] for wait in waits)
        names = tuple(name for wait in waits for name in (self._label(wait.owner), self.locks[wait.lock].name))
        return Cycle(waits, holds, names, self._sentence(waits))

    def _holding(self, wait: Wait, stuck: set[Owner]) -> list[Hold]:
        """Who of `stuck` keeps the lock from who waits for it; empty if somebody else can give it."""
        holds, lock = self.holders.get(wait.lock, []), self.locks[wait.lock]
        if not holds or not all(hold.bound for hold in holds):
            return []
        holding = [hold for hold in holds if hold.owner in stuck]
        if lock.what == "ReadersWriterLock":  # a writer needs all to leave, and one who does not is enough
            return holding
        tokens = _TOKENS.search(lock.what)
        if len(holding) < len(holds) or (tokens is not None and len(holds) < int(tokens[1])):
            return []
        return holding

    def _sentence(self, waits: tuple[Wait, ...]) -> str:
        names = [self._label(wait.owner) for wait in waits]
        locks = [self.locks[wait.lock].name for wait in waits]
        if len(waits) == 1:
            return f"{names[0]} holds {locks[0]} and waits for it itself{_at(waits[0])}: it will wait for ever."
        parts = [
            f"{name} holds {locks[index - 1]} and waits for {locks[index]}{_at(waits[index])}"
            for index, name in enumerate(names)
        ]
        return f"{', '.join(parts[:-1])} and {parts[-1]}: nobody can go on."


def _at(wait: Wait) -> str:
    """The source line in brackets."""
    file, _, line = wait.place.rpartition(":")
    return f" ({PurePosixPath(file).name}, line {line})" if file else ""
