"""What a run of the locks lab shows on the wall: its judge's figures, and a circle that is let go after a moment."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from explorer.analysis.locks.watch import noted
from explorer.collect.source import Batch
from explorer.desktop.control import Control
from explorer.desktop.labs.locks.stuck import closer
from explorer.desktop.labs.locks.watched import Watched
from explorer.labs.locks.lock_scenario import LockScenario
from explorer.labs.locks.outcome import verdict_of
from explorer.scenario import Scenario

STANDS_S: Final = 1.5
"""So long a circle is left standing, to be looked at, before who closed it is released."""


class LockFigures:
    """Watches the run that `control` has now. Give it to the bridge's consumers, and `look` with every frame."""

    def __init__(
        self, control: Control, lab: LockScenario, scenario: Scenario, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._control, self._lab, self._scenario = control, lab, scenario
        self._clock = clock
        self._watched = Watched(live=True)
        self._known: set[int] = set()
        self._found = 0.0
        control.bridge.consumers.append(self.feed)

    def feed(self, batch: Batch) -> None:
        """Take in a batch, on the collector's thread."""
        self._watched(batch)

    def close(self) -> None:
        """Watch no longer."""
        if self.feed in self._control.bridge.consumers:
            self._control.bridge.consumers.remove(self.feed)

    def look(self) -> None:
        """Note a circle that has closed; after a moment let the one who closed it go, so that the run goes on."""
        found, session = self._watched.deadlocks, self._control.session
        last = found[-1] if found else None
        if last is None or session is None:
            return
        if id(last) not in self._known:
            self._known.add(id(last))
            self._found = self._clock()
            session.annotate(noted(last))
        elif last.ended is None and self._clock() - self._found >= STANDS_S:
            self._found = self._clock()
            session.release_waiter(closer(last))

    def figures(self, *, over: bool) -> Mapping[str, Any]:
        """As the lab's JSON has them; `over`: all is known, so look back once more."""
        if over:
            self._watched.ask(lambda evidence: evidence.watch.look_back())
        return self._watched.ask(lambda evidence: verdict_of(self._lab, evidence, self._scenario).as_json())
