"""A schedule as plain data on its way to the lab's child: what is needed to run it, and nothing to judge it by."""

from collections.abc import Mapping
from typing import Any

from explorer.labs.isolation.schedule import Schedule, Session, Step, Table
from explorer.labs.isolation.trace import Facts, rows_as_json, rows_from_json


def schedule_as_json(schedule: Schedule) -> dict[str, Any]:
    """Plain data."""
    return {
        "id": schedule.id,
        "tables": [[table.name, list(table.columns), rows_as_json(table.rows)] for table in schedule.tables],
        "sessions": [[session.name, session.title, session.retries] for session in schedule.sessions],
        "steps": [
            {
                "session": step.session, "sql": step.sql, "keep": step.keep, "instead": dict(step.instead),
                "must_change": step.must_change,
            }
            for step in schedule.steps
        ],
        "number": list(schedule.number),
    }  # fmt: skip


def schedule_from_json(data: Mapping[str, Any]) -> Schedule:
    """The other way round; its title, conditions and the like are empty."""
    query, words = data["number"]
    return Schedule(
        id=data["id"],
        title="",
        group="",
        sentence="",
        tables=tuple(Table(name, tuple(columns), rows_from_json(rows)) for name, columns, rows in data["tables"]),
        sessions=tuple(Session(*session) for session in data["sessions"]),
        steps=tuple(Step(**step) for step in data["steps"]),
        happened=(),
        number=(query, words),
    )


def facts_as_json(facts: Facts) -> dict[str, Any]:
    """Plain data."""
    return {
        "engine": facts.engine, "title": facts.title, "version": facts.version, "where": facts.where,
        "place": facts.place, "settings": dict(facts.settings), "levels": list(facts.levels), "watch": facts.watch,
        "guard": facts.guard,
    }  # fmt: skip


def facts_from_json(data: Mapping[str, Any]) -> Facts:
    """The other way round."""
    return Facts(**{**data, "levels": tuple(data["levels"])})
