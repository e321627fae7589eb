"""Count, total, median and 99th percentile of the values of each group, exact, for few groups and for very many."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from explorer.collect.source import Array

MEDIAN: Final = 50
NINETY_NINE: Final = 99


GROUP: Final = np.dtype([("key", "<u8"), ("count", "<i8"), ("total", "<i8"), ("median", "<i8"), ("p99", "<i8")])
"""`Figures` as columns."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a group's values (ns): how many, their sum, and the values of rank ⌈n/2⌉ and ⌈0.99 n⌉."""

    count: int
    total: int
    median: int
    p99: int


def figures_of(values: Array) -> Figures:
    """The figures of (n,) i8 values, n at least 1."""
    low, high = rank(len(values), MEDIAN), rank(len(values), NINETY_NINE)
    placed = np.partition(values, sorted({low, high}))
    return Figures(len(values), int(values.sum()), int(placed[low]), int(placed[high]))


def rank(count: int, percent: int) -> int:
    """The place (from 0 on) of the value that `percent` % of `count` values do not exceed."""
    return -(-count * percent // 100) - 1


class Groups:
    """Values by a small number (states, names), gathered part by part."""

    def __init__(self) -> None:
        self._parts: dict[int, list[Array]] = {}

    def add(self, codes: Array, values: Array) -> None:
        """Add values ((n,) i8) to the groups `codes` ((n,) of unsigned integers)."""
        if not len(codes):
            return
        most = int(codes.max())
        # NumPy sorts keys of up to 16 bits by radix, ten times as fast.
        narrow = codes.astype("u1" if most < 1 << 8 else "<u2") if most < 1 << 16 else codes
        order = np.argsort(narrow, kind="stable")
        codes, values = codes.take(order), values.take(order)
        edges = np.flatnonzero(np.diff(codes)) + 1
        for first, some in zip((0, *edges.tolist()), np.split(values, edges), strict=True):
            self._parts.setdefault(int(codes[first]), []).append(some)

    def figures(self) -> dict[int, Figures]:
        """The figures of every group that has values; the values are given up."""
        found = {}
        while self._parts:
            code, parts = self._parts.popitem()
            found[code] = figures_of(np.concatenate(parts))
        return found


def many_groups(codes: Array, values: Array) -> Array:
    """The figures of very many groups (requests): (n,) of GROUP, in order of `codes` ((n,) u8)."""
    if not len(codes):
        return np.zeros(0, GROUP)
    order = np.lexsort((values, codes))
    codes, values = codes.take(order), values.take(order)
    firsts = np.concatenate(([0], np.flatnonzero(codes[1:] != codes[:-1]) + 1))
    counts = np.diff(np.append(firsts, len(codes)))
    totals = np.add.reduceat(values, firsts)
    medians = values[firsts + (counts + 1) // 2 - 1]
    highs = values[firsts + -(-counts * 99 // 100) - 1]
    found = np.zeros(len(firsts), GROUP)
    columns = (codes[firsts], counts, totals, medians, highs)
    for field, column in zip(GROUP.names or (), columns, strict=True):
        found[field] = column
    return found
