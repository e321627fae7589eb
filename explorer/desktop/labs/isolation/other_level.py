"""What the same steps came to at another level that was measured, to be compared with. No Qt."""

from collections.abc import Mapping, Sequence

from explorer.desktop.labs.isolation.ladder.words import value
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.trace import Trace
from explorer.labs.isolation.verdict import Verdict

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def other_level(verdicts: Mapping[tuple[str, str], Verdict], identity: str, level: str, levels: Sequence[str]) -> str:
    """The nearest level at which the other thing came out, a weaker one first; else the nearest that was measured."""
    here = verdicts.get((identity, level))
    if here is None or level not in levels:
        return ""
    at = levels.index(level)
    measured = sorted(
        (abs(at - there), there > at, other)
        for there, other in enumerate(levels)
        if other != level and (identity, other) in verdicts and other != "AUTOCOMMIT"
    )
    differing = [other for _, _, other in measured if unlike(verdicts, identity, level, other)]
    return differing[0] if differing else measured[0][2] if measured else ""


def neighbour(levels: Sequence[str], level: str) -> str:
    """The level to compare this one with when none was measured: the next weaker one, else the next stronger."""
    return next(iter(near(levels, level)), "")


def near(levels: Sequence[str], level: str) -> tuple[str, ...]:
    """The other levels, the nearest first, of two as near the weaker; none beside AUTOCOMMIT, which is no level."""
    real = [one for one in levels if one != "AUTOCOMMIT"]
    if level not in real:
        return ()
    at = real.index(level)
    order = sorted((abs(at - there), there > at, one) for there, one in enumerate(real) if one != level)
    return tuple(one for _, _, one in order)


def unlike(verdicts: Mapping[tuple[str, str], Verdict], identity: str, level: str, other: str) -> bool:
    """Whether the other level was measured, and the other thing came out there."""
    here, there = verdicts.get((identity, level)), verdicts.get((identity, other))
    return here is not None and there is not None and here.happened != there.happened


def sentence(schedule: Schedule, level: str, verdict: Verdict, trace: Trace) -> str:
    """ "At READ COMMITTED the same six steps end with 120. …"."""
    steps = len(schedule.steps)
    many = NUMBERS[steps] if steps < len(NUMBERS) else f"{steps}"
    if trace.number:
        return f"At {level} the same {many} steps end with {value(trace.number[0])}. {verdict.sentence}"
    return f"At {level} the same {many} steps: {verdict.title.lower()}. {verdict.sentence}"
