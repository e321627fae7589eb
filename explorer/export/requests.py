"""When each request of a run began, ended and was worked on: what arrows between lanes need to know beforehand."""

from typing import Final

import numpy as np

from explorer.collect.source import Array

GATHERED: Final = 200_000
"""Rows that wait to be joined: a request has some twenty spans, which come close to each other."""
_REQUEST: Final = np.dtype([("number", "<u8"), ("begin", "<i8"), ("end", "<i8"), ("first", "<i8"), ("last", "<i8")])
NEVER: Final = 1 << 62
"""A begin of what never began; an end of what never ended is its negative."""


class Requests:
    """Of every request: begin and end of its pieces, and when the first and the last span that works on it began, ns.

    Feed it everything, then `settle`; after that `rows` looks requests up.
    """

    def __init__(self) -> None:
        self._joined = np.zeros(0, _REQUEST)
        self._waiting: list[Array] = []
        self._count = 0

    def add_pieces(self, spans: Array) -> None:
        """Take in pieces, the spans of lanes."""
        self._add(spans, spans["start"], spans["end"], None)

    def add_work(self, spans: Array) -> None:
        """Take in spans of threads and loops that work on a request."""
        self._add(spans, None, None, spans["start"])

    def settle(self) -> None:
        """Join what was taken in."""
        if self._waiting:
            self._joined = _join(np.concatenate([self._joined, *self._waiting]))
            self._waiting, self._count = [], 0

    def rows(self, numbers: Array) -> Array:
        """The rows (`number`, `begin`, `end`, `first`, `last`) of requests ((n,) u8); what is unknown never was."""
        if not len(self._joined):
            return np.full(len(numbers), _UNKNOWN, _REQUEST)
        places = np.searchsorted(self._joined["number"], numbers)
        found: Array = self._joined[np.minimum(places, len(self._joined) - 1)]
        unknown = found["number"] != numbers
        if bool(unknown.any()):
            found[unknown] = _UNKNOWN
        return found

    def _add(self, spans: Array, begin: Array | None, end: Array | None, work: Array | None) -> None:
        if not len(spans):
            return
        rows = np.full(len(spans), _UNKNOWN, _REQUEST)
        rows["number"] = spans["request"]
        if begin is not None:
            rows["begin"], rows["end"] = begin, end
        if work is not None:
            rows["first"] = rows["last"] = work
        self._waiting.append(_join(rows))
        self._count += len(self._waiting[-1])
        if self._count > max(GATHERED, len(self._joined) // 2):
            self.settle()


_UNKNOWN: Final = np.array((0, NEVER, -NEVER, NEVER, -NEVER), _REQUEST)


def _join(rows: Array) -> Array:
    """One row a request, in order of their numbers."""
    order = np.argsort(rows["number"], kind="stable")
    rows = rows[order]
    firsts = np.flatnonzero(np.concatenate(([True], rows["number"][1:] != rows["number"][:-1])))
    joined = np.empty(len(firsts), _REQUEST)
    joined["number"] = rows["number"][firsts]
    for column, least in (("begin", np.minimum), ("end", np.maximum), ("first", np.minimum), ("last", np.maximum)):
        joined[column] = least.reduceat(rows[column], firsts)
    return joined
