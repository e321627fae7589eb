"""The order of what is sent, without any database."""

from explorer.labs.isolation.child.plan import OWN, Plan
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
