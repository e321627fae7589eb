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
    near = sorted(
        (abs(at - there), there > at, other)
        for there, other in enumerate(levels)
        if other != level and (identity, other) in verdicts and other != "AUTOCOMMIT"
    )
    unlike = [other for _, _, other in near if verdicts[identity, other].happened != here.happened]
    return unlike[0] if unlike else near[0][2] if near else ""


def neighbour(levels: Sequence[str], level: str) -> str:
    """The level to compare this one with when none was measured: the next weaker one, else the next stronger."""
    real = [one for one in levels if one != "AUTOCOMMIT"]
    if level not in real or len(real) == 1:
        return ""
    at = real.index(level)
    return real[at - 1] if at else real[1]


def sentence(schedule: Schedule, level: str, verdict: Verdict, trace: Trace) -> str:
    """ "At READ COMMITTED the same six steps end with 120. …"."""
    steps = len(schedule.steps)
    many = NUMBERS[steps] if steps < len(NUMBERS) else f"{steps}"
    if trace.number:
        return f"At {level} the same {many} steps end with {value(trace.number[0])}. {verdict.sentence}"
    return f"At {level} the same {many} steps: {verdict.title.lower()}. {verdict.sentence}"
