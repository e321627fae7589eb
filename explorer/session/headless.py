"""A run without a window: start, wait for the end or for Ctrl-C, stop, and give the figures measured until then."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from explorer.analysis.predict.calibration import Calibration
from explorer.analysis.predict.predict import predict
from explorer.analysis.predict.prediction import Prediction
from explorer.analysis.predict.told import beside
from explorer.analysis.statistics import RunStatistics
from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.recording.retention import limit, trim
from explorer.records.clock import now_ns
from explorer.scenario import Scenario
from explorer.session import events
from explorer.session.calibration import Calibrations, calibrated
from explorer.session.run_file import cores, versions
from explorer.session.session import Session

TICK_S: Final = 0.2
OVERTIME_S: Final = 5.0
NOT_BEGUN: Final = "The run was interrupted before its load began."

Say = Callable[[str], None]
Progress = Callable[[float, float], None]
"""Called with seconds of load so far and in all (0: no end set)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. `figures` is the JSON of `run` or None if nothing was measured; `failure` is one sentence or
    empty; `interrupted` says that somebody ended it; `details` as in `OptionError`.
    """

    figures: dict[str, Any] | None
    failure: str = ""
    interrupted: bool = False
    details: str = ""


def run_headless(
    catalog: Catalog,
    scenario: Scenario,
    *,
    record: Path | None,
    say: Say,
    progress: Progress | None = None,
    verbose: bool = False,
    prediction: bool = False,
) -> Outcome:
    """Run `scenario` until its load ends, its server dies or SIGINT or SIGTERM comes. Raises `OptionError` if it cannot
    start. `verbose`: what there is to read besides a sentence is said as well.
    `prediction`: what serving costs is measured first, if it is not known, and what will come of the run worked out.
    """
    return asyncio.run(_Run(catalog, scenario, record, say, progress, verbose, prediction).main())


class _Run:
    def __init__(
        self,
        catalog: Catalog,
        scenario: Scenario,
        record: Path | None,
        say: Say,
        progress: Progress | None,
        verbose: bool,
        prediction: bool,
    ) -> None:
        self._catalog = catalog
        self._scenario = scenario
        self._record = record
        self._say = say
        self._progress = progress
        self._verbose = verbose
        self._wants_prediction = prediction
        self._details = ""
        self._over = asyncio.Event()
        self._failure = ""
        self._interrupted = False
        self._loading = False
        self._session: Session | None = None
        self._keep = False
        self._calibration: Calibration | None = None
        self._prediction: Prediction | None = None

    def _interrupt(self) -> None:
        if self._interrupted and self._session is not None:
            self._session.hurry()
        self._interrupted = True
        self._over.set()

    async def main(self) -> Outcome:
        trim(limit_bytes=limit())
        with Signals(self._interrupt):
            if self._wants_prediction:
                await self._predict()
        statistics = RunStatistics()
        session = Session(
            self._catalog, self._heard, [statistics.feed], keep_all=self._record is not None, label="command line"
        )
        try:
            # To the end: whoever presses Ctrl-C again because saving takes its time must not lose what is being saved.
            with Signals(self._interrupt):
                self._session = session
                await self._start(session)
                self._keep = self._record is not None
                await self._wait(session)
                await session.stop()
                served = session.scenario or self._scenario
                figures = statistics.figures(served.to_dict(masked=True), versions(), self._why())
                told = beside(self._prediction, figures, self._calibration)
                found = dict(figures) | {"prediction": told}
                if self._record is not None:
                    await self._save(session, self._record)
            return Outcome(found, self._failure, self._interrupted, self._details)
        finally:
            await session.stop()
            if not self._keep:
                session.discard()

    def _why(self) -> str:
        """Why the figures are not valid, as far as it is known here; empty if nothing is."""
        return self._failure or (NOT_BEGUN if self._interrupted and not self._loading else "")

    async def _predict(self) -> None:
        """Work out beforehand what will come of the run, unless somebody ends it first."""
        measuring = asyncio.ensure_future(calibrated(self._catalog, self._scenario, Calibrations()))
        over = asyncio.ensure_future(self._over.wait())
        await asyncio.wait((measuring, over), return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if not measuring.done():
            measuring.cancel()
            await asyncio.wait((measuring,))
            return
        self._calibration = measuring.result()
        self._prediction = predict(self._catalog, self._scenario, self._calibration)

    async def _start(self, session: Session) -> None:
        """Start, unless somebody ends it first: a start may take as long as the user's interpreter likes."""
        starting = asyncio.ensure_future(session.start(self._scenario))
        over = asyncio.ensure_future(self._over.wait())
        await asyncio.wait((starting, over), return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if not starting.done():
            await session.stop()
        await starting

    async def _save(self, session: Session, path: Path) -> None:
        """Save the recording; if that fails the figures come nevertheless, and the run's folder stays."""
        try:
            saved = await session.save(path)
        except OptionError as error:
            self._failure = f"{error} The run is still in {session.run}, which the window opens."
        else:
            self._keep = False
            self._say(f"Recorded in {saved.path}")

    async def _wait(self, session: Session) -> None:
        began = now_ns()
        limit = self._scenario.load.duration
        while not self._over.is_set():
            elapsed = (now_ns() - began) / 1e9
            if self._progress is not None:
                self._progress(elapsed, limit)
            if limit and elapsed > limit + self._scenario.load.timeout + OVERTIME_S:
                self._failure = "The load did not end in time; the figures are of what came until then."
                return
            try:
                await asyncio.wait_for(self._over.wait(), TICK_S)
            except TimeoutError:
                continue

    def _heard(self, event: events.Event) -> None:
        if isinstance(event, events.Serving):
            self._say(f"Serving at {event.url} (pid {', '.join(map(str, event.pids))}, {cores()} cores)")
        elif isinstance(event, events.Warned):
            self._say(event.sentence)
            if self._verbose and event.details:
                self._say(event.details.rstrip())
        elif isinstance(event, events.Died):
            self._say(event.sentence)
            if event.fatal or event.role == "load":
                self._failure = event.sentence
                self._over.set()
        elif isinstance(event, events.Failed):
            self._failure, self._details = event.sentence, event.details
            self._over.set()
        elif isinstance(event, events.Loading):
            self._loading = True
        elif isinstance(event, events.LoadEnded):
            self._over.set()


class Signals:
    """While it holds, SIGINT and SIGTERM call `act` on the loop instead of ending the process."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._act))

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
