"""Call stacks summed up: who called whom for how long, from how deep spans lie within one another.

The lanes of one kind (loops, threads, …) are one tree. A span whose caller has not been recorded stands directly below
its lane's kind.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from explorer.collect.source import Array
from explorer.records.states import State, TrackKind

IDLE: Final = int(State.IDLE)


@dataclass(slots=True, eq=False)
class StackNode:
    """A name in a stack: `name` (a run-wide number; 0 for lanes' kinds and for what has none), how many spans, their
    `total` and `own` time (ns), the `state` that most of its own time was spent in, and what it called.
    """

    name: int
    kind: TrackKind | None = None
    count: int = 0
    total: int = 0
    own: int = 0
    times: dict[int, int] = field(default_factory=dict)
    """Own time by state."""
    children: dict[object, "StackNode"] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """The state of most of its own time."""
        most = max(self.times, key=lambda state: self.times[state], default=int(State.UNKNOWN))
        return State(most) if most <= max(State) else State.UNKNOWN

    def spent(self) -> dict[State, int]:
        """All its time by state (ns), that of what it called included."""
        found: dict[State, int] = {}
        for number, time in self.times.items():
            state = State(number) if number <= max(State) else State.UNKNOWN
            found[state] = found.get(state, 0) + time
        for child in self.children.values():
            for state, time in child.spent().items():
                found[state] = found.get(state, 0) + time
        return found

    def ordered(self) -> list["StackNode"]:
        """What it called, longest first."""
        return sorted(self.children.values(), key=lambda node: -node.total)


class CallStacks:
    """`root` has a child for each kind of lane."""

    def __init__(self) -> None:
        self.root = StackNode(0)
        self._nodes: list[StackNode] = []
        self._numbers: dict[tuple[int, int], int] = {}
        self._kinds: dict[TrackKind, int] = {}

    def begin(self, kind: TrackKind) -> "LaneStacks":
        """Take in one lane of a kind, row by row."""
        if kind not in self._kinds:
            self._kinds[kind] = len(self._nodes)
            node = self.root.children[kind] = StackNode(0, kind)
            self._nodes.append(node)
        return LaneStacks(self, self._kinds[kind], self.root)

    def number(self, parent: int, name: int) -> int:
        """The number of what is called `name` below the node of number `parent`."""
        key = (parent, name)
        if key not in self._numbers:
            self._numbers[key] = len(self._nodes)
            node = self._nodes[parent].children[name] = StackNode(name)
            self._nodes.append(node)
        return self._numbers[key]

    def node(self, number: int) -> StackNode:
        """A node by its number."""
        return self._nodes[number]


class LaneStacks:
    """The rows of a lane, from the outermost inwards."""

    def __init__(self, stacks: CallStacks, bottom: int, root: StackNode) -> None:
        self._stacks = stacks
        self._bottom = bottom
        self._root = root
        self._outer: tuple[Array, Array, Array] | None = None

    def add(self, start: Array, end: Array, name: Array, state: Array, length: Array, own: Array) -> Array:
        """Take in the row below the last one; columns (n,), in order. What is idle calls nobody and is left out.

        Returns the number of each span's node, -1 for what was left out.
        """
        kept, every = np.flatnonzero(state != IDLE), np.full(len(start), -1, "<i8")
        start, end, name, length, own = (column.take(kept) for column in (start, end, name, length, own))
        parent, orphans = self._callers(start, end)
        order, pairs, firsts = _alike(parent.astype("<u8") << np.uint64(32) | name.astype("<u8"))
        numbers = [self._stacks.number(pair >> 32, pair & 0xFFFFFFFF) for pair in pairs.tolist()]
        counts = np.diff(np.append(firsts, len(start)))
        sums = (np.add.reduceat(column.take(order), firsts).tolist() if len(firsts) else [] for column in (length, own))
        for number, count, total, alone in zip(numbers, counts.tolist(), *sums, strict=True):
            node = self._stacks.node(number)
            node.count += count
            node.total += total
            node.own += alone
        mine = np.empty(len(start), "<i8")
        mine[order] = np.repeat(np.array(numbers, "<i8"), counts)
        every[kept] = mine
        outermost = int(length[orphans].sum())
        bottom = self._stacks.node(self._bottom)
        bottom.total += outermost
        bottom.count += int(np.count_nonzero(orphans))
        self._root.total += outermost
        self._outer = start, end, mine
        return every

    def add_times(self, nodes: Array, state: Array, time: Array) -> None:
        """Note in which states the own time of nodes was spent: stretches of it, (n,) each."""
        kept = np.flatnonzero(nodes >= 0)
        order, keys, firsts = _alike(nodes[kept] << 8 | state[kept])
        if not len(keys):
            return
        for key, spent in zip(keys.tolist(), np.add.reduceat(time[kept].take(order), firsts).tolist(), strict=True):
            times = self._stacks.node(key >> 8).times
            times[key & 255] = times.get(key & 255, 0) + spent

    def _callers(self, start: Array, end: Array) -> tuple[Array, Array]:
        """The node of each span's caller, and which have none."""
        nobody = np.full(len(start), self._bottom, "<i8")
        if self._outer is None or not len(self._outer[0]):
            return nobody, np.ones(len(start), bool)
        starts, ends, numbers = self._outer
        at = np.searchsorted(starts, start, "right") - 1
        within = (at >= 0) & (ends[np.maximum(at, 0)] >= end)
        return np.where(within, numbers[np.maximum(at, 0)], nobody), ~within


def _alike(keys: Array) -> tuple[Array, Array, Array]:
    """An order that brings equal keys together, these keys once each, and where in that order each begins.

    Sorting lets other threads run meanwhile, counting into bins would not.
    """
    order = np.argsort(keys)
    keys = keys.take(order)
    firsts = np.flatnonzero(np.concatenate((np.ones(min(1, len(keys)), bool), keys[1:] != keys[:-1])))
    return order, keys.take(firsts), firsts
