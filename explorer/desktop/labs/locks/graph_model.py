"""From who holds and waits now to the picture of it: which nodes there are, and what stands in them. No Qt.

Whoever let go a moment ago stays for a while, so that nodes do not blink; order and so places follow the names.
"""

import re
from collections.abc import Callable
from typing import Final

from explorer.analysis.locks.graph import Cycle, WaitForGraph
from explorer.analysis.locks.owners import Owner
from explorer.desktop.labs.locks.graph_picture import Arrow, GraphPicture, Node

STAYS_NS: Final = 2_000_000_000
MOST_OWNERS: Final = 16
"""Nodes of those who hold or wait; who has waited longest comes first."""
MOST_LOCKS: Final = 12
_NUMBER: Final = re.compile(r"\d+")


class GraphModel:
    """Makes pictures, one after the other, of one run."""

    def __init__(self) -> None:
        self._owners: dict[str, tuple[Node, int]] = {}
        self._locks: dict[str, tuple[Node, int]] = {}

    def picture(
        self, graph: WaitForGraph, label: Callable[[Owner], str], now: int, cycle: Cycle | None = None
    ) -> GraphPicture:
        """The picture as of `now` (ns)."""
        inside = (
            []
            if cycle is None
            else [key for wait in cycle.waits for key in (owner_key(wait.owner), lock_key(wait.lock))]
        )
        for owner in graph.owners:
            title = label(owner)
            # A task is over when it lets go, so that it need not stay.
            self._owners[owner_key(owner)] = (
                Node(owner_key(owner), title, badge(title)),
                now if owner.task else now + STAYS_NS,
            )
        for number, lock in graph.locks.items():
            met = bool(graph.holders.get(number)) or any(wait.lock == number for wait in graph.waits.values())
            key = lock_key(number)
            if met or key in self._locks:
                name = lock.name.removeprefix("self.")
                seen = now if met else self._locks[key][1]
                self._locks[key] = Node(key, name, lock_badge(name), is_lock=True), seen
        self._owners = {key: seen for key, seen in self._owners.items() if key in inside or now <= seen[1]}
        owners = self._chosen(self._owners, inside, MOST_OWNERS)
        locks = self._chosen(self._locks, inside, MOST_LOCKS)
        there = {node.key for node in (*owners, *locks)}
        arrows = [_arrow(owner_key(one.owner), lock_key(one.lock), held=one.held) for one in graph.arrows]
        shown = tuple(one for one in arrows if one.source in there and one.target in there)
        return GraphPicture((*owners, *locks), shown, tuple(inside))

    @staticmethod
    def _chosen(seen: dict[str, tuple[Node, int]], inside: list[str], most: int) -> list[Node]:
        newest = sorted(seen.values(), key=lambda one: (one[0].key not in inside, -one[1]))[:most]
        return sorted((node for node, _ in newest), key=lambda node: natural(node.title))


def owner_key(owner: Owner) -> str:
    """The key of who holds or waits."""
    return f"o{owner.process}.{owner.track}.{owner.task}"


def lock_key(number: int) -> str:
    """The key of a lock."""
    return f"l{number}"


def badge(title: str) -> str:
    """What stands in a round node: its number, else its first letters."""
    if title.lower().startswith("event loop"):
        return "loop"
    found = _NUMBER.findall(title)
    return found[-1] if found else title[:2]


def lock_badge(name: str) -> str:
    """What stands at a lock: its name, of "forks 3" only the number."""
    word, _, number = name.rpartition(" ")
    return number if word and number.isdigit() else name


def natural(text: str) -> list[tuple[int, str]]:
    """A key to sort by: "worker 2" before "worker 10"."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text) if part]


def _arrow(owner: str, lock: str, *, held: bool) -> Arrow:
    return Arrow(lock, owner, waits=False) if held else Arrow(owner, lock, waits=True)
