"""A process that asks a server all the time whether anybody waits for a lock.

It rests a little after each answer: on a machine with two cores it would be what keeps the lab waiting. Each time that
somebody begins to it writes one line: when the last question was sent whose answer was no, by the clock of records
(ns). `python -m tests.full.isolation_watch postgresql|mariadb PORT`, the administrator's password on stdin.
"""

import sys
import time
from collections.abc import Callable
from typing import Final

import psycopg
import pymysql

from explorer.records.clock import now_ns

PAUSE_S: Final = 0.0003


def main(engine: str, port: int, password: str) -> None:
    """Ask until killed."""
    anybody = _postgresql(port, password) if engine == "postgresql" else _mariadb(port, password)
    print("ready", flush=True)
    before = waiting = 0
    while True:
        sent = now_ns()
        was, waiting = waiting, anybody()
        if waiting and not was:
            print(before, flush=True)
        if not waiting:
            before = sent
        time.sleep(PAUSE_S)


def _postgresql(port: int, password: str) -> Callable[[], int]:
    connection = psycopg.connect(
        host="127.0.0.1", port=port, user="admin", password=password, dbname="postgres", autocommit=True
    )

    def anybody() -> int:
        row = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
        return int(row[0]) if row is not None else 0

    return anybody


def _mariadb(port: int, password: str) -> Callable[[], int]:
    connection = pymysql.connect(host="127.0.0.1", port=port, user="admin", password=password, autocommit=True)
    cursor = connection.cursor()

    def anybody() -> int:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")
        return int(cursor.fetchall()[0][1])

    return anybody


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.stdin.readline().strip())
