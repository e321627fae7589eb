"""What all engines have in common: literals, tables, values, and how a place of the lab's is known."""

import re
import time
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from explorer.labs.isolation.engines.engine import plain
from explorer.labs.isolation.engines.mariadb import MariaDb
from explorer.labs.isolation.engines.place import MARK, PATTERN, is_old, mark, new_name, nobody_keeps
from explorer.labs.isolation.engines.sqlite import Sqlite
from explorer.labs.isolation.schedule import Step, Table

SQLITE = Sqlite(Path(), "delete", lambda: None)
MARIA = MariaDb("mariadb://me@db", nobody_keeps)


def test_literals() -> None:
    assert [SQLITE.literal(value) for value in (None, 3, "O'Hara\\")] == ["NULL", "3", "'O''Hara\\'"]
    assert MARIA.literal("O'Hara\\") == "'O''Hara\\\\'"


def test_a_table_gets_its_first_column_as_key_unless_it_names_one() -> None:
    plainly = Table("t", ("id integer", "v varchar(9)"), ((1, "x"),))
    named = Table("t", ("id integer PRIMARY KEY",), ())

    assert SQLITE.making(plainly, " X") == [
        "CREATE TABLE t (id integer, v varchar(9), PRIMARY KEY (id)) X", "INSERT INTO t (id, v) VALUES (1, 'x')"
    ]  # fmt: skip
    assert SQLITE.making(named) == ["CREATE TABLE t (id integer PRIMARY KEY)"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(True, 1), (7, 7), (Decimal("200"), 200), (Decimal("0.5"), "0.5"), (2.0, 2), (0.5, "0.5"), (None, None),
     (b"x", "x"), (Decimal("NaN"), "NaN"), (float("inf"), "inf")],
)  # fmt: skip
def test_values_are_whole_numbers_texts_or_nothing(value: Any, shown: object) -> None:
    assert plain(value) == shown
    assert type(plain(value)) is type(shown)


def test_mysql_takes_what_is_written_for_mariadb_unless_it_has_its_own() -> None:
    assert Step("A", "x", instead={"mariadb": "y"}).on("mysql") == "y"
    assert Step("A", "x", instead={"mariadb": "y", "mysql": "z"}).on("mysql") == "z"
    assert Step("A", "x", instead={"mysql": "z"}).on("mariadb") == "x"
    assert Step("A", "x").on("mysql") == "x"


def test_who_has_got_a_user_lock_between_two_questions_does_not_wait_for_herself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    maria = MariaDb("mariadb://me@db", nobody_keeps)
    ids = {"A": 1, "B": 2}
    statement = "SELECT GET_LOCK('x', 9)"
    maria._sessions = {name: SimpleNamespace(thread_id=id, statement=statement) for name, id in ids.items()}  # type: ignore[misc]
    holder = 1
    monkeypatch.setattr(maria, "_ask", lambda query, _=(): [(holder,)] if "IS_USED" in query else [(2, "User lock")])

    assert maria._of_states({2: "B"}) == {"B": ("A",)}
    holder = 2
    assert maria._of_states({2: "B"}) == {}


def test_a_place_of_the_labs_is_old_only_after_a_while() -> None:
    assert re.fullmatch(PATTERN, new_name())
    assert not is_old(mark())
    assert is_old(f"{MARK}{time.time() - 100:.0f}")
    assert not is_old("my own database")
    assert not is_old(None)
