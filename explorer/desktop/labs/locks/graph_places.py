"""Where the nodes of a wait-for graph stand, and its arrows in straight lines. No Qt.

Up to eight nodes: who holds or waits stands left and right, locks at the top and at the bottom. More stand on a
circle: the locks evenly, everyone else behind the lock they were first seen with, so that a round of philosophers is
round. A single lock stands in the middle of its queue.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

FEW: Final = 8
"""Nodes that stand left and right, top and bottom."""
SIDE: Final = 0.84
"""How far from the middle towards an edge a node stands."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point; x and y go from -1 to 1, y downwards."""

    x: float
    y: float


def places(owners: Sequence[str], locks: Sequence[str], beside: Mapping[str, str] | None = None) -> dict[str, Place]:
    """Where each node stands, by its key. `beside` gives the lock at which an owner is to stand in a circle."""
    if len(locks) == 1 and len(owners) > 2:
        ring = _circle(owners, -math.pi / 2)
        return {locks[0]: Place(0.0, 0.0), **ring}
    if len(owners) + len(locks) <= FEW:
        return _cross(owners, locks)
    return _circle(_round(owners, locks, beside or {}), -math.pi / 2)


def cycle_places(cycle: Sequence[str], others: Sequence[str]) -> dict[str, Place]:
    """Those in the circle of waiters on a circle, in their order; the others further in."""
    inner = _circle(others, -math.pi / 2)
    return {
        **{key: Place(place.x * 0.45, place.y * 0.45) for key, place in inner.items()},
        **_circle(cycle, -math.pi / 2),
    }


def _cross(owners: Sequence[str], locks: Sequence[str]) -> dict[str, Place]:
    left, right = owners[::2], owners[1::2]
    # The first lock at the bottom, as a tower's floor is; the second above.
    low, high = locks[::2], locks[1::2]
    if len(locks) == 1:
        low, high = (), locks
    return {
        **{key: Place(-SIDE, y) for key, y in zip(left, _spread(len(left), 0.62), strict=True)},
        **{key: Place(SIDE, y) for key, y in zip(right, _spread(len(right), 0.62), strict=True)},
        **{key: Place(x, SIDE) for key, x in zip(low, _spread(len(low), 0.34), strict=True)},
        **{key: Place(x, -SIDE) for key, x in zip(high, _spread(len(high), 0.34), strict=True)},
    }


def _spread(count: int, reach: float) -> list[float]:
    if count <= 1:
        return [0.0] * count
    return [-reach + 2 * reach * at / (count - 1) for at in range(count)]


def _circle(keys: Sequence[str], start: float) -> dict[str, Place]:
    step = 2 * math.pi / max(1, len(keys))
    return {
        key: Place(SIDE * math.cos(start + at * step), SIDE * math.sin(start + at * step))
        for at, key in enumerate(keys)
    }


def _round(owners: Sequence[str], locks: Sequence[str], beside: Mapping[str, str]) -> list[str]:
    """Locks in their order, each followed by those who are beside it; who is beside none fills the emptiest places."""
    behind: dict[str, list[str]] = {lock: [] for lock in locks}
    for owner in owners:
        at = beside.get(owner)
        if at in behind and at is not None:
            behind[at].append(owner)
    for owner in owners:
        if beside.get(owner) not in behind and behind:
            min(behind.values(), key=len).append(owner)
    if not behind:
        return list(owners)
    return [key for lock, several in behind.items() for key in (lock, *several)]


def arrow(
    start: tuple[float, float], stop: tuple[float, float], gaps: tuple[tuple[float, float], tuple[float, float]]
) -> tuple[float, float, float, float]:
    """x1, y1, x2, y2 of an arrow between two points (px), shortened by what stands there: half its width and half its
    height, a round thing being as wide as it is high.
    """
    (x1, y1), (x2, y2) = start, stop
    length = math.hypot(x2 - x1, y2 - y1)
    if not length:
        return x1, y1, x2, y2
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    before, after = (_reach(ux, uy, *gap) for gap in gaps)
    if before + after >= length:
        return x1, y1, x2, y2
    return x1 + ux * before, y1 + uy * before, x2 - ux * after, y2 - uy * after


def _reach(ux: float, uy: float, wide: float, high: float) -> float:
    """How far the edge of something is from its middle in a direction."""
    if wide == high:
        return wide
    across = wide / abs(ux) if ux else math.inf
    along = high / abs(uy) if uy else math.inf
    return min(across, along)


def to_pixels(place: Place, width: float, height: float) -> tuple[float, float]:
    """A place in a box of pixels."""
    return (1 + place.x) * width / 2, (1 + place.y) * height / 2
