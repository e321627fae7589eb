"""Circles of a run that nobody sits at: each is left standing to be looked at, then let go, so that the run goes on."""

import time
from collections.abc import Callable
from typing import Final

from explorer.analysis.locks.watch import Deadlock, noted
from explorer.desktop.labs.locks.stuck import closer
from explorer.desktop.labs.locks.watched import Watched
from explorer.session.session import Session

STANDS_S: Final = 1.5
"""So long a circle is left standing, to be looked at, before who closed it is released."""


class Circles:
    """Those that one run's evidence finds. `look` with every frame; `clock` tells seconds."""

    def __init__(self, watched: Watched, clock: Callable[[], float] = time.monotonic) -> None:
        self._watched, self._clock = watched, clock
        self._known: set[tuple[int, int]] = set()
        """When each closed and was found: the evidence tells of its end by another object."""
        self._found = 0.0

    def look(self, session: Session | None) -> Deadlock | None:
        """Note a circle that has closed, and return it; after a moment let the one who closed it go."""
        found = self._watched.deadlocks
        last = found[-1] if found else None
        if last is None or session is None:
            return None
        which = last.cycle.closed, last.found
        if which not in self._known:
            self._known.add(which)
            self._found = self._clock()
            session.annotate(noted(last))
            return last
        if last.ended is None and self._clock() - self._found >= STANDS_S:
            self._found = self._clock()
            session.release_waiter(closer(last))
        return None
