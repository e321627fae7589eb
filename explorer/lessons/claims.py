"""Whether the figures of a lesson's runs bear out its claims, with the numbers as evidence."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from explorer.lessons.expression import ExpressionError, Value, evaluate
from explorer.lessons.lesson import Claim, Lesson


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """One claim, whether it holds, and the numbers that say so ("3.21, the law says 3.00, +7 %")."""

    text: str
    holds: bool
    evidence: str

    def as_json(self) -> dict[str, Any]:
        """Plain data: {text, holds, evidence}."""
        return {"text": self.text, "holds": self.holds, "evidence": self.evidence}


def names_of(lesson: Lesson, figures: Mapping[str, Mapping[str, Any]], extra: Mapping[str, float]) -> dict[str, Any]:
    """What the expressions of a lesson may name: its values, `extra` (C, D) and its runs' figures by the runs' ids."""
    return {**lesson.values, **extra, **figures}


def judge(lesson: Lesson, figures: Mapping[str, Mapping[str, Any]], extra: Mapping[str, float]) -> list[ClaimResult]:
    """All claims of `lesson`, in their order. A claim whose figures are missing does not hold, and says why."""
    names = names_of(lesson, figures, extra)
    return [_judged(claim, names) for claim in lesson.claims]


def _judged(claim: Claim, names: Mapping[str, Any]) -> ClaimResult:
    try:
        measured, bound = evaluate(claim.figure, names), evaluate(claim.bound, names)
        holds, evidence = _compared(claim, measured, bound)
    except ExpressionError as error:
        return ClaimResult(claim.text, False, str(error))
    return ClaimResult(claim.text, holds, evidence)


def _compared(claim: Claim, measured: Value, bound: Value) -> tuple[bool, str]:
    if claim.how == "is":
        return measured == bound, f"{told(measured)}, expected exactly {told(bound)}"
    if not isinstance(measured, (int, float)) or not isinstance(bound, (int, float)):
        raise ExpressionError(
            f"'{claim.figure}' is {told(measured)}, which is no number to compare with {told(bound)}."
        )
    if claim.how == "at_least":
        return measured >= bound, f"{told(measured)}, at least {told(bound)} expected"
    if claim.how == "at_most":
        return measured <= bound, f"{told(measured)}, at most {told(bound)} expected"
    if not bound:
        return measured == bound, f"{told(measured)}, the law says 0"
    off = (measured - bound) / bound
    holds = math.isfinite(off) and abs(off) <= claim.within
    return holds, f"{told(measured)}, the law says {told(bound)}, {off:+.0%} (±{claim.within:.0%} allowed)"


def told(value: Value) -> str:
    """A figure as it is read: three digits that count, thousands by commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(map(told, value)) or "none"
    if isinstance(value, int) or abs(value) >= 1000 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"
