"""Figures as they are read from the last row: few digits, the unit small. No Qt."""

import re
from collections.abc import Mapping
from typing import Any, Final

from explorer.desktop.lessons.words import unit_of
from explorer.lessons.expression import ExpressionError, evaluate
from explorer.lessons.lesson import Lesson, Slide

WHOLE_FROM: Final = 20.0
"""From here on nobody in a room needs a digit behind the point."""
NEARLY: Final = 0.05


def figure(value: float) -> str:
    """ "3.2", "5", "0.18", "1,204": at most three digits that count below a thousand."""
    if abs(value) >= WHOLE_FROM or abs(value - round(value)) < NEARLY * min(1.0, abs(value)):
        return f"{value:,.0f}"
    if abs(value) < 0.1:
        return f"{value:.2g}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2f}"


def with_unit(value: float, unit: str) -> str:
    """ "3.2 s", "5/s", "4×": a sign stands close."""
    return f"{figure(value)}{'' if unit[:1] in ('/', '×', '%') else ' '}{unit_of(value, unit)}".strip()


def measured(slide: Slide, names: Mapping[str, Any]) -> float | None:
    """The slide's number over what is known by now; None as long as it has none."""
    return value_of(slide.number, names) if slide.number else None


def value_of(expression: str, names: Mapping[str, Any]) -> float | None:
    """The number that an expression comes to; None where it comes to none (yet)."""
    try:
        value = evaluate(expression, names)
    except ExpressionError:
        return None
    return float(value) if isinstance(value, (int, float)) else None


def law(lesson: Lesson, slide: Slide, names: Mapping[str, Any]) -> tuple[str, float] | None:
    """The law as it stands on a board, and what it comes to; None where the slide has none, or no value of it yet."""
    if not slide.law or not lesson.question.law:
        return None
    value = value_of(lesson.question.law, names)
    return None if value is None else (lesson.question.law_text, value)


def runs_of(lesson: Lesson, slide: Slide) -> tuple[str, ...]:
    """The runs that a slide needs: its own first, then those that its number and its law compare with."""
    told = " ".join((slide.number, lesson.question.law if slide.law else ""))
    others = (run.id for run in lesson.runs if re.search(rf"(?<![\w.]){re.escape(run.id)}(?=[.\[])", told))
    return tuple(dict.fromkeys((*((slide.run,) if slide.run else ()), *others)))
