"""What can be combined with what: all triples of model, dispatch and workload, and a small set that covers all pairs.

`SMALL` makes each workload quick. A new workload needs one line there, a test says so when it is missing.
"""

import itertools
import sys
from collections.abc import Mapping
from typing import Final

from explorer.catalog import Catalog

Triple = tuple[str, str, str]
"""Ids of a model, a dispatch and a workload."""

SMALL: Final[Mapping[str, tuple[str, ...]]] = {
    "sleep": ("workload.seconds=0.01",),
    "cpu_python": ("workload.seconds=0.002",),
    "cpu_native": ("workload.seconds=0.002",),
    "mixed": ("workload.seconds=0.002", "workload.wait=0.01"),
    "file_io": ("workload.kilobytes=8",),
    "database": ("workload.seconds=0.005",),
    "db_events": (),
    "websocket": ("workload.seconds=0.002",),
    "sse": ("workload.events=3", "workload.interval=0.001", "workload.seconds=0.001"),
    "http_upstream": ("workload.seconds=0.01",),
    "fan_out": ("workload.awaits=3", "workload.seconds=0.01"),
    "background": ("workload.seconds=0.01",),
    "timers": ("workload.seconds=0.01", "workload.period=0.02"),
    "queue": ("workload.seconds=0.01",),
    "shared_counter": ("workload.increments=2", "workload.seconds=0.001"),
    "gc_pressure": ("workload.objects=1000", "workload.kept=20"),
}
"""`--set` words by workload."""

FEW: Final[Mapping[str, tuple[str, ...]]] = {
    "prefork": ("model.workers=1",),
    "process_per_connection": ("model.standbys=1",),
    "process_pool": ("dispatch.processes=1",),
    "interpreter_pool": ("dispatch.interpreters=1",),
    "cluster": ("dispatch.workers=1",),
}
"""`--set` words by model or dispatch that keep the number of processes small."""


def settings(triple: Triple) -> tuple[str, ...]:
    """The `--set` words of a small scenario."""
    model, dispatch, workload = triple
    chosen = (f"model.id={model}", f"dispatch.id={dispatch}", f"workload.id={workload}")
    return (*chosen, *FEW.get(model, ()), *FEW.get(dispatch, ()), *SMALL[workload])


def possible(catalog: Catalog, python: tuple[int, ...] = sys.version_info[:2]) -> list[Triple]:
    """All triples that are available here under this Python and not declared impossible."""
    sections = [
        [one for one in catalog.all(name) if not one.unavailable(python)] for name in ("model", "dispatch", "workload")
    ]
    return [
        (model.id, dispatch.id, workload.id)
        for model, dispatch, workload in itertools.product(*sections)
        if catalog.refusal(model, dispatch, workload) is None
    ]


def covering(triples: list[Triple], together: int = 2) -> list[Triple]:
    """A small part of `triples` in which every pair of two features occurs that occurs in any of them (greedy).

    With `together` 1: in which every feature occurs.
    """
    missing = {group for triple in triples for group in _groups(triple, together)}
    chosen: list[Triple] = []
    while missing:
        best = max(triples, key=lambda triple: len(missing & _groups(triple, together)))
        chosen.append(best)
        missing -= _groups(best, together)
    return chosen


def _groups(triple: Triple, together: int) -> set[tuple[str, ...]]:
    named = [
        f"{section}.{identity}" for section, identity in zip(("model", "dispatch", "workload"), triple, strict=True)
    ]
    return set(itertools.combinations(named, together))
