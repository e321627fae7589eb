"""What lanes and scene ask of a search. No Qt."""

from typing import Protocol

from explorer.collect.source import Array
from explorer.desktop.timeline.near import Bars


class Found(Protocol):
    """What is asked of a search."""

    def bars(self, bars: Bars) -> Array:
        """Which bars are found, (n,) of bool."""
        ...

    def in_view(self, begin: int, end: int) -> Array:
        """The hits from `begin` to `end` (ns), with `time` and `track`."""
        ...
