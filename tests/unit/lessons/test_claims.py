"""Claims are judged by figures; each can fail."""

from dataclasses import replace
from typing import Any

import pytest

from explorer.catalog import Catalog
from explorer.desktop.lessons.reveal import reveal
from explorer.lessons import headless
from explorer.lessons.claims import NO_FIGURE, judge, number
from explorer.lessons.derived import derived
from explorer.lessons.headless import judge_all
from explorer.lessons.lesson import Claim, Lesson, Run
from explorer.lessons.library import Library
from explorer.paths import resources

FIGURES: dict[str, dict[str, Any]] = {
    "main": {
        "makespan_s": 3.2,
        "thread_pool": {"peak": 40},
        "requests_total": {"ok": 100},
        "requests": {"ok": 100},
        "window": {"start_s": 1.0, "end_s": 5.0},
        "processes": [
            {"role": "server", "cpu_s": 3.0}, {"role": "pool", "cpu_s": 1.0}, {"role": "load", "cpu_s": 0.5},
            {"role": "window", "cpu_s": 0.3}, {"role": "upstream", "cpu_s": 9.0},
        ],
    },
    "try": {"makespan_s": 1.2},
}  # fmt: skip


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    found = Library(Catalog(), (resources() / "lessons",)).find("forty-tokens")
    assert isinstance(found, Lesson)
    return found


def test_the_claims_of_the_forty_tokens_hold_for_figures_like_these(lesson: Lesson) -> None:
    results = judge_all(lesson, FIGURES)
    assert [result.holds for result in results] == [True] * 4
    assert results[0].evidence == "3.2; expected 3 ± 15 %, +7 %"
    assert results[1].evidence == "40; expected exactly 40"
    assert results[3].evidence == "1.2; expected at most 1.6"


@pytest.mark.parametrize(
    ("how", "bound", "holds"),
    [
        ("equals", "3", True), ("equals", "2.7", False), ("equals", "4", False), ("at_least", "3.2", True),
        ("at_least", "3.21", False), ("at_most", "3.2", True), ("at_most", "3.19", False), ("is", "3.2", True),
        ("is", "3", False), ("is", "'3.2'", False), ("at_most", "'x'", False), ("equals", "main.absent", False),
    ],
)  # fmt: skip
def test_each_way_of_comparing_can_hold_and_can_fail(lesson: Lesson, how: str, bound: str, holds: bool) -> None:
    claim = Claim("It takes so long.", "main.makespan_s", how, bound)  # type: ignore[arg-type]  # parametrized
    (result,) = judge(replace(lesson, claims=(claim,)), FIGURES, {})
    assert result.holds is holds
    assert result.evidence


def test_a_claim_over_a_run_that_was_not_made_fails_and_says_so(lesson: Lesson) -> None:
    results = judge_all(lesson, {"main": FIGURES["main"]})
    assert not results[3].holds
    assert "There is no 'try' here." in results[3].evidence


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        ({"cores": 4, "others_share": 0.25, "steal_share": 0.1}, "; other programs took 1.4 cores meanwhile"),
        ({"cores": 4, "others_share": 0.25, "steal_share": None}, "; other programs took 1.0 cores meanwhile"),
        ({"cores": 4, "others_share": 0.02, "steal_share": 0.0}, ""),
        ({"cores": None, "others_share": None, "steal_share": None}, ""),
    ],
)
def test_a_claim_about_cores_says_who_else_used_them(lesson: Lesson, machine: dict[str, Any], said: str) -> None:
    figures = {"main": {**FIGURES["main"], "machine": machine}}
    cores = Claim("All cores.", "main.makespan_s", "at_most", "max(4, C)")
    (about, other) = judge(replace(lesson, claims=(cores, lesson.claims[0])), figures, {"C": 2.0})
    assert about.evidence == f"3.2; expected at most 4{said}"
    assert "other programs" not in other.evidence


def test_what_a_request_costs_and_which_cores_are_left() -> None:
    found = derived(FIGURES["main"], 2)
    assert found["D"] == pytest.approx(0.04)
    assert found["C"] == pytest.approx(2 - 0.8 / 4)
    assert derived({}, 2) == {"C": 2}


