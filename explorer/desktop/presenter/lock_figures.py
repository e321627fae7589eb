"""What a run of the locks lab shows on the wall: its judge's figures, and a circle that is let go after a moment."""

from collections.abc import Mapping
from typing import Any

from explorer.collect.source import Batch
from explorer.desktop.control import Control
from explorer.desktop.labs.locks.circles import Circles
from explorer.desktop.labs.locks.watched import Watched
from explorer.labs.locks.lock_scenario import LockScenario
from explorer.labs.locks.outcome import verdict_of
from explorer.scenario import Scenario


class LockFigures:
    """Watches the run that `control` has now. Give it to the bridge's consumers, and `look` with every frame."""

    def __init__(self, control: Control, lab: LockScenario, scenario: Scenario) -> None:
        self._control, self._lab, self._scenario = control, lab, scenario
        self._watched = Watched(live=True)
        self._circles = Circles(self._watched)
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
        self._circles.look(self._control.session)

    def figures(self, *, over: bool) -> Mapping[str, Any]:
        """As the lab's JSON has them; `over`: all is known, so look back once more."""
        if over:
            self._watched.ask(lambda evidence: evidence.watch.look_back())
        return self._watched.ask(lambda evidence: verdict_of(self._lab, evidence, self._scenario).as_json())
