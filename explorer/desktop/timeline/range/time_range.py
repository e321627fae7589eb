"""A stretch of time that the user has chosen on the lanes, and the arithmetic of its edges. No Qt."""

from dataclasses import dataclass
from enum import Enum, auto

from explorer.desktop.timeline.viewport import Viewport


class Edge(Enum):
    """Which end of a range somebody moves."""

    BEGIN = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From `begin` to `end`, ns, at least 1 ns long."""

    begin: int
    end: int

    @property
    def length(self) -> int:
        """How long it is, ns."""
        return self.end - self.begin

    def time(self, edge: Edge) -> int:
        """Where an edge lies, ns."""
        return self.begin if edge is Edge.BEGIN else self.end

    def moved(self, edge: Edge, time: int) -> tuple["TimeRange", Edge]:
        """With one edge at `time` (ns), and which edge that then is: dragged past the other one, it becomes that."""
        fixed = self.end if edge is Edge.BEGIN else self.begin
        return between(fixed, time), Edge.BEGIN if time < fixed else Edge.END

    def within(self, first: int, last: int) -> "TimeRange":
        """Cut to the history from `first` to `last` (ns); what lies wholly outside is at its nearest end."""
        begin = min(max(self.begin, first), max(first, last - 1))
        return TimeRange(begin, max(begin + 1, min(self.end, last)))

    def edge_at(self, view: Viewport, x: float, reach: float) -> Edge | None:
        """The edge within `reach` px of pixel `x`, the nearer one if both are; None if neither is."""
        left, right = abs(view.x(self.begin) - x), abs(view.x(self.end) - x)
        if min(left, right) > reach:
            return None
        if left == right:
            return Edge.END if x >= view.x(self.end) else Edge.BEGIN
        return Edge.BEGIN if left < right else Edge.END


def between(one: int, other: int) -> TimeRange:
    """The range between two moments (ns), whichever comes first."""
    return TimeRange(min(one, other), max(one, other, min(one, other) + 1))
