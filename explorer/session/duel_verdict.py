"""The verdict of a duel: one sentence about the first figure that differs clearly and that people ask for first."""

from collections.abc import Sequence
from typing import Final

from explorer.session.duel_statistics import Difference
from explorer.session.duel_table import factor

LEADING: Final = ("throughput_rps", "latency_p50_ms", "latency_p99_ms", "failed")
"""In this order: how many are answered, how soon, how late at worst, how many not."""
LEAST: Final = 1.02
"""A difference below 2 % is in the table; it is no verdict."""
NONE: Final = "No clear difference."
TIMES_FROM: Final = 1.1
USEFUL: Final = 5
"""From so many repeats on an interval is narrow enough to say something."""


def leading(differences: dict[str, Sequence[Difference]]) -> str | None:
    """The figure that the verdict speaks of, by id; `differences` are B, C, D to A. None: nothing differs clearly.

    What differs by less than a tenth gives way to what differs more: of a rate all answer about as many.
    """
    for least in (TIMES_FROM, LEAST):
        for one in LEADING:
            if any(tells(each, least) for each in differences.get(one, ())):
                return one
    return None


def verdict(
    figure: str | None,
    differences: Sequence[Difference],
    badges: Sequence[str],
    values: Sequence[float | None],
) -> str:
    """The sentence about a figure; `differences` and `badges` are those of B, C, D, `values` all means, A's first."""
    if figure is None:
        return NONE
    if figure == "failed":
        told = [f"{badge} {value or 0:,g}" for badge, value in zip(("A", *badges), values, strict=True)]
        return f"The number of requests that fail differs: {_joined(told)} in each run."
    if any(one.clear and one.ratio is None for one in differences):  # somebody answers nothing: no factor says that
        told = [f"{badge} {value or 0:,.4g}" for badge, value in zip(("A", *badges), values, strict=True)]
        return f"The number of requests that are answered differs: {_joined(told)} a second."
    if len(differences) == 1:
        return _pair(figure, differences[0], badges[0])
    told = [_clause(figure, one, badge) for one, badge in zip(differences, badges, strict=True) if tells(one)]
    rest = [badge for one, badge in zip(differences, badges, strict=True) if not tells(one)]
    sentence = f"{_joined(told)} as A"
    if rest:
        return f"{sentence}; {_joined(rest)} {'does' if len(rest) == 1 else 'do'} not differ clearly."
    return f"{sentence}."


def unclear(repeats: int) -> str:
    """The sentence where nothing differs clearly. Few repeats hardly ever tell: then that is no news of the runs."""
    if repeats >= USEFUL:
        return NONE
    return f"No clear difference: {repeats} repeats of each hardly show one; give {USEFUL} or more."


def once(differences: Sequence[Difference], badges: Sequence[str]) -> str:
    """The sentence after one run of each, which can show no clear difference: the throughput of B, C, D (`badges`) to
    A's, as it was seen.
    """
    told = [
        f"{badge} answered {factor(one.ratio)} times"
        for one, badge in zip(differences, badges, strict=True)
        if one.ratio is not None
    ]
    if not told:
        return "One run of each shows no clear difference; give more repeats."
    return f"In one run of each {_joined(told)} as many requests as A; only more repeats show whether that is clear."


def tells(difference: Difference, least: float = LEAST) -> bool:
    """Whether a difference is clear, and with a factor of at least so much large enough to speak of."""
    ratio = difference.ratio
    return difference.clear and (ratio is None or max(ratio, 1 / ratio) >= least)


def _pair(figure: str, difference: Difference, badge: str) -> str:
    winner, by = _winner(figure, difference.ratio or 1.0, badge)
    return f"{winner} answers {_much(figure, by)}."


def _clause(figure: str, difference: Difference, badge: str) -> str:
    ratio = difference.ratio or 1.0
    return f"{badge} answers {_share(ratio if figure == 'throughput_rps' else 1 / ratio, figure)}"


def _winner(figure: str, ratio: float, badge: str) -> tuple[str, float]:
    """Who is better, and by what factor."""
    better = ratio if figure == "throughput_rps" else 1 / ratio
    return (badge, better) if better >= 1 else ("A", 1 / better)


def _much(figure: str, by: float) -> str:
    where = {"latency_p50_ms": " at the median", "latency_p99_ms": " at the 99th percentile"}.get(figure, "")
    if figure == "throughput_rps":
        return f"{factor(by)} times as many requests" if by >= TIMES_FROM else f"{_percent(by)} more requests"
    return f"{factor(by)} times as fast{where}" if by >= TIMES_FROM else f"{_percent(by)} faster{where}"


def _share(better: float, figure: str) -> str:
    where = {"latency_p50_ms": " at the median", "latency_p99_ms": " at the 99th percentile"}.get(figure, "")
    if figure == "throughput_rps":
        return f"{factor(better)} times as many requests"
    return f"{factor(better)} times as fast{where}"


def _percent(by: float) -> str:
    return f"{100 * (by - 1):.0f} %"


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
