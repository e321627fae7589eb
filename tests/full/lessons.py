"""Every lesson, as it is shipped, holds on this machine; and each of its claims fails when it is made false by hand.

python -m tests.full lessons              all of them; the CPU laws want a machine that is idle otherwise
python -m tests.full.lessons one-sleeps   these, one line for each claim
"""

import sys
from collections.abc import Iterator
from dataclasses import replace

from explorer.catalog import Catalog
from explorer.lessons.headless import Outcome, judge_all, run_lesson
from explorer.lessons.lesson import Claim, Lesson
from explorer.lessons.library import Broken, Library
from explorer.paths import resources
from tests.full.outcome import Failed

MAY_BE_SKIPPED = ("no-gil",)
"""A Python without the GIL is not everywhere; all else comes with the development tools."""
FALSE = {"equals": "(-1) * ({}) - 1", "at_least": "{} + 10 ** 12", "at_most": "{} - 10 ** 12", "is": "'another'"}


def run() -> str:
    """Run them all; which held, and which were skipped."""
    return judged([])


def judged(names: list[str]) -> str:
    """Run these, or all."""
    catalog = Catalog()
    found = Library(catalog, (resources() / "lessons",)).lessons()
    if broken := [one.words for one in found if isinstance(one, Broken)]:
        raise Failed("; ".join(broken))
    wrong: list[str] = []
    held, skipped = 0, []
    for lesson in found:
        if isinstance(lesson, Lesson) and (not names or lesson.id in names):
            outcome = run_lesson(catalog, lesson)
            if outcome.skipped:
                skipped.append(f"{lesson.id} ({outcome.skipped})")
                if lesson.id not in MAY_BE_SKIPPED:
                    wrong.append(f"{lesson.id} was skipped: {outcome.skipped}")
                continue
            if outcome.unjudged:
                wrong.append(f"{lesson.id}: {outcome.unjudged}")
                continue
            held += outcome.passed
            wrong += faults(lesson, outcome)
    if wrong:
        raise Failed("; ".join(wrong))
    return f"{held} lessons hold, each claim fails when made false; skipped: {', '.join(skipped) or 'none'}"


def faults(lesson: Lesson, outcome: Outcome) -> Iterator[str]:
    """Claims that do not hold, and those that hold whatever they say."""
    for claim in outcome.claims:
        print(f"  {lesson.id:<18} {'holds' if claim.holds else 'FAILS'}  {claim.evidence:<44} {claim.text}", flush=True)
        if not claim.holds:
            yield f"{lesson.id}: {claim.text} {claim.evidence}"
    for each in lesson.claims:
        (result,) = judge_all(replace(lesson, claims=(made_false(each),)), outcome.figures)
        if result.holds:
            yield f"{lesson.id}: '{each.text}' cannot fail"


def made_false(claim: Claim) -> Claim:
    """The same with a bound that nothing meets."""
    return replace(claim, bound=FALSE[claim.how].format(f"({claim.bound})"))


if __name__ == "__main__":
    print(judged(sys.argv[1:]))
