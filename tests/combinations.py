"""What can be combined with what: all triples of model, dispatch and workload, and a small set that covers all pairs.

`SMALL` makes each workload quick. A new workload needs one line there, a test says so when it is missing.
"""

import itertools
import sys
from collections.abc import Callable, Mapping
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
    "bank_transfer": ("workload.think=0.001", "workload.accounts=1000"),
    "db_events": (),
    "websocket": ("workload.seconds=0.002",),
    "sse": ("workload.events=3", "workload.interval=0.001", "workload.seconds=0.001"),
    "http_upstream": ("workload.seconds=0.01",),
    "fan_out": ("workload.awaits=3", "workload.seconds=0.01"),
    "background": ("workload.seconds=0.01",),
    "timers": ("workload.seconds=0.01", "workload.period=0.02"),
    "queue": ("workload.seconds=0.01",),
    "shared_counter": ("workload.increments=2", "workload.seconds=0.001"),
    "lost_update": ("workload.cured=true", "workload.additions=5"),
    "check_then_act": ("workload.seconds=0.005",),
    "convoy": ("workload.write=0.001", "workload.sleep=0.005"),
    "reader_starvation": ("workload.read=0.005", "workload.write=0.001"),
    "producer_consumer": ("workload.produce=0.005", "workload.consume=0.001"),
    "semaphore_limit": ("workload.seconds=0.005",),
    "priority_inversion": ("workload.seconds=0.002", "workload.pause=0.005"),
    "lock_order_deadlock": ("workload.cured=true", "workload.hold=0.005"),
    "dining_philosophers": ("workload.cured=true", "workload.think=0.002", "workload.eat=0.005"),
    "lock_in_async": ("workload.hold=0.01",),
    "lock_across_await": ("workload.seconds=0.005",),
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


OF_THE_LAB: Final = "Locks"
"""The group of the workloads that the locks lab runs."""


def usual(catalog: Catalog) -> list[Triple]:
    """All of `possible` but those of the locks lab: its workloads have tests of their own, and nothing else is special
    in their combinations. The whole matrix has them.
    """
    return [triple for triple in possible(catalog) if catalog.get("workload", triple[2]).group != OF_THE_LAB]


Groups = Callable[[Triple], set[tuple[str, ...]]]
"""Of a triple, what of it has to occur together somewhere."""


def covering(triples: list[Triple], groups: Groups) -> list[Triple]:
    """A small part of `triples` in which all occurs that `groups` finds in any of them (greedy)."""
    missing = {group for triple in triples for group in groups(triple)}
    chosen: list[Triple] = []
    while missing:
        best = max(triples, key=lambda triple: len(missing & groups(triple)))
        chosen.append(best)
        missing -= groups(best)
    return chosen


def pairs(triple: Triple) -> set[tuple[str, ...]]:
    """Every two features."""
    return set(itertools.combinations(_named(triple), 2))


def features(triple: Triple) -> set[tuple[str, ...]]:
    """Every feature."""
    return {(name,) for name in _named(triple)}


def ways(triple: Triple) -> set[tuple[str, ...]]:
    """Model and dispatch together, and the workload."""
    model, dispatch, workload = _named(triple)
    return {(model, dispatch), (workload,)}


def _named(triple: Triple) -> list[str]:
    return [
        f"{section}.{identity}" for section, identity in zip(("model", "dispatch", "workload"), triple, strict=True)
    ]
