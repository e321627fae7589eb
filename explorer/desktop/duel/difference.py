"""A row of the table of differences: what it says and where its mark stands on the logarithmic axis. No Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log
from typing import Any

from explorer.session.duel_figures import BY_ID
from explorer.session.duel_table import as_list, interval_words, intervals_of, number, ratio_words

SPAN = log(30.0)
"""A factor of so much, better or worse, reaches the end of the axis; more stays there."""
NO_CLEAR = "No clear difference"


@dataclass(frozen=True, slots=True)
class Mark:
    """A ratio on the axis: its place `at`, and the ends `low` to `high` of its interval, from -1 (worst) to 1 (best);
    None where there is none. `better`: clearly better, clearly worse (False), neither (None).
    """

    at: float | None
    low: float | None
    high: float | None
    better: bool | None


@dataclass(frozen=True, slots=True)
class RowWords:
    """One figure: `values` for A, B, …; `ratios`, `intervals` and `marks` for B, C, D."""

    figure: str
    title: str
    unit: str
    values: tuple[str, ...]
    ratios: tuple[str, ...]
    intervals: tuple[str, ...]
    marks: tuple[Mark, ...]
    clear: tuple[bool, ...]

    @property
    def sentence(self) -> str:
        """What a screen reader says, and the tooltip."""
        told = [
            f"{ratio} ({interval})" if clear and interval else ratio if clear else NO_CLEAR.lower()
            for ratio, interval, clear in zip(self.ratios, self.intervals, self.clear, strict=True)
        ]
        return f"{self.title}, {self.unit}: {' · '.join(self.values)}; {' · '.join(told)}"


def rows_of(told: Mapping[str, Any], cause: str | None) -> list[RowWords]:
    """The rows of a duel sorted by effect: the verdict's figure, what differs clearly by how much, then the rest."""
    found = [each for each in told["differences"] if each["figure"] in BY_ID]
    lead = told.get("figure")

    def effect(each: Mapping[str, Any]) -> tuple[int, float]:
        clear = any(as_list(each["clear"]))
        sizes = [
            abs(log(ratio)) if ratio and ratio > 0 else SPAN
            for ratio, one in zip(as_list(each["ratio"]), as_list(each["clear"]), strict=True)
            if one
        ]
        first = 0 if each["figure"] == lead else 1 if each["figure"] == cause else 2 if clear else 3
        return first, -max(sizes, default=0.0)

    return [_row(each) for each in sorted(found, key=effect)]


def mark(figure: str, ratio: float | None, interval: Sequence[float | None] | None, clear: bool) -> Mark:
    """Where a ratio stands: to the right is better, whichever way that is for the figure."""
    less = BY_ID[figure].better == "less"
    if ratio is None or ratio <= 0:
        return Mark(None, None, None, None)
    at = _place(ratio, less)
    ends = sorted(_place(end, less) for end in interval) if interval is not None else (None, None)
    told = clear and bool(BY_ID[figure].better)
    return Mark(at, ends[0], ends[1], at > 0 if told else None)


def _place(ratio: float | None, less: bool) -> float:
    if ratio is None or not isfinite(ratio):
        value = 1.0
    elif ratio <= 0:
        value = -1.0
    else:
        value = min(max(log(ratio) / SPAN, -1.0), 1.0)
    return -value if less else value


def _row(each: Mapping[str, Any]) -> RowWords:
    figure = BY_ID[each["figure"]]
    first, *others = each["values"]
    ratios, intervals, clear = as_list(each["ratio"]), intervals_of(each), as_list(each["clear"])
    return RowWords(
        figure.id,
        figure.title,
        figure.unit,
        tuple(number(value) for value in each["values"]),
        tuple(ratio_words(ratio, first, other) for ratio, other in zip(ratios, others, strict=True)),
        tuple(interval_words(ratio, interval) for ratio, interval in zip(ratios, intervals, strict=True)),
        tuple(mark(figure.id, *three) for three in zip(ratios, intervals, clear, strict=True)),
        tuple(bool(one) for one in clear),
    )
