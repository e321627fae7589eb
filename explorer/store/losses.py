"""The losses of a run as the store keeps them: few, however long records are being lost."""

from dataclasses import replace
from typing import Final

from explorer.collect.source import Loss

JOINED_NS: Final = 100_000_000
"""Losses of the same tracks so close to each other are one: on the screen nothing lies between them."""
MOST: Final = 10_000
"""Of more losses the older half is joined by tracks, however far apart they are."""


class LossLog:
    """`all` losses: what was lost on the same tracks within 0.1 s is one loss, its count exact."""

    def __init__(self) -> None:
        self.all: list[Loss] = []
        self._newest: dict[tuple[int, ...], int] = {}

    def add(self, loss: Loss) -> None:
        """Take in a loss."""
        self._add(loss, JOINED_NS)
        if len(self.all) > MOST:
            old, new = self.all[: MOST // 2], self.all[MOST // 2 :]
            self._clear()
            for each in old:
                self._add(each, None)
            for each in new:
                self._add(each, JOINED_NS)

    def drop_before(self, begin: int) -> None:
        """Forget losses that ended before `begin` (ns)."""
        if any(loss.end < begin for loss in self.all):
            left = [loss for loss in self.all if loss.end >= begin]
            self._clear()
            for loss in left:
                self._add(loss, JOINED_NS)

    def _clear(self) -> None:
        self.all = []
        self._newest = {}

    def _add(self, loss: Loss, gap: int | None) -> None:
        place = self._newest.get(loss.tracks)
        if place is not None:
            last = self.all[place]
            if gap is None or (loss.start <= last.end + gap and loss.end >= last.start - gap):
                self.all[place] = replace(
                    last,
                    start=min(last.start, loss.start),
                    end=max(last.end, loss.end),
                    count=last.count + loss.count,
                )
                return
        self._newest[loss.tracks] = len(self.all)
        self.all.append(loss)
