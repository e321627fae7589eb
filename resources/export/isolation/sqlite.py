"""Part of an exported test: SQLite by the standard library, in a file of the test's own."""

import contextlib
import sqlite3


class Engine:
    """Sessions wait in SQLite's busy handler, which says so to nobody: what has not ended after `PATIENCE_S` seconds is
    taken to wait. Where that is wrong the test only goes on earlier than it had to, and what is read then differs.
    """

    Error = sqlite3.Error
    PATIENCE_S = 1.0

    def __init__(self, folder, journal, tables):
        self.file = folder / "isolation.db"
        with contextlib.closing(self._open("AUTOCOMMIT")) as connection:
            connection.execute(f"PRAGMA journal_mode={journal}")
            for name, (columns, rows) in tables.items():
                connection.execute(f"CREATE TABLE {name} ({columns})")
                for row in rows:
                    connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)

    def _open(self, level):
        shared = "?cache=shared" if level == "READ UNCOMMITTED" else ""
        return sqlite3.connect(
            f"{self.file.as_uri()}{shared}", uri=True, timeout=20, isolation_level=None, check_same_thread=False
        )

    def connect(self, level):
        connection = self._open(level)
        if level == "READ UNCOMMITTED":
            connection.execute("PRAGMA read_uncommitted=1")
        return connection

    def begin(self, level):
        return "BEGIN IMMEDIATE" if level == "IMMEDIATE" else "BEGIN"

    def execute(self, connection, sql):
        cursor = connection.execute(sql)
        if cursor.description is None:
            return None, cursor.rowcount
        return cursor.fetchall(), None

    def literal(self, value):
        if value is None:
            return "NULL"
        return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)

    def waits(self, connection, seconds):
        return seconds > self.PATIENCE_S

    def code(self, error):
        # Before Python 3.11 the error has no name. What comes after the first two words differs between versions.
        name = getattr(error, "sqlite_errorname", None) or ("SQLITE_BUSY" if "locked" in str(error) else "SQLITE_ERROR")
        return "_".join(name.split("_")[:2])

    def refuses(self, code):
        return code in ("SQLITE_BUSY", "SQLITE_LOCKED")

    def deadlock(self, code):
        return False

    def ends(self, connection, code):
        return not connection.in_transaction

    def table(self, name):
        with contextlib.closing(self._open("AUTOCOMMIT")) as connection:
            return connection.execute(f"SELECT * FROM {name}").fetchall()

    def close(self, connection):
        connection.interrupt()
        connection.close()
