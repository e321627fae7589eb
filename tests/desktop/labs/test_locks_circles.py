"""Circles that nobody sits at: noted once each, left standing for a moment, then let go."""

from dataclasses import replace
from typing import Any, cast

from explorer.analysis.locks.graph import Cycle
from explorer.analysis.locks.owners import Owner
from explorer.analysis.locks.trace import Wait
from explorer.analysis.locks.watch import Deadlock
from explorer.desktop.labs.locks.circles import STANDS_S, Circles
from explorer.desktop.labs.locks.watched import Watched
from explorer.session.session import Session


class Found(Watched):
    """Evidence in which these were found."""

    def __init__(self, *found: Deadlock) -> None:
        super().__init__(live=True)
        self.found = list(found)

    @property
    def deadlocks(self) -> list[Deadlock]:
        return list(self.found)


class Log:
    """What a session was told."""

    def __init__(self) -> None:
        self.noted: list[dict[str, Any]] = []
        self.released: list[Owner] = []

    def annotate(self, event: dict[str, Any]) -> None:
        self.noted.append(event)

    def release_waiter(self, owner: Owner) -> None:
        self.released.append(owner)


def deadlock(first: int) -> Deadlock:
    waits = tuple(Wait(at, Owner(1, first + at), first + at, None, 0, "a.py:1") for at in range(2))
    return Deadlock(Cycle(waits, (), (), "Each waits for the other."), 5)


def test_each_circle_is_noted_once_and_let_go_after_a_moment() -> None:
    now = [100.0]
    watched, log = Found(), Log()
    session = cast(Session, log)
    circles = Circles(watched, lambda: now[0])
    assert circles.look(session) is None
    first = deadlock(10)
    watched.found.append(first)
    assert circles.look(None) is None, "without a run there is nobody to let go"
    assert circles.look(session) is first
    assert circles.look(session) is None
    assert not log.released
    now[0] += STANDS_S
    circles.look(session)
    circles.look(session)
    assert log.released == [first.cycle.waits[1].owner], "who closed it goes, and once"
    watched.found[0] = replace(first, ended=9)
    assert circles.look(session) is None, "its end is not another circle"
    second = deadlock(20)
    watched.found.append(second)
    assert circles.look(session) is second
    watched.found[1] = replace(second, ended=9)
    now[0] += STANDS_S
    assert circles.look(session) is None
    assert len(log.noted) == 2
    assert log.released == [first.cycle.waits[1].owner], "one that ended by itself is left alone"
