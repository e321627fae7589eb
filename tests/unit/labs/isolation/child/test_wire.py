"""A schedule and facts come through the channel as they were."""

import json

from explorer.labs.isolation.child.wire import (
    facts_as_json,
    facts_from_json,
    schedule_as_json,
    schedule_from_json,
)
from explorer.labs.isolation.trace import Facts
from tests.isolation_runs import LOST_UPDATE, must_change


def test_a_schedule_comes_through() -> None:
    one = must_change(LOST_UPDATE, 3)

    back = schedule_from_json(json.loads(json.dumps(schedule_as_json(one))))

    assert (back.id, back.tables, back.sessions, back.steps, back.number) == (
        one.id, one.tables, one.sessions, one.steps, one.number
    )  # fmt: skip


def test_facts_come_through() -> None:
    facts = Facts("sqlite", "SQLite 3", "3", "here", "a file", {"journal_mode": "wal"}, ("AUTOCOMMIT",), "It asks.")

    assert facts_from_json(json.loads(json.dumps(facts_as_json(facts)))) == facts
