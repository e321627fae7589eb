"""Which rows the timeline of a sweep shows: the lab, its workers, the tasks. No Qt."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from explorer.desktop.timeline.rows import ICONS, REQUESTS_KEY, Row, RowKind
from explorer.records.states import Role

BESIDE: Final = frozenset(ICONS[role] for role in (Role.SAMPLER, Role.WINDOW))


def lab_rows(rows: Sequence[Row]) -> list[Row]:
    """The lab, its workers, the tasks: who watches is left out."""
    away = {row.group for row in rows if row.icon in BESIDE}
    first = [row.group for row in rows if row.kind is RowKind.GROUP and row.icon == ICONS[Role.LAB]]
    kept = [_of_tasks(row) for row in rows if row.group not in away]
    return sorted(kept, key=lambda row: row.group not in first)


def _of_tasks(row: Row) -> Row:
    """The group of requests, by its right name: here each is some tasks on their way."""
    if row.kind is RowKind.GROUP and row.group == REQUESTS_KEY:
        return replace(row, title="Tasks", note="from the making of their arguments to the result in hand")
    return row
