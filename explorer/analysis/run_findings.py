"""All findings of a run: fed with every batch, asked about once a second and at the end.

The findings are found by walking their package, so that adding one is adding one file.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any

from explorer.analysis.buckets import BUCKET_NS
from explorer.analysis.finding import Finding, Told
from explorer.analysis.locks.watch import LockWatch
from explorer.analysis.machine_log import COUNTERS, MachineLog
from explorer.analysis.observed import Observed
from explorer.analysis.place import Place
from explorer.analysis.run_log import RunLog
from explorer.analysis.schema import FindingFigures, FindingSpan, MachineFigures
from explorer.analysis.span_log import DRAINS, SERVED, SpanLog
from explorer.analysis.window import Window
from explorer.collect.source import Batch

PACKAGE = "explorer.analysis.findings"
LEAST_S = 1.0
"""A window shorter than this tells nothing yet, except of what has stopped for good."""


@cache
def all_findings() -> tuple[Finding, ...]:
    """Every finding, in the order in which they are shown."""
    root = importlib.import_module(PACKAGE)
    found: dict[str, Finding] = {}
    for module in pkgutil.iter_modules(root.__path__, PACKAGE + "."):
        finding = getattr(importlib.import_module(module.name), "finding", None)
        if not isinstance(finding, Finding):
            raise TypeError(f"{module.name} holds no 'finding'")
        if finding.id in found:
            raise ValueError(f"two findings are called '{finding.id}'")
        found[finding.id] = finding
    return tuple(sorted(found.values(), key=lambda finding: (finding.order, finding.id)))


class RunFindings:
    """Gathers what findings are judged by; `statistics` are those of the same run, fed before."""

    def __init__(self, run: RunLog) -> None:
        self._run = run
        self.spans = SpanLog()
        self.machine = MachineLog()
        self.locks = LockWatch(clock=lambda: run.now)

    def feed(self, batch: Batch) -> None:
        """Take in what is new."""
        self.locks(batch)
        self.spans.declare(batch.names)
        self.spans.feed(batch.spans)
        if batch.open_spans is not None:
            self.spans.note_open(batch.open_spans)
        if len(batch.samples):
            self._feed_samples(batch)

    def _feed_samples(self, batch: Batch) -> None:
        for number in set(batch.samples["track"].tolist()):
            track = self._run.tracks.get(number)
            if track is not None and track.name in COUNTERS:
                mine = batch.samples[batch.samples["track"] == number]
                self.machine.feed(track, mine["time"], mine["value"])

    def others(self, scenario: Mapping[str, Any], window: Window) -> MachineFigures:
        """What the machine had to give, and who else took of it."""
        observed = self._observed(scenario, window)
        return {
            "cores": observed.machine.cores or None,
            "others_share": None if observed.foreign is None else round(observed.foreign, 4),
            "steal_share": None if observed.stolen is None else round(observed.stolen, 4),
        }

    def _observed(self, scenario: Mapping[str, Any], window: Window) -> Observed:
        return Observed(self._run, scenario, window, self.spans, self.locks, self.machine)

    def told(self, scenario: Mapping[str, Any], window: Window) -> list[Told]:
        """What is found over the window."""
        if not self._run.load.first_send:
            window = self._from_outside(window)
            if window.start >= window.end:
                return []
        observed = self._observed(scenario, window)
        told = [(finding, finding.judge(observed)) for finding in all_findings()]
        return [Told(finding, found) for finding, found in told if found is not None]

    def figures(self, scenario: Mapping[str, Any], window: Window) -> list[FindingFigures]:
        """The same as in the JSON of the run."""
        origin = window.origin if self._run.load.first_send else self._from_outside(window).origin
        return [self._figures(told, origin) for told in self.told(scenario, window)]

    def _from_outside(self, window: Window) -> Window:
        """The window where the explorer's own load sends nothing: from the first request of somebody else on."""
        every = [sums.count for number in (SERVED, DRAINS) for sums in self.spans.group(number).sums.values()]
        begin = min((count.first * BUCKET_NS for count in every), default=window.end)
        return Window(begin, begin, window.end, True, "")

    def _figures(self, told: Told, origin: int) -> FindingFigures:
        finding, found = told.finding, told.found
        change = found.change
        return {
            "id": finding.id,
            "title": finding.title,
            "class": finding.about,
            "sentence": found.sentence,
            "evidence": {
                "figures": dict(found.figures),
                "spans": [self._span(place, origin) for place in found.places],
            },
            "change": {"title": change.title, "set": dict(change.knobs)} if change is not None else None,
            "advice": found.advice or None,
        }

    def _span(self, place: Place, origin: int) -> FindingSpan:
        track = self._run.tracks.get(place.track)
        process = self._run.processes.get(track.process) if track is not None else None
        return {
            "track": place.track,
            "lane": track.name if track is not None else None,
            "pid": process.pid if process is not None else None,
            "name": place.name or None,
            "request": place.request or None,
            "start_s": round((place.start - origin) / 1e9, 6),
            "end_s": round((place.end - origin) / 1e9, 6),
        }
