"""Part of an exported test: MariaDB or MySQL by PyMySQL, in a database of the test's own."""

import contextlib
import secrets
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql


class Engine:
    """The server says only that somebody waits for a row, not who, and nothing of waits for a lock by name: what has
    not ended after `PATIENCE_S` seconds is taken to wait. Where that is wrong the test only goes on earlier than it had
    to, and what is read then differs.
    """

    Error = pymysql.Error
    PATIENCE_S = 1.0

    def __init__(self, url, tables):
        self.url, self.database = urlsplit(url), f"isolation_{secrets.token_hex(4)}"
        self.monitor = self._open()
        try:
            self._make(tables)
        except BaseException:
            self.remove()
            raise

    def _make(self, tables):
        self.execute(self.monitor, f"CREATE DATABASE {self.database} CHARACTER SET utf8mb4")
        self.execute(self.monitor, f"USE {self.database}")
        for name, (columns, rows) in tables.items():
            self.execute(self.monitor, f"CREATE TABLE {name} ({columns}) ENGINE=InnoDB")
            for row in rows:
                with self.monitor.cursor() as cursor:
                    cursor.execute(f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(row))})", row)

    def _open(self):
        # What is affected by an UPDATE are the rows that it found, whether they changed or not.
        return pymysql.connect(
            host=self.url.hostname or "localhost",
            port=self.url.port or 3306,
            user=unquote(self.url.username or ""),
            password=unquote(self.url.password or ""),
            unix_socket=parse_qs(self.url.query).get("unix_socket", [None])[0],
            autocommit=True,
            client_flag=pymysql.constants.CLIENT.FOUND_ROWS,
        )

    def connect(self, level):
        connection = self._open()
        connection.select_db(self.database)
        if level != "AUTOCOMMIT":
            self.execute(connection, f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")
        return connection

    def begin(self, level):
        return "BEGIN"

    def execute(self, connection, sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            if cursor.description is None:
                return None, cursor.rowcount
            return list(cursor.fetchall()), None

    def literal(self, value):
        return self.monitor.escape(value)  # where the server takes backslashes for what they are, it does too

    def waits(self, connection, seconds):
        return seconds > self.PATIENCE_S

    def code(self, error):
        return str(error.args[0])

    def refuses(self, code):
        return code in ("1213", "1020")

    def deadlock(self, code):
        return code == "1213"

    def ends(self, connection, code):
        return code in ("1213", "1020")

    def table(self, name):
        return list(self.execute(self.monitor, f"SELECT * FROM {name}")[0])

    def close(self, connection):
        with contextlib.suppress(pymysql.Error):
            self.execute(self.monitor, f"KILL {connection.thread_id()}")
        with contextlib.suppress(pymysql.Error):
            connection.close()

    def remove(self):
        self.execute(self.monitor, f"DROP DATABASE IF EXISTS {self.database}")
        self.monitor.close()
