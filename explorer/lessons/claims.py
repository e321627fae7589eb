"""Whether the figures bear out what a lesson claims, and the numbers that say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from explorer.lessons.expression import ExpressionError, NotMeasured, evaluate, names_in
from explorer.lessons.lesson import Claim, Lesson

NO_FIGURE: Final = "The run has no figure for this: nothing of the kind was found in it."
MENTIONED: Final = 0.1
"""Cores: what other programs took is told from here on."""


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """A claim, whether it holds, and the numbers: "3.21, the law says 3 (+7 %)"."""

    text: str
    holds: bool
    evidence: str


def judge(lesson: Lesson, figures: Mapping[str, Mapping[str, Any]], extra: Mapping[str, float]) -> list[ClaimResult]:
    """Judge every claim over `figures` (the JSON of each run by its id) and `extra` values (C and D)."""
    names = {**lesson.values, **extra, **figures}
    others = _others(figures.get(lesson.runs[0].id, {}))
    return [_judged(claim, names, others) for claim in lesson.claims]


def _judged(claim: Claim, names: Mapping[str, Any], others: str) -> ClaimResult:
    """`others` is told where the claim is about the cores that were left, and where it does not hold."""
    try:
        figure, bound = evaluate(claim.figure, names), evaluate(claim.bound, names)
        holds = _holds(claim, figure, bound)
        about_cores = "C" in names_in(claim.figure) | names_in(claim.bound)
    except NotMeasured:
        return ClaimResult(claim.text, False, NO_FIGURE)
    except (ExpressionError, TypeError) as error:
        return ClaimResult(claim.text, False, str(error))
    return ClaimResult(
        claim.text, holds, _evidence(claim, figure, bound) + (others if about_cores or not holds else "")
    )


def _others(figures: Mapping[str, Any]) -> str:
    """Who else used the cores while the main run went on, in words; empty where it was next to nothing or not known."""
    machine = figures.get("machine") or {}
    shares = (machine.get("others_share") or 0.0) + (machine.get("steal_share") or 0.0)
    cores = shares * (machine.get("cores") or 0)
    return f"; other programs took {cores:.1f} cores meanwhile" if cores >= MENTIONED else ""


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
