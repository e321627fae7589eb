"""What a timeline shows of locks: how high their rows are, who held them and who waited in the view, and by what names.
No Qt.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.collect.source import Array
from explorer.desktop.timeline.lock_queues import LockQueues, got, holds_of, open_waits
from explorer.desktop.timeline.rows import Row, RowKind, short_title
from explorer.desktop.timeline.towers import tallest
from explorer.desktop.timeline.waiting import Holds
from explorer.desktop.words import request_label
from explorer.records.states import Kind
from explorer.store.store import Store

if TYPE_CHECKING:
    from explorer.desktop.timeline.scene import Scene


class SceneLocks:
    """The locks of a scene; `queues` are those of its run."""

    def __init__(self, scene: "Scene") -> None:
        self.queues = LockQueues()
        self._scene = scene
        self._sizes: dict[int, tuple[int, int]] = {}

    def forget(self) -> None:
        """Another run is shown."""
        self._sizes = {}

    def sized(self, rows: list[Row]) -> list[Row]:
        """The rows of locks as high as their towers were at most: they grow and never shrink, so that nothing jumps."""
        return [self._sized(row) if row.kind is RowKind.LOCK else row for row in rows]

    def _sized(self, row: Row) -> Row:
        storeys, holders = self._sizes.get(row.track, (0, 1))
        store = self._scene.store
        if store is not None:
            waits = self.waits(row.track, self._scene.known())
            storeys = max(storeys, tallest(waits["start"], waits["end"]))
            holders = max(holders, 1 + max(store.depths(row.track), default=0))
            for each in self.queues.open:
                if each.kind is Kind.LOCK_HELD and each.track == row.track:
                    holders = max(holders, each.depth + 1)
        self._sizes[row.track] = storeys, holders
        return replace(row, storeys=storeys, holders=holders)

    def waits(self, lock: int, horizon: int) -> Array:
        """Rows (start, end, lane, task, request, name) of those who waited for a lock in the view; finished waits up to
        the horizon (ns), open ones up to now.
        """
        view, follow = self._scene.view, self._scene.follow
        finished = self.queues.between(lock, view.begin, min(view.end, horizon))
        now = follow.now if follow.live else min(view.end, follow.now)
        return np.concatenate((finished, open_waits(self.queues.open, lock, now)))

    def got(self, waits: Array, lock: int, horizon: int) -> Array:
        """When those of these waits ended that ended by getting the lock, ns, ascending."""
        store = self._scene.store
        if store is None:
            return waits["end"][:0]
        return np.sort(waits["end"][got(waits, self.holds(store, lock, horizon))])

    def holds(self, store: Store, lock: int, horizon: int) -> Holds:
        """Who held a lock in the view; finished holds up to the horizon (ns), open ones up to now."""
        view, follow = self._scene.view, self._scene.follow
        return holds_of(store, self.queues.open, lock, view.begin, min(view.end, horizon), follow.now)

    def owner_title(self, lane: int, task: int, request: int, name: str) -> tuple[str, str]:
        """What who holds or waits is called, whole and short: a thread as its lane, a task as its request."""
        if task:
            label = request_label(request) if request else name or f"task {task}"
            return (f"request {label}" if request else label), label
        title = self._scene.lane_title(lane) or name or "a thread"
        return title, short_title(title)
