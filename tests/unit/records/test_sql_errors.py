"""The engine's code in errors as drivers raise them."""

import sqlite3

import psycopg
import pymysql
import pytest
from sqlalchemy.exc import OperationalError

from explorer.records.sql_errors import engine_code, is_worth_a_retry, meaning


def sqlite_error() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorname = "SQLITE_BUSY_SNAPSHOT"
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (psycopg.errors.SerializationFailure("could not serialize"), "40001"),
        (pymysql.OperationalError(1213, "Deadlock found"), "1213"),
        (sqlite_error(), "SQLITE_BUSY_SNAPSHOT"),
        (OperationalError("UPDATE", {}, psycopg.errors.DeadlockDetected("x")), "40P01"),
        (OperationalError("UPDATE", {}, pymysql.OperationalError(1205, "Lock wait")), "1205"),
        (ConnectionRefusedError(111, "Connection refused"), "ConnectionRefusedError"),
        (OperationalError("UPDATE", {}, ValueError("no code")), "ValueError"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_the_code_is_the_engines(error: BaseException, code: str) -> None:
    assert engine_code(error) == code


def test_what_was_only_in_somebodys_way_is_worth_a_retry() -> None:
    codes = ("40001", "40P01", "1213", "1020", "1205", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED")
    assert [code for code in codes if not is_worth_a_retry(code)] == []
    assert [code for code in ("23505", "1062", "SQLITE_FULL", "ValueError", "57P01") if is_worth_a_retry(code)] == []
    assert meaning("40P01") == "deadlock"
    assert meaning("ValueError") == ""
