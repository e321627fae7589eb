"""Who woke whom: from the one who gave a lock back, or gave a signal, to the one who then had it."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter

from explorer.analysis.locks.owners import Owner
from explorer.analysis.locks.trace import Hold, LockTrace, Wait


@dataclass(frozen=True, slots=True)
class Handover:
    """`giver` let `wait` end at `time` (ns); `hold` is what its owner then had, None of an event or a queue."""

    giver: Owner
    time: int
    wait: Wait
    hold: Hold | None


def handovers(trace: LockTrace, number: int) -> list[Handover]:
    """The handovers of a lock in the order of their waits' ends. Who gave up waiting was woken by nobody."""
    holds, waits, signals = trace.holds(number), trace.waits(number), trace.signals(number)
    over = sorted((hold for hold in holds if hold.end is not None), key=attrgetter("end"))
    ends = [hold.end or 0 for hold in over]
    owners = _Owners(holds, waits)
    times = [signal.time for signal in signals]
    found = []
    for wait in sorted((wait for wait in waits if wait.end is not None), key=attrgetter("end")):
        if signals:
            place = bisect_right(times, wait.end or 0) - 1
            if place >= 0 and times[place] >= wait.start:
                found.append(Handover(signals[place].owner, times[place], wait, None))
            continue
        place = bisect_right(ends, wait.end or 0) - 1
        hold = owners.had(wait)
        if hold is not None and place >= 0 and ends[place] >= wait.start:
            found.append(Handover(over[place].owner, ends[place], wait, hold))
    return found


class _Owners:
    """What each owner had and waited for, by start."""

    def __init__(self, holds: list[Hold], waits: list[Wait]) -> None:
        self._holds: dict[Owner, list[Hold]] = defaultdict(list)
        self._waits: dict[Owner, list[int]] = defaultdict(list)
        for hold in holds:
            self._holds[hold.owner].append(hold)
        for wait in waits:
            self._waits[wait.owner].append(wait.start)

    def had(self, wait: Wait) -> Hold | None:
        """What the owner of a wait had when it was over; None if it gave up, and perhaps waited once more."""
        holds, starts, end = self._holds[wait.owner], self._waits[wait.owner], wait.end or 0
        place, again = bisect_left(holds, end, key=attrgetter("start")), bisect_left(starts, end)
        if place == len(holds) or (again < len(starts) and holds[place].start >= starts[again]):
            return None
        return holds[place]
