"""The order of what is sent, without any database, and what is never sent."""

from dataclasses import replace

import pytest

from explorer.labs.isolation.child.plan import OWN, Plan, check_reach
from explorer.options import OptionError
from tests.isolation_runs import schedule

STEPS = schedule("A: one", "B: two", "A: three", "A: COMMIT", "B: four", "A: BEGIN", "A: five")


def order(plan: Plan, waiting: tuple[str, ...] = ()) -> list[int]:
    found = []
    while (item := plan.peek(waiting)) is not None:
        plan.take(item)
        found.append(item.step)
    return found


def test_it_is_the_schedules_order() -> None:
    assert order(Plan(STEPS)) == list(range(7))


def test_who_waits_is_passed_over_and_comes_first_afterwards() -> None:
    plan = Plan(STEPS)

    assert order(plan, ("B",)) == [0, 2, 3, 5, 6]
    item = plan.peek(())
    assert item is not None
    assert (item.step, item.late) == (1, True)
    assert plan.has("B")
    assert not plan.has("A")


def test_a_retry_sends_the_whole_transaction_before_all_else_and_nothing_twice() -> None:
    plan = Plan(STEPS)
    for _ in range(3):
        item = plan.peek(())
        assert item is not None
        plan.take(item)

    plan.again("A", 0, 1)
    plan.roll_back("A", 0)

    assert order(plan) == [OWN, 0, 2, 3, 4, 5, 6]


def test_what_was_written_in_a_window_is_checked_like_a_file() -> None:
    good = schedule("A: SELECT 1", "B: DELETE FROM account")
    check_reach(good)

    with pytest.raises(OptionError, match="Step 2 is not sent: a step cannot begin with DROP"):
        check_reach(schedule("A: SELECT 1", "B: DROP TABLE account"))
    other = replace(good.steps[0], instead={"mariadb": "DELETE FROM mysql.user"})
    with pytest.raises(OptionError, match="Step 1 is not sent: a schedule works on its own tables alone"):
        check_reach(replace(good, steps=(other, good.steps[1])))
    with pytest.raises(OptionError, match="The figure of this scenario is not asked for: a step cannot begin with"):
        check_reach(replace(good, number=("DROP TABLE account", "x")))