@pytest.mark.parametrize(
    ("value", "words"), [(3.0, "3"), (0.12345, "0.123"), (12345.6, "12,346"), (True, "yes"), ("40001", "40001")]
)
def test_numbers_are_written_as_they_are_read(value: object, words: str) -> None:
    assert number(value) == words


def test_cores_that_others_took_are_not_left() -> None:
    machine = {"cores": 2, "others_share": 0.25, "steal_share": 0.1}
    alone, beside = derived(FIGURES["main"], 2), derived({**FIGURES["main"], "machine": machine}, 2)
    assert beside["C"] == pytest.approx(alone["C"] - 0.7)
    assert derived({**FIGURES["main"], "machine": {**machine, "steal_share": None}}, 2)["C"] > beside["C"]


def test_a_run_that_is_not_valid_is_not_judged(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {**FIGURES["main"], "valid": False, "invalid_reason": "The server died."}
    monkeypatch.setitem(headless._CARRIED_OUT, "server", lambda *_: broken)
    outcome = headless.run_lesson(Catalog(), lesson)
    assert not outcome.passed
    assert outcome.as_json()["unjudged"] == "The run “100 at once, 40 tokens” is not valid: The server died."
    assert outcome.as_json()["claims"] == []
    figures = {"main": broken}
    shown = reveal(lesson, figures, {})
    assert (shown.claims, shown.open_claims) == ((), ())
    assert shown.unjudged_claims == lesson.claims
    assert shown.unjudged == outcome.unjudged, "the window gives the same reason"


def test_a_figure_that_a_run_does_not_have_is_told_in_words(lesson: Lesson) -> None:
    claim = Claim(
        "It is late.", "pick(main.findings, 'id', 'timers_late')[0].evidence.figures.latest_ms", "at_most", "9"
    )
    misspelt = Claim("It is slow.", "main.lateny_ms", "at_most", "9")
    figures = {"main": {**FIGURES["main"], "findings": []}}
    told, wrong = reveal(replace(lesson, claims=(claim, misspelt)), figures, {}).claims
    assert not told.holds
    assert told.evidence == NO_FIGURE
    assert not wrong.holds
    # Whoever wrote the lesson learns of the mistake.
    assert wrong.evidence == "There is no 'lateny_ms' among the figures."


def test_claims_of_a_valid_run_are_judged_beside_one_that_is_not(lesson: Lesson) -> None:
    figures = {"main": FIGURES["main"], "try": {"valid": False, "invalid_reason": "12 records were lost."}}
    shown = reveal(lesson, figures, {})
    assert [claim.holds for claim in shown.claims] == [True] * 3
    assert shown.unjudged_claims == lesson.claims[3:]
    assert shown.unjudged == "The run “The same with 100 tokens” is not valid: 12 records were lost."
    both = {**figures, "main": {"valid": False, "invalid_reason": "The server died."}}
    assert reveal(lesson, both, {}).unjudged == (
        "The run “100 at once, 40 tokens” is not valid: The server died. "
        "The run “The same with 100 tokens” is not valid: 12 records were lost."
    )
    before = reveal(lesson, {"main": FIGURES["main"]}, {})
    assert (before.open_claims, before.unjudged_claims, before.unjudged) == (lesson.claims[3:], (), "")


@pytest.mark.parametrize(
    ("reason", "settles", "judged"),
    [
        ("The run was too short: warm-up and five responses take 19.1 s, it lasted 5.0 s.", False, True),
        ("The run was too short: warm-up and five responses take 19.1 s, it lasted 5.0 s.", True, False),
        ("The server died. The run was too short: warm-up and five responses take 3 s, it lasted 2 s.", False, False),
        ("The run was too short: five responses take 3.5 s, it lasted 2.0 s. 12 records were lost.", False, False),
    ],
)
def test_a_queue_that_grows_never_settles_and_is_judged_all_the_same(reason: str, settles: bool, judged: bool) -> None:
    run = Run("main", "A queue", "server", settles=settles)
    assert (run.unjudged({"valid": False, "invalid_reason": reason}) == "") is judged
    assert run.unjudged({"valid": True}) == ""
