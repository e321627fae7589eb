"""Where a step of the isolation lab's ladder may go, and what a move or an edit makes of the schedule."""

from dataclasses import replace

import pytest

from explorer.desktop.labs.isolation.ladder.moves import moved, places, refusal, with_retry, with_sql
from explorer.labs.isolation.schedule import Condition, Step
from tests.unit.desktop_arithmetic.isolation_runs import LOST_UPDATE, aborted, blocked


@pytest.mark.parametrize(
    ("step", "place", "sentence"),
    [
        (2, 0, "Step 3 needs step 1 of the same session first."),
        (0, 3, "Step 3 needs step 1 of the same session first."),
        (2, 6, "A has already ended here."),
        (2, 1, ""),
        (2, 2, ""),
        (2, 3, ""),
        (2, 4, ""),
    ],
)
def test_a_session_cannot_overtake_itself(step: int, place: int, sentence: str) -> None:
    assert refusal(LOST_UPDATE, None, step, place) == sentence


def test_while_it_is_blocked_a_session_sends_nothing() -> None:
    words = "B is still waiting for A. Its next statement can come after step 5, when A ends."
    assert refusal(LOST_UPDATE, aborted(), 5, 4) == words
    assert refusal(LOST_UPDATE, None, 5, 4) == "", "nobody knows before it has run"
    assert places(LOST_UPDATE, aborted(), 5) == ()
    assert places(LOST_UPDATE, None, 5) == (4,)
    now = "B is still waiting for A. Its next statement can come when A ends."
    assert refusal(LOST_UPDATE, blocked(), 5, 4) == now


def test_places_of_a_step_are_between_its_neighbours() -> None:
    assert places(LOST_UPDATE, aborted(), 2) == (1, 4)
    assert places(LOST_UPDATE, aborted(), 0) == (2,)


def test_a_move_takes_along_what_is_said_of_steps_by_number() -> None:
    schedule = replace(LOST_UPDATE, happened=(Condition(reads={1: ((100,),)}, counts={3: 1, 4: 1}),))
    after, at = moved(schedule, 2, 1)
    assert at == 1
    assert [step.session for step in after.steps] == ["A", "A", "B", "B", "A", "B"]
    assert dict(after.happened[0].counts) == {2: 1, 4: 1}
    assert dict(after.happened[0].reads) == {1: ((100,),)}
    back, where = moved(after, 1, 3)
    assert (back, where) == (schedule, 2)


def test_an_edit_is_for_the_engine_that_has_its_own_statement() -> None:
    special = Step("A", "SELECT 1", instead={"sqlite": "SELECT 2"})
    schedule = replace(LOST_UPDATE, steps=(special, *LOST_UPDATE.steps[1:]))
    assert with_sql(schedule, 0, "SELECT 3", "sqlite").steps[0].on("sqlite") == "SELECT 3"
    assert with_sql(schedule, 0, "SELECT 3", "sqlite").steps[0].on("postgresql") == "SELECT 1"
    assert with_sql(schedule, 0, "SELECT 3", "postgresql").steps[0].on("postgresql") == "SELECT 3"
    of_mariadb = replace(LOST_UPDATE, steps=(Step("A", "SELECT 1", instead={"mariadb": "SELECT 2"}),))
    edited = with_sql(of_mariadb, 0, "SELECT 3", "mysql").steps[0]
    assert [edited.on(engine) for engine in ("mysql", "mariadb", "sqlite")] == ["SELECT 3", "SELECT 2", "SELECT 1"]


def test_a_retry_is_for_the_sessions_that_are_named() -> None:
    assert [one.retries for one in with_retry(LOST_UPDATE, ("B",)).sessions] == [0, 1]
