"""Who holds and waits at one moment of a run, as the page shows it: the graph, the lines of source, and those who are
stuck. Taken from the evidence in one go, as that belongs to the collector's thread. No Qt.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import PurePosixPath

from explorer.analysis.locks.graph import WaitForGraph
from explorer.analysis.locks.owners import Owner
from explorer.analysis.locks.trace import Wait
from explorer.analysis.locks.watch import Deadlock
from explorer.desktop.labs.locks.graph_model import GraphModel, badge
from explorer.desktop.labs.locks.graph_picture import GraphPicture
from explorer.desktop.labs.locks.stuck import Stuck, closer
from explorer.desktop.words import duration
from explorer.labs.locks.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Moment:
    """`titles` are what threads are called, by lane; `badges` who waits at which line of source; `stuck` who stands in
    a circle, and `closer` who closed it; empty without one.
    """

    picture: GraphPicture
    titles: dict[int, str]
    badges: dict[int, list[str]]
    stuck: tuple[Stuck, ...] = ()
    closer: str = ""


def moment(
    evidence: Evidence, model: GraphModel, now: int, past: int | None = None, deadlock: Deadlock | None = None
) -> Moment:
    """What is the case `now` (ns), or was in the `past`; `deadlock` is a circle that was closed then."""
    trace = evidence.watch.trace
    graph = WaitForGraph.now(trace) if past is None else WaitForGraph.at(trace, past)
    label = trace.owners.label
    cycle = deadlock.cycle if deadlock is not None else None
    badges: dict[int, list[str]] = defaultdict(list)
    for wait in graph.waits.values():
        line = wait.place.rpartition(":")[2]
        if line.isdigit():
            badges[int(line)].append(badge(label(wait.owner)))
    return Moment(
        model.picture(graph, label, now if past is None else past, cycle),
        {owner.track: label(owner) for owner in trace.owners.threads},
        {line: sorted(several) for line, several in badges.items()},
        () if cycle is None else _stuck(cycle.waits, label, now if past is None else None),
        "" if deadlock is None else label(closer(deadlock)),
    )


def longest_wait(evidence: Evidence) -> int | None:
    """The middle (ns) of the longest wait of a run; None if nobody waited."""
    waits = [wait for wait in evidence.waits(evidence.locks()) if wait.end is not None]
    longest = max(waits, key=lambda wait: (wait.end or 0) - wait.start, default=None)
    return None if longest is None or longest.end is None else (longest.start + longest.end) // 2


def _stuck(waits: Iterable[Wait], label: Callable[[Owner], str], now: int | None) -> tuple[Stuck, ...]:
    """Those in a circle, in the order of their names; `now` while it lasts."""
    rows = []
    for wait in waits:
        path, _, line = wait.place.rpartition(":")
        end = now if now is not None else wait.end
        words = f"waits {duration(max(0, end - wait.start))}" if end is not None else "waits"
        title = label(wait.owner)
        rows.append(Stuck(badge(title), title, f"{PurePosixPath(path).name}:{line}", words))
    return tuple(sorted(rows, key=attrgetter("title")))
