"""Part of an exported test: PostgreSQL by psycopg, in a schema of the test's own."""

import contextlib
import secrets

import psycopg


class Engine:
    """A statement waits when pg_blocking_pids names somebody: a connection of its own asks the server."""

    Error = psycopg.Error

    def __init__(self, url, tables):
        self.url, self.schema = url, f"isolation_{secrets.token_hex(4)}"
        self.monitor = psycopg.connect(url, autocommit=True)
        try:
            self._make(tables)
        except BaseException:
            self.remove()
            raise

    def _make(self, tables):
        self.monitor.execute(f"CREATE SCHEMA {self.schema}")
        self.monitor.execute(f"SET search_path TO {self.schema}")
        for name, (columns, rows) in tables.items():
            self.monitor.execute(f"CREATE TABLE {name} ({columns}) WITH (autovacuum_enabled = false)")
            for row in rows:
                self.monitor.execute(f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(row))})", row)

    def connect(self, level):
        connection = psycopg.connect(self.url, autocommit=True)
        connection.execute(f"SET search_path TO {self.schema}")
        return connection

    def begin(self, level):
        return f"BEGIN ISOLATION LEVEL {level}"

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
        question = "SELECT cardinality(pg_blocking_pids(%s)) > 0"
        return self.monitor.execute(question, [connection.info.backend_pid]).fetchone()[0]

    def code(self, error):
        return error.sqlstate

    def refuses(self, code):
        return code in ("40001", "40P01")

    def deadlock(self, code):
        return code == "40P01"

    def ends(self, connection, code):
        return True

    def table(self, name):
        return self.monitor.execute(f"SELECT * FROM {name}").fetchall()

    def close(self, connection):
        self.monitor.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        with contextlib.suppress(psycopg.Error):
            connection.close()

    def remove(self):
        self.monitor.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
        self.monitor.close()
