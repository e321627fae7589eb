"""The verdict on a run: whether what the schedule looks for was seen, and what the engine did about it."""

from typing import Final

from explorer.labs.isolation.dependencies import OldVersion, old_versions
from explorer.labs.isolation.replay import in_order
from explorer.labs.isolation.schedule import Condition, Rows, Schedule
from explorer.labs.isolation.sentences import Telling
from explorer.labs.isolation.trace import Ran, Trace
from explorer.labs.isolation.transactions import AUTOCOMMIT, REFUSED, transactions
from explorer.labs.isolation.verdict import How, Verdict

TITLES: Final = {
    "anomaly": ("Happened", "Prevented"),
    "deadlock": ("Deadlock", "No deadlock"),
    "cure": ("Not cured", "Cured"),
}
"""By the schedule's kind: when it happened, and when not."""
GIVEN_UP: Final = "Given up"
"""Of a cure: nothing was lost unnoticed, but somebody was refused for good."""
ASIDES: Final[dict[How, str]] = {"aborted": "aborted", "blocked": "blocked", "versions": "old version"}


def judge(schedule: Schedule, trace: Trace) -> Verdict:
    """The verdict; `before` if the run is not over."""
    olds = old_versions(schedule, trace)
    how = _how(trace, olds)
    telling = Telling(schedule, trace, olds)
    seen = next((one for one in schedule.happened if holds(one, schedule, trace)), None)
    deadlock = next((one for one in trace.ran if one.failure is not None and one.failure.kind == "deadlock"), None)
    happened = deadlock is not None if schedule.kind == "deadlock" else seen is not None
    before = not trace.over
    broken = _mistake(trace)
    aside = next((ASIDES[one] for one in ("aborted", "blocked", "versions") if one in how), "")
    if happened:
        sentence = telling.deadlock(deadlock) if deadlock is not None and seen is None else ""
        sentence = sentence or (seen.sentence if seen is not None else "") or schedule.sentence
        title, aside = TITLES[schedule.kind][0], ""
    elif trace.stuck:
        title, aside, sentence = "Cannot finish", "", trace.stuck
    elif broken is not None:
        title, aside, sentence = "Error", "", telling.mistake(broken)
    elif before:
        title, aside, sentence = "Not over", "", telling.so_far()
    elif schedule.kind == "cure" and (given_up := _given_up(schedule, trace)):
        title, sentence = GIVEN_UP, telling.given_up(*given_up)
    else:
        title, sentence = TITLES[schedule.kind][1], telling.prevented()
    sentence = " ".join((sentence, *trace.unread))
    return Verdict(happened, how, trace.codes, title, aside, sentence, before)


def holds(condition: Condition, schedule: Schedule, trace: Trace) -> bool:
    """Whether all of it was seen."""
    return (
        all(_read(trace, number, rows) for number, rows in condition.reads.items())
        and all(_counted(trace, number, count) for number, count in condition.counts.items())
        and all(_ended_as(trace, name, rows) is True for name, rows in condition.final.items())
        and all(_ended_as(trace, name, rows) is False for name, rows in condition.not_final.items())
        and all(_committed(schedule, trace, name) for name in condition.committed)
        and all(_aborted(trace, name) for name in condition.aborted)
    )  # fmt: skip


def _ended_as(trace: Trace, name: str, rows: Rows) -> bool | None:
    """Whether a table holds these rows in the end; None if nobody has seen what it holds."""
    if not trace.over or name not in trace.final:
        return None
    return in_order(trace.final[name]) == in_order(rows)


def _read(trace: Trace, number: int, rows: Rows) -> bool:
    one = trace.of_step(number - 1)
    return one is not None and one.state == "done" and one.rows is not None and in_order(one.rows) == in_order(rows)


def _counted(trace: Trace, number: int, count: int) -> bool:
    one = trace.of_step(number - 1)
    return one is not None and one.state == "done" and one.count == count


def _committed(schedule: Schedule, trace: Trace, session: str) -> bool:
    if trace.level == AUTOCOMMIT:
        own = [one for one in trace.ran if one.session == session and one.state != "left out"]
        return bool(own) and all(one.state == "done" for one in own)
    own_ones = [each for each in transactions(schedule, trace).values() if each.session == session and not each.alone]
    return bool(own_ones) and own_ones[-1].ended == "committed"


def _aborted(trace: Trace, session: str) -> bool:
    return any(
        one.session == session and one.failure is not None and one.failure.kind in REFUSED for one in trace.ran
    )  # fmt: skip


def _how(trace: Trace, olds: dict[int, OldVersion]) -> tuple[How, ...]:
    refused = any(_by_engine(one) for one in trace.ran)
    found: dict[How, bool] = {
        "versions": bool(olds), "blocked": any(one.waits for one in trace.ran), "aborted": refused
    }  # fmt: skip
    return tuple(how for how, was in found.items() if was)


def _given_up(schedule: Schedule, trace: Trace) -> tuple[str, int] | None:
    """The first session that was refused in its last attempt, and how often in all; None if all came through."""
    for session in schedule.sessions:
        own = [one for one in trace.ran if one.session == session.name and one.step >= 0 and one.state != "left out"]
        last = max((one.attempt for one in own), default=0)
        refused = [one for one in own if _by_engine(one) or _missed(schedule, one)]
        if any(one.attempt == last for one in refused):
            return session.name, len(refused)
    return None


def _missed(schedule: Schedule, one: Ran) -> bool:
    return schedule.steps[one.step].must_change and one.state == "done" and one.count == 0


def _by_engine(one: Ran) -> bool:
    return one.failure is not None and one.state == "failed" and one.failure.kind in (*REFUSED, "timeout")


def _mistake(trace: Trace) -> Ran | None:
    """A statement that failed for a reason of its own, such as a word that the engine does not know."""
    return next((one for one in trace.ran if one.failure is not None and one.failure.kind == "other"), None)
