"""The locks lab without a widget: which scenario is chosen, as written or cured, and what its run shows.

A lab's run is a run of the window's own `Control`, which can be saved, replayed and exported like any other; what runs
already is stopped first. Also a recording of such a run is judged.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.analysis.locks.watch import Deadlock, noted
from explorer.desktop.control import Control
from explorer.desktop.labs.locks.stuck import closer
from explorer.desktop.labs.locks.watched import Watched
from explorer.labs.locks.lock_scenario import LockScenario, is_cured
from explorer.labs.locks.verdict import Judgement
from explorer.option_error import OptionError
from explorer.scenario import Scenario

GOING: Final = ("starting", "running", "stopping")
JUDGE_S: Final = 0.4
"""How often a run that goes on is judged, at most."""
JUDGE_SHARE: Final = 8
"""And at most an eighth of the time goes into that."""
DRAIN_MS: Final = 400
"""So long after the end of the load its last records are there."""
CURED: Final = "workload.cured"


class LabRun(QObject):
    """Signals: `chosen` (scenario, cure or knobs), `began` (another run is on the screen, or none), `judged`,
    `refused(sentence, where)`, `deadlock_found`, `deadlock_ended`, `ended` (the load is over, and all is known).
    """

    chosen = Signal()
    began = Signal()
    judged = Signal()
    refused = Signal(str, str)
    deadlock_found = Signal()
    deadlock_ended = Signal()
    ended = Signal()

    def __init__(self, control: Control, scenarios: Mapping[str, LockScenario], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self.scenarios = scenarios
        self.scenario = next(iter(scenarios.values()))
        self._served: dict[str, Scenario] = {}
        self.cured = False
        self.watched: Watched | None = None
        self.judgement: Judgement | None = None
        self.deadlock: Deadlock | None = None
        """The last that was found in this run."""
        self.results: dict[tuple[str, bool], Judgement] = {}
        """The last judgement of each scenario, as written and cured."""
        self._next = 0.0
        self._over = False
        self._drain = QTimer(self)
        self._drain.setSingleShot(True)
        self._drain.setInterval(DRAIN_MS)
        self._drain.timeout.connect(self._load_is_over)
        control.run_began.connect(self._begin)
        control.scenario_changed.connect(self._follow)
        control.state_changed.connect(self._state)
        control.read.connect(self._finish)
        control.bridge.framed.connect(self.look)
        control.bridge.load_ended.connect(self._load_ended)
        control.bridge.consumers.append(self._consume)

    # -- what is chosen --------------------------------------------------------------------------------------------

    @property
    def served(self) -> Scenario:
        """What a run of the chosen scenario serves."""
        if self.scenario.id not in self._served:
            self._served[self.scenario.id] = self._make(self.scenario)
        return self._served[self.scenario.id]

    @property
    def over(self) -> bool:
        """Whether the load has come to its own end, or a recording was read."""
        return self._over or self._control.state == "viewing"

    @property
    def going(self) -> bool:
        """Whether a run of the chosen scenario goes on, or is about to."""
        return self._control.state in GOING and self.shows

    @property
    def shows(self) -> bool:
        """Whether what is on the screen is a run of the chosen scenario."""
        return self.watched is not None and self._control.scenario.workload.id == self.scenario.id

    def choose(self, identity: str) -> None:
        """Go to another scenario; a run of the one before is stopped."""
        if identity == self.scenario.id:
            return
        if self.going:
            self._control.stop()
        self.scenario = self.scenarios[identity]
        self.cured = is_cured(self.served)
        self._show_nothing()
        self.chosen.emit()
        self.began.emit()

    def set_cured(self, cured: bool) -> None:
        """As written, or cured: what is on the screen is run again, with the same seed."""
        if cured != self.cured:
            self.change("workload", "cured", cured)

    def change(self, section: str, key: str, value: Any) -> None:
        """Change a knob; a run that goes on takes it at once, or with a restart. Says why not by `refused`."""
        catalog = self._control.catalog
        again = (section, key) in (("workload", "cured"), ("workload", "cure")) and self.shows
        try:
            wanted = self.served.changed(catalog, section, key, value)
        except OptionError as error:
            self.refused.emit(str(error), error.where or f"{section}.{key}")
            return
        self._served[self.scenario.id] = wanted
        self.cured = is_cured(wanted)
        self.chosen.emit()
        if again:
            self.run()
        elif self.going:
            self._control.choose(wanted)

    def cures(self) -> dict[str, str]:
        """The cures of the chosen scenario that can be chosen from, and their words."""
        return self.scenario.cures(self._control.catalog)

    def _make(self, scenario: LockScenario) -> Scenario:
        """As written. What has no end of its own goes on until somebody stops it."""
        return scenario.scenario(self._control.catalog, cured=False, seconds=0)

    # -- running ---------------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Run, or stop what runs."""
        if self.going and not self._over:
            self._control.stop()
        else:
            self.run()

    def run(self) -> None:
        """Run the chosen scenario, once what runs now has been stopped."""
        self._control.accompany(self._run())

    def stop(self) -> None:
        """Stop what runs."""
        self._control.stop()

    def release(self) -> None:
        """Let the one who closed the circle go, so that the others can go on."""
        deadlock, session = self.deadlock, self._control.session
        if deadlock is not None and deadlock.ended is None and session is not None:
            session.release_waiter(closer(deadlock))

    async def _run(self) -> None:
        control, wanted = self._control, self.served
        if control.state in GOING:
            control.stop()
            over = asyncio.Event()

            def look(state: str) -> None:
                if state not in GOING:
                    over.set()

            control.state_changed.connect(look)
            try:
                look(control.state)
                await over.wait()
            finally:
                control.state_changed.disconnect(look)
        if wanted is self.served:
            control.choose(wanted)
            control.run()

    # -- what a run shows ------------------------------------------------------------------------------------------

    def look(self) -> None:
        """See what is new: circles with every frame, the judgement a few times a second."""
        watched = self.watched
        if watched is None:
            return
        found = watched.deadlocks
        last = found[-1] if found else None
        if last is not self.deadlock:
            known, self.deadlock = self.deadlock, last
            if last is not None and last.ended is None:
                if self._control.session is not None:
                    self._control.session.annotate(noted(last))  # its recording knows then when it was found
                self.deadlock_found.emit()
            elif last is not None or known is not None:
                self.deadlock_ended.emit()
        if self._control.state == "running" and time.monotonic() >= self._next:
            self._judge()

    def _judge(self) -> None:
        watched = self.watched
        if watched is None:
            return
        began = time.monotonic()
        scenario, served = self.scenario, self._control.scenario
        self.judgement = watched.ask(lambda evidence: scenario.judge(evidence, served))
        self.results[scenario.id, is_cured(served)] = self.judgement
        spent = time.monotonic() - began
        self._next = time.monotonic() + max(JUDGE_S, JUDGE_SHARE * spent)
        self.judged.emit()

    def _begin(self) -> None:
        """Another run, or a recording, is on the screen."""
        self._show_nothing()
        scenario = self._control.scenario
        known = None if scenario.own else self.scenarios.get(scenario.workload.id)
        if known is not None:
            self.watched = Watched(live=self._control.state != "viewing")
            self._take_over(known, scenario)
        self.began.emit()

    def _take_over(self, known: LockScenario, scenario: Scenario) -> None:
        """Show as chosen what is run, be it started elsewhere."""
        self.scenario = known
        self._served[known.id] = scenario
        self.cured = is_cured(scenario)
        self.chosen.emit()

    def _follow(self) -> None:
        """What runs has been changed elsewhere."""
        scenario = self._control.scenario
        if self.watched is not None and self.scenario.id == scenario.workload.id and scenario != self.served:
            self._take_over(self.scenario, scenario)

    def _consume(self, batch: Any) -> None:
        watched = self.watched
        if watched is not None:
            watched(batch)

    def _load_ended(self) -> None:
        if self.going:
            self._drain.start()

    def _load_is_over(self) -> None:
        self._over = True
        self._finish()
        if self.going:
            self._control.stop()

    def _state(self, state: str) -> None:
        if state == "running":
            self._next = time.monotonic() + JUDGE_S
        elif state == "stopped":
            self._drain.stop()
            self._finish()

    def _finish(self) -> None:
        """All is known: the last judgement."""
        if self.watched is not None and self._control.store.count:
            self.watched.ask(lambda evidence: evidence.watch.look_back())
            self._judge()
            self.look()
            self.ended.emit()

    def _show_nothing(self) -> None:
        self._drain.stop()
        self.watched, self.judgement, self.deadlock, self._over = None, None, None, False
