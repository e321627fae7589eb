"""Who stands in a circle of waiters, and who closed it. No Qt."""

from dataclasses import dataclass
from operator import attrgetter

from explorer.analysis.locks.owners import Owner
from explorer.analysis.locks.watch import Deadlock


@dataclass(frozen=True, slots=True)
class Stuck:
    """Somebody in the circle: badge, name, the line it waits at, and for how long."""

    badge: str
    title: str
    place: str
    waits: str


def closer(deadlock: Deadlock) -> Owner:
    """Who began to wait last, and so closed the circle."""
    owner: Owner = max(deadlock.cycle.waits, key=attrgetter("start")).owner
    return owner
