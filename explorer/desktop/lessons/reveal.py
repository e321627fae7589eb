"""What a lesson's run came to: the answer measured, what the law says, the formula with the numbers put in, and the
claims. No Qt.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from explorer.desktop.lessons.words import number
from explorer.lessons.claims import ClaimResult, judge
from explorer.lessons.expression import ExpressionError, evaluate
from explorer.lessons.lesson import Claim, Lesson, Question

_NAME: Final = re.compile(r"[A-Za-z_]\w*")
Figures = Mapping[str, Mapping[str, Any]]
"""The figures of runs, by the runs' ids."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """`measured` and `law` in the question's unit; `formula` as on a board and `filled` with the numbers put in, both
    empty where no law holds. `claims` are judged; `open_claims` wait for runs that are not made yet. Of the figures of
    `unjudged_claims` nothing can be said; `unjudged` is why, in a sentence for each run, empty where there are none.
    """

    measured: float | None
    law: float | None
    formula: str
    filled: str
    claims: tuple[ClaimResult, ...]
    open_claims: tuple[Claim, ...]
    unjudged_claims: tuple[Claim, ...] = ()
    unjudged: str = ""


def reveal(lesson: Lesson, figures: Figures, extra: Mapping[str, float]) -> Revealed:
    """What the runs made so far show."""
    question = lesson.question
    law = value_of(question.law, lesson, figures, extra)
    invalid = {run.id: why for run in lesson.runs if run.id in figures and (why := run.unjudged(figures[run.id]))}
    runs_of = {claim: runs_named(f"{claim.figure} {claim.bound}", lesson) for claim in lesson.claims}
    unjudged = tuple(claim for claim in lesson.claims if invalid.keys() & set(runs_of[claim]))
    waiting = tuple(claim for claim in lesson.claims if claim not in unjudged and set(runs_of[claim]) - figures.keys())
    known = tuple(claim for claim in lesson.claims if claim not in (*unjudged, *waiting))
    found = judge(replace(lesson, claims=known), figures, extra) if figures else []
    reasons = dict.fromkeys(why for run, why in invalid.items() if any(run in runs_of[one] for one in unjudged))
    return Revealed(
        measured=value_of(question.answer, lesson, figures, extra),
        law=law,
        formula=question.law_text if law is not None else "",
        filled=filled(question.law_text, {**lesson.values, **extra}) if law is not None else "",
        claims=tuple(found),
        open_claims=waiting,
        unjudged_claims=unjudged,
        unjudged=" ".join(reasons),
    )


def value_of(text: str, lesson: Lesson, figures: Figures, extra: Mapping[str, float]) -> float | None:
    """The number that an expression comes to; None where it has none: no law holds, or the run has not measured it."""
    if not text:
        return None
    try:
        value = evaluate(text, {**lesson.values, **extra, **figures})
    except ExpressionError:
        return None
    return float(value) if isinstance(value, bool | int | float) else None


def filled(formula: str, values: Mapping[str, float]) -> str:
    """A formula with the numbers put in: "⌈N / T⌉ · S" becomes "⌈100 / 40⌉ · 1"."""
    return _NAME.sub(lambda found: number(values[found[0]]) if found[0] in values else found[0], formula)


def is_number(question: Question) -> bool:
    """Whether what is asked is a number: its answers may be choices, but those have a unit, and any other will do."""
    return question.kind == "number" or bool(question.unit)


def runs_named(text: str, lesson: Lesson) -> tuple[str, ...]:
    """The runs whose figures an expression uses, in the lesson's order."""
    return tuple(run.id for run in lesson.runs if re.search(rf"(?<![\w.]){re.escape(run.id)}\.", text))


def needed(lesson: Lesson) -> tuple[str, ...]:
    """The runs without which the question has no answer, the main one first."""
    named = runs_named(f"{lesson.question.answer} {lesson.question.law}", lesson)
    main = lesson.runs[0].id
    return (main, *(run for run in named if run != main))
