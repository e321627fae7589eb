"""Where a step may go in the interleaving, and if not there, why. No Qt.

A place is the number of steps above it: a step at 3 that is moved to place 1 stands second. A session cannot overtake
itself, and while it is blocked it has no statement to send.
"""

from dataclasses import replace

from explorer.desktop.labs.isolation.ladder.words import listed
from explorer.labs.isolation.schedule import ENDS, Schedule
from explorer.labs.isolation.trace import Trace


def refusal(schedule: Schedule, trace: Trace | None, step: int, place: int) -> str:
    """Why `step` cannot go to `place` (0 … number of steps), in one sentence; empty when it can, or stays."""
    if place in (step, step + 1):
        return ""
    own = [at for at, one in enumerate(schedule.steps) if one.session == schedule.steps[step].session]
    before = max((at for at in own if at < step), default=-1)
    after = min((at for at in own if at > step), default=len(schedule.steps))
    name = schedule.steps[step].session
    if place <= before:
        return f"Step {step + 1} needs step {before + 1} of the same session first."
    if place > after:
        if schedule.steps[after].control in ENDS:
            return f"{name} has already ended here."
        return f"Step {after + 1} needs step {step + 1} of the same session first."
    return _still_waiting(trace, name, before, place) if trace is not None and before >= 0 else ""


def _still_waiting(trace: Trace, name: str, before: int, place: int) -> str:
    """Whether the session's statement before still waits at this place."""
    blocked = trace.of_step(before)
    if blocked is None or not blocked.waits:
        return ""
    wait = blocked.waits[-1]
    by = listed(wait.by)
    first = f"{name} is still waiting for {by}." if by else f"{name} is still waiting."
    ends = "end" if len(wait.by) > 1 else "ends"
    released = next((one for one in trace.ran if one.number == wait.released_by), None)
    if released is None or released.step < 0:
        if blocked.ended is None:
            return f"{first} Its next statement can come when {by or 'the other'} {ends}."
        return ""
    if place > released.step:
        return ""
    return f"{first} Its next statement can come after step {released.step + 1}, when {by} {ends}."


def places(schedule: Schedule, trace: Trace | None, step: int) -> tuple[int, ...]:
    """All places where the step may go, without its own."""
    return tuple(
        place
        for place in range(len(schedule.steps) + 1)
        if place not in (step, step + 1) and not refusal(schedule, trace, step, place)
    )


def moved(schedule: Schedule, step: int, place: int) -> tuple[Schedule, int]:
    """The schedule with the step at that place, and the number the step has then (from 0).

    What a condition says of steps by their numbers goes with them.
    """
    order = list(range(len(schedule.steps)))
    order.remove(step)
    order.insert(place - (place > step), step)
    new = {old + 1: at + 1 for at, old in enumerate(order)}
    happened = tuple(
        replace(
            one,
            reads={new[number]: rows for number, rows in one.reads.items()},
            counts={new[number]: count for number, count in one.counts.items()},
        )
        for one in schedule.happened
    )
    steps = tuple(schedule.steps[at] for at in order)
    return replace(schedule, steps=steps, happened=happened), new[step + 1] - 1


def with_sql(schedule: Schedule, step: int, sql: str, engine: str) -> Schedule:
    """The schedule with another statement at a step: for this engine alone where it has one of its own."""
    one = schedule.steps[step]
    own = bool(one.variant(engine))
    changed = replace(one, instead={**one.instead, engine: sql}) if own else replace(one, sql=sql)
    return replace(schedule, steps=(*schedule.steps[:step], changed, *schedule.steps[step + 1 :]))


def with_retry(schedule: Schedule, sessions: tuple[str, ...], retries: int = 1) -> Schedule:
    """The same schedule, in which these sessions begin anew when the engine has aborted them."""
    changed = tuple(replace(one, retries=retries) if one.name in sessions else one for one in schedule.sessions)
    return replace(schedule, sessions=changed)
