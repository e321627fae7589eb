"""Where a task's time goes, from its making to its result in hand; every part between two readings of a clock.

    made ── pickled │ submitted │ …waits… begun ── opened ── run ── sealed … travels … opened
       pickle           submit      wait       pickle     run          return

What no part covers is `unexplained`.
"""

import itertools
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.labs.parallelism.child.envelope import Done, Where

PARTS = ("submit", "pickle", "wait", "run", "return", "unexplained")


@dataclass(slots=True)
class Sent:
    """The clocks of whoever hands out the tasks, for one envelope, in ns. `tasks` are in it.

    On the timeline it is `request`, from `begun` on (in seconds).
    """

    tasks: int
    made: int
    packed: int
    submitting: int
    submitted: int
    request: int
    begun: float
    opened: int = 0


def of(sent: Sent, done: Done) -> dict[str, float]:
    """The parts of one envelope, in seconds; their sum is the time from `made` to `opened`."""
    ran = sum(end - start for start, end in done.runs)
    last = done.runs[-1][1] if done.runs else done.opened
    parts = {
        "submit": sent.submitted - sent.submitting,
        "pickle": sent.packed - sent.made + done.opened - done.begun,
        # A worker may begin before the call that handed the task over has come back.
        "wait": max(0, done.begun - sent.submitted),
        "run": ran,
        "return": sent.opened - last,
    }
    parts["unexplained"] = sent.opened - sent.made - sum(parts.values())
    return {name: nanoseconds / 1e9 for name, nanoseconds in parts.items()}


def a_task(pairs: Sequence[tuple[Sent, Done]]) -> dict[str, float]:
    """The mean parts of a task, in seconds."""
    tasks = sum(sent.tasks for sent, _ in pairs)
    total = dict.fromkeys(PARTS, 0.0)
    for sent, done in pairs:
        for name, seconds in of(sent, done).items():
            # Waiting and returning are the same for all tasks of an envelope, all else is shared among them.
            total[name] += seconds * (sent.tasks if name in ("wait", "return") else 1)
    return {name: seconds / tasks if tasks else 0.0 for name, seconds in total.items()}


def lanes(pairs: Sequence[tuple[Sent, Done]]) -> Mapping[Where, list[Done]]:
    """What each worker did, in order."""
    found: dict[Where, list[Done]] = {}
    for _, done in sorted(pairs, key=lambda pair: pair[1].begun):
        found.setdefault(done.where, []).append(done)
    return found


def gap(pairs: Sequence[tuple[Sent, Done]]) -> float | None:
    """How long a worker has nothing to do between two envelopes, in seconds; None when no worker had two.

    The median: a worker that the system took its core away from just then would rule the mean.
    """
    gaps = [
        later.begun - earlier.sealed for line in lanes(pairs).values() for earlier, later in itertools.pairwise(line)
    ]
    return statistics.median(gaps) / 1e9 if gaps else None
