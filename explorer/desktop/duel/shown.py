"""A duel as the page shows it: the JSON of `session.duel_result` and what the first run of each scenario recorded.

Requests are numbered in the order in which they were meant to be sent, from 1: the k-th of one run is the counterpart
of the k-th of another. No Qt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explorer.collect.source import Array
from explorer.desktop.words import duration
from explorer.store.store import Store
from explorer.wording import within_sentence

AT_ONCE_NS = 1_000_000
"""Answers that lie closer than this count as equally early."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The run of one scenario: its badge, its words, its store and its requests (`duel_sends.SENT`) in their order."""

    badge: str
    title: str
    note: str
    store: Store
    requests: Array

    @property
    def first(self) -> int:
        """When the first request was meant to be sent, ns; the begin of the store if there was none."""
        return int(self.requests["start"][0]) if len(self.requests) else (self.store.first or 0)

    def number_of(self, request: int) -> int:
        """Which request of the run (from 1) a run-wide number is; 0 if the load did not send it."""
        found = np.flatnonzero(self.requests["request"] == request)
        return int(found[0]) + 1 if len(found) else 0

    def sent(self, number: int) -> int | None:
        """When request `number` (from 1) was meant to be sent, ns; None if there was no such request."""
        return int(self.requests["start"][number - 1]) if 0 < number <= len(self.requests) else None

    def ended(self, number: int) -> int | None:
        """When request `number` was over, however it ended, ns; None if there was no such request."""
        return int(self.requests["end"][number - 1]) if 0 < number <= len(self.requests) else None

    def answered(self, number: int) -> int | None:
        """When request `number` was answered well, ns; None if it was not: a failure is no quick answer."""
        good = 0 < number <= len(self.requests) and bool(self.requests["ok"][number - 1])
        return self.ended(number) if good else None

    def request(self, number: int) -> int:
        """The run-wide number of request `number`; 0 if there was no such request."""
        return int(self.requests["request"][number - 1]) if 0 < number <= len(self.requests) else 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A finished duel. `folder` is where it lies on disk; `saved` whether the user chose that place."""

    told: Mapping[str, Any]
    lanes: tuple[Lane, ...]
    folder: Path | None = None
    saved: bool = False

    @property
    def name(self) -> str:
        """What the duel is called: "Blocking coroutine or thread pool"."""
        titles = [lane.title for lane in self.lanes]
        if len(set(titles)) < len(titles):
            titles = [f"{lane.title}, {lane.note}" if lane.note else lane.title for lane in self.lanes]
        return " or ".join([titles[0], *(within_sentence(title) for title in titles[1:])])


def shown(
    told: Mapping[str, Any],
    runs: Sequence[tuple[Store, Array]],
    folder: Path | None = None,
    *,
    saved: bool = False,
) -> Shown:
    """A duel with the store and the requests (`duel_sends.SENT`) of each of its scenarios, A first."""
    lanes = tuple(
        Lane(str(run["badge"]), str(run["title"]), str(run["note"]), store, requests)
        for run, (store, requests) in zip(told["runs"], runs, strict=True)
    )
    return Shown(told, lanes, folder, saved)


def origins(lanes: Sequence[Lane], number: int, on_request: bool) -> list[int]:
    """The moment (ns) of each run that lies under that of the others: its first send, or that of request `number`."""
    return [(lane.sent(number) if on_request else None) or lane.first for lane in lanes]


def band_words(badge: str, ahead_ns: int, *, several: bool = False) -> str:
    """How much earlier (above 0) or later than A a run answers the selected request; among `several` that is said."""
    if abs(ahead_ns) < AT_ONCE_NS:
        return f"{badge} answers it at the same time{' as A' if several else ''}"
    words = f"{badge} answers it {duration(abs(ahead_ns))} {'earlier' if ahead_ns > 0 else 'later'}"
    return f"{words} than A" if several else words


def first_view(lanes: Sequence[Lane], number: int) -> tuple[int, int]:
    """From when to when (ns since the origin) the lanes are shown at first: up to a little behind the answer of request
    `number` in the slowest run, at least long enough for some requests.
    """
    ends = [(lane.ended(number) or lane.first) - lane.first for lane in lanes]
    length = max([*ends, 50_000_000]) * 5 // 4
    return -length // 40, length


def telling_request(lanes: Sequence[Lane]) -> int:
    """The request to select at first: the one of the first ten whose latency differs most between the runs, if there is
    one that all answered well, of those; 0: none.
    """
    count = min([10, *(len(lane.requests) for lane in lanes)])
    if not count:
        return 0
    latencies = np.array([lane.requests["end"][:count] - lane.requests["start"][:count] for lane in lanes])
    spread = latencies.max(axis=0) - latencies.min(axis=0)
    good = np.array([lane.requests["ok"][:count] for lane in lanes]).all(axis=0)
    if good.any():
        spread[~good] = -1
    return int(spread.argmax()) + 1
