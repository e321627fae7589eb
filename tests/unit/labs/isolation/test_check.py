"""What the lab's child sends: what was made in a window is checked as a file is."""

from dataclasses import replace

import pytest

from explorer.labs.isolation.check import Wrong, check_run
from explorer.labs.isolation.schedule import Schedule, Table
from tests.isolation_runs import READ, put, schedule

UNKNOWN = put(1, "{seen}")
GOOD = schedule("A: SELECT 1 FROM account", "B: DELETE FROM account")


def test_what_can_run_needs_nothing_to_judge_it_by() -> None:
    check_run(GOOD)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (schedule("A: SELECT 1", "B: DROP TABLE account"), "Step 2: a step cannot begin with DROP"),
        (
            replace(GOOD, steps=(replace(GOOD.steps[0], instead={"mariadb": "DELETE FROM mysql.user"}), GOOD.steps[1])),
            "Step 1: a schedule works on its own tables alone",
        ),
        (
            schedule(f"A: {UNKNOWN}", f"A: {READ}", keep={2: "seen"}),
            "Step 1: no earlier step of A keeps 'seen'",
        ),
        (
            schedule(f"B: {READ}", f"A: {UNKNOWN}", keep={1: "seen"}),
            "Step 2: no earlier step of A keeps 'seen'",
        ),
        (replace(GOOD, number=("DROP TABLE account", "x")), "A step cannot begin with DROP"),
        (replace(GOOD, steps=(*GOOD.steps, replace(GOOD.steps[0], session="C"))), "Step 3: there is no session 'C'."),
    ],
)
def test_what_is_never_sent_is_one_sentence(bad: Schedule, sentence: str) -> None:
    with pytest.raises(Wrong) as wrong:
        check_run(bad)
    assert str(wrong.value.told()).startswith(sentence)


@pytest.mark.parametrize(
    "column",
    [
        "x integer DEFAULT lo_import(1)", "x integer REFERENCES other.users (id)", "x integer -- ",
        "x integer) ENGINE=CSV AS (SELECT 1", "x integer `", "x integer # ", "x integer DEFAULT $$a$$",
        "x integer CHECK (f(1) = 1)",
    ],
)  # fmt: skip
def test_a_column_reaches_nothing_else(column: str) -> None:
    bad = replace(GOOD, tables=(Table("account", ("id integer", column), ()),))
    with pytest.raises(Wrong, match="is no column"):
        check_run(bad)


def test_a_column_may_have_a_size_a_rule_and_a_table_of_the_schedule() -> None:
    columns = ("id integer PRIMARY KEY", "x decimal(10, 2) NOT NULL", "y integer CHECK (y > 0)")
    other = ("id integer REFERENCES account (id)", "z varchar(20) DEFAULT NULL")
    check_run(replace(GOOD, tables=(Table("account", columns, ()), Table("more", other, ()))))
