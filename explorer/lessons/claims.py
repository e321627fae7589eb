"""Whether the figures bear out what a lesson claims, and the numbers that say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from explorer.lessons.expression import ExpressionError, evaluate
from explorer.lessons.lesson import Claim, Lesson


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """A claim, whether it holds, and the numbers: "3.21, the law says 3 (+7 %)"."""

    text: str
    holds: bool
    evidence: str


def judge(lesson: Lesson, figures: Mapping[str, Mapping[str, Any]], extra: Mapping[str, float]) -> list[ClaimResult]:
    """Judge every claim over `figures` (the JSON of each run by its id) and `extra` values (C and D)."""
    names = {**lesson.values, **extra, **figures}
    return [_judged(claim, names) for claim in lesson.claims]


def _judged(claim: Claim, names: Mapping[str, Any]) -> ClaimResult:
    try:
        figure, bound = evaluate(claim.figure, names), evaluate(claim.bound, names)
        holds = _holds(claim, figure, bound)
    except (ExpressionError, TypeError) as error:
        return ClaimResult(claim.text, False, str(error))
    return ClaimResult(claim.text, holds, _evidence(claim, figure, bound))


def _holds(claim: Claim, figure: Any, bound: Any) -> bool:
    match claim.how:
        case "equals":
            return bool(abs(figure - bound) <= claim.within * abs(bound))
        case "at_least":
            return bool(figure >= bound)
        case "at_most":
            return bool(figure <= bound)
        case "is":
            return bool(figure == bound)


def _evidence(claim: Claim, figure: Any, bound: Any) -> str:
    measured, expected = number(figure), number(bound)
    if claim.how == "equals":
        off = f", {100 * (figure - bound) / bound:+.0f} %" if bound else ""
        return f"{measured}; expected {expected} ± {100 * claim.within:.0f} %{off}"
    words = {"at_least": "at least", "at_most": "at most", "is": "exactly"}[claim.how]
    return f"{measured}; expected {words} {expected}"


def number(value: Any) -> str:
    """A figure as it is read: three digits are enough, and a whole number is one."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"
    return str(value)
