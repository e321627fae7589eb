"""CPU and memory: few processes one by one, many by role, and never more rows than can be read."""

import pytest

from explorer.desktop.panels.metrics import Usage, cpu_rows
from explorer.records.states import Role

MB = 1e6
FEW = [Usage(Role.SERVER, 10, 0.5, 60 * MB), Usage(Role.LOAD, 11, 0.1, 50 * MB)]
MANY = [
    Usage(Role.SERVER, 10, 0.0, 60 * MB),
    *(Usage(Role.WORKER, 20 + number, 0.1, 50 * MB) for number in range(4)),
    *(Usage(Role.POOL, 30 + number, 0.2, 20 * MB) for number in range(8)),
    Usage(Role.LOAD, 40, 0.1, 50 * MB),
    Usage(Role.SAMPLER, 41, 0.05, 30 * MB),
    Usage(Role.WINDOW, 42, 0.2, 150 * MB),
]


def test_few_processes_have_a_row_each() -> None:
    assert [(row.name, row.cpu, row.memory) for row in cpu_rows(FEW, 4)] == [
        ("server", 0.5, "60 MB"),
        ("load", 0.1, "50 MB"),
    ]


def test_many_are_summed_up_by_role() -> None:
    rows = cpu_rows(MANY, 6)
    assert [row.name for row in rows] == ["server", "4 workers", "8 pool processes", "load", "sampler", "window"]
    assert rows[1].memory == "200 MB"
    assert rows[1].strong


def test_where_room_is_short_the_last_row_stands_for_the_rest() -> None:
    rows = cpu_rows(MANY, 4)
    assert [row.name for row in rows] == ["server", "4 workers", "8 pool processes", "3 others"]
    assert rows[-1].memory == "230 MB"
    assert sum(row.cpu for row in rows) == pytest.approx(sum(one.cpu for one in MANY))
