"""Database servers that a test starts for itself: the system's PostgreSQL and MariaDB, as a user would run them.

Each has a private folder, listens on 127.0.0.1 alone at a free port, asks for a password, runs as an ordinary user even
when the test runs as root, and ends with the test whatever happens. Both keep the defaults of their settings, so that
what is measured is what a user of that release gets.

A server holds a database `shop` with content, the user's own: `dump` gives it as bytes, to compare before and after.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg
import pymysql

from explorer.child.lifeline.linux import PR_SET_PDEATHSIG

USER: Final = "student"
SHOP: Final = "shop"
START_LIMIT_S: Final = 60.0
STOP_LIMIT_S: Final = 20.0
POLL_S: Final = 0.02
ROOM: Final = 2 << 30
SHOP_CONTENT: Final = (
    "CREATE TABLE customer (id integer PRIMARY KEY, name varchar(40) NOT NULL)",
    "CREATE TABLE account (id integer PRIMARY KEY, customer integer REFERENCES customer (id), cents bigint NOT NULL)",
    "INSERT INTO customer VALUES (1, 'Ann'), (2, 'Ben'), (3, 'Zoë O''Hara')",
    "INSERT INTO account VALUES (10, 1, 12345), (11, 1, 0), (20, 2, 99), (30, 3, -7)",
    "CREATE VIEW owed AS SELECT customer, sum(cents) AS cents FROM account GROUP BY customer",
)
Rows = list[tuple[Any, ...]]


class Missing(Exception):
    """The server's programs are not on this machine."""


class Server(ABC):
    """A server in a folder of its own. `url` is that of an ordinary user who may make databases."""

    account: str
    """The user that it runs as when the test is root."""

    def __init__(self) -> None:
        if sys.platform != "linux":
            raise Missing("Servers are started for tests on Linux only.")
        self.find()
        self.password = secrets.token_urlsafe(18)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        # In memory where there is room: what is measured does not depend on the disk, and the test is faster.
        memory = Path("/dev/shm")
        roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
        self.home = Path(tempfile.mkdtemp(prefix="explorer-test-server-", dir=memory if roomy else None))
        try:
            if os.geteuid() == 0:
                entry = pwd.getpwnam(self.account)
                os.chown(self.home, entry.pw_uid, entry.pw_gid)
            self.make()
            self.start()
            self.fill()
        except BaseException:
            self.remove()
            raise

    @abstractmethod
    def find(self) -> None:
        """Look for the programs; raises `Missing`."""

    @abstractmethod
    def make(self) -> None:
        """Make the data folder."""

    @abstractmethod
    def command(self) -> list[str]:
        """What starts the server at `port`."""

    @abstractmethod
    def query(self, sql: str, database: str = "") -> Rows:
        """The rows of a query of the administrator, by a connection of its own."""

    @abstractmethod
    def fill(self) -> None:
        """Make the ordinary user, and her database with its content."""

    @abstractmethod
    def dump(self) -> bytes:
        """All of the user's database, the same bytes for the same content."""

    @abstractmethod
    def databases(self) -> set[str]:
        """The names of all databases."""

    @abstractmethod
    def sessions(self) -> int:
        """How many connections of the ordinary user there are."""

    @abstractmethod
    def held(self) -> int:
        """How many locks sessions of the ordinary user hold or wait for."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the ordinary user finds the server, with her password."""

    def start(self) -> None:
        """Start it, on the data there is and at the port it had before; returns when it answers."""
        for attempt in range(3):  # somebody else may have taken the port in between
            self.port = self.port if self.port and not attempt else _free_port()
            self.process = self.spawn(self.command())
            deadline = time.monotonic() + START_LIMIT_S
            while self.process.poll() is None:
                try:
                    self.query("SELECT 1")
                except (psycopg.OperationalError, pymysql.OperationalError) as error:
                    if time.monotonic() > deadline or any(word in str(error) for word in ("denied", "authentication")):
                        break
                    time.sleep(POLL_S)
                else:
                    return
            self.kill()
        raise AssertionError(f"The server did not start: {(self.home / 'log').read_text(errors='replace')[-2000:]}")

    def pids(self) -> list[int]:
        """All its processes."""
        if self.process is None:
            return []
        return [self.process.pid, *(each.pid for each in psutil.Process(self.process.pid).children(recursive=True))]

    def kill(self) -> None:
        """End it at once, as a crash would; returns when none of its processes is left."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in good order; its data stays."""
        self._end(signal.SIGINT if isinstance(self, PostgreSQL) else signal.SIGTERM)

    def remove(self) -> None:
        """End it and delete its data."""
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def run(self, command: Sequence[str | Path], **env: str) -> bytes:
        """What a program of the server says, run as the server's user."""
        options = self.options(signal.SIGKILL)
        options["env"] |= env
        done = subprocess.run(
            [str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, timeout=120, **options
        )
        if done.returncode:
            raise AssertionError(f"{command[0]}: {done.stderr.decode(errors='replace')[-2000:]}")
        return bytes(done.stdout)

    def spawn(self, command: list[str]) -> "subprocess.Popen[bytes]":
        """Start the server itself; what it says goes to `log`."""
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0,
                **self.options(signal.SIGTERM),
            )  # fmt: skip

    def options(self, ending: signal.Signals) -> dict[str, Any]:
        """How its programs are started: as whom, and that they end with this process."""
        env = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "MYSQL", "LC_", "LANG"))}
        options: dict[str, Any] = {"cwd": self.home, "env": env | {"LC_ALL": "C", "HOME": str(self.home)}}
        if os.geteuid() == 0:
            entry = pwd.getpwnam(self.account)
            options |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        return options | {"preexec_fn": _end_with(os.getpid(), int(ending))}

    def _end(self, number: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        family = []
        if process.poll() is None:
            family = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(number)
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        _, left = psutil.wait_procs(family, STOP_LIMIT_S)
        for each in left:
            each.kill()
        psutil.wait_procs(left, STOP_LIMIT_S)


class PostgreSQL(Server):
    """The newest PostgreSQL of the system's packages."""

    account = "nobody"

    def find(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        if not found:
            raise Missing("The system has no PostgreSQL (apt install postgresql).")
        self.programs = found[-1].parent

    def make(self) -> None:
        secret = self.home / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)  # in a folder that only the server's user may enter
        self.run([
            self.programs / "initdb", "-D", self.home / "data", "-U", "admin", f"--pwfile={secret}",
            "-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "--no-sync",
        ])  # fmt: skip
        secret.unlink()

    def command(self) -> list[str]:
        settings = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": "",
                    "fsync": "off"}  # fmt: skip
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.home / "data"), *words]

    def query(self, sql: str, database: str = "") -> Rows:
        with self.connect("admin", database or "postgres") as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def connect(self, user: str = USER, database: str = SHOP) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection of the test's own, each statement a transaction."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=user, password=self.password, dbname=database, autocommit=True
        )

    def fill(self) -> None:
        self.query(f"CREATE ROLE {USER} LOGIN CREATEDB PASSWORD '{self.password}'")
        self.query(f"CREATE DATABASE {SHOP} OWNER {USER}")
        with self.connect() as connection:
            for statement in SHOP_CONTENT:
                connection.execute(statement.encode())

    def dump(self) -> bytes:
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "admin", "-d", SHOP]
        # Newer releases put a key made for each dump into it, unless one is given.
        key = ["--restrict-key=same"] if b"--restrict-key" in self.run([self.programs / "pg_dump", "--help"]) else []
        return self.run([self.programs / "pg_dump", *where, *key], PGPASSWORD=self.password)

    def databases(self) -> set[str]:
        return {name for (name,) in self.query("SELECT datname FROM pg_database")}

    def sessions(self) -> int:
        [(count,)] = self.query(f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{USER}'")
        return int(count)

    def held(self) -> int:
        [(count,)] = self.query("SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid()")
        return int(count)

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{SHOP}"


class MariaDB(Server):
    """The system's MariaDB."""

    account = "mysql"

    def find(self) -> None:
        programs = {name: shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
                    for name in ("mariadbd", "mariadb-install-db", "mariadb-dump")}  # fmt: skip
        if missing := [name for name, path in programs.items() if path is None]:
            raise Missing(f"The system has no {missing[0]} (apt install mariadb-server).")
        self.programs = {name: str(path) for name, path in programs.items()}

    def make(self) -> None:
        self.run([
            self.programs["mariadb-install-db"], "--no-defaults", f"--datadir={self.home / 'data'}",
            "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
        ])  # fmt: skip
        first = self.home / "first.sql"
        first.write_text(
            f"CREATE OR REPLACE USER admin@'127.0.0.1' IDENTIFIED BY '{self.password}';\n"
            "GRANT ALL ON *.* TO admin@'127.0.0.1' WITH GRANT OPTION;\n"  # one statement a line
            "DROP USER IF EXISTS root@localhost;\n"
        )
        first.chmod(0o644)

    def command(self) -> list[str]:
        first = self.home / "first.sql"
        return [
            self.programs["mariadbd"], "--no-defaults", f"--datadir={self.home / 'data'}", f"--port={self.port}",
            "--bind-address=127.0.0.1", f"--socket={self.home / 'socket'}", f"--pid-file={self.home / 'pid'}",
            "--skip-name-resolve", *([f"--init-file={first}"] if first.exists() else []),
        ]  # fmt: skip

    def query(self, sql: str, database: str = "") -> Rows:
        with closing(self.connect("admin", database)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def connect(self, user: str = USER, database: str = SHOP) -> pymysql.Connection:
        """A connection of the test's own, each statement a transaction."""
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user=user, password=self.password, database=database or None,
            charset="utf8mb4", autocommit=True,
        )  # fmt: skip

    def fill(self) -> None:
        (self.home / "first.sql").unlink()
        self.query(f"CREATE USER {USER}@'127.0.0.1' IDENTIFIED BY '{self.password}'")
        self.query(f"GRANT ALL ON *.* TO {USER}@'127.0.0.1'")
        self.query(f"CREATE DATABASE {SHOP} CHARACTER SET utf8mb4")
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            for statement in SHOP_CONTENT:
                cursor.execute(statement)

    def dump(self) -> bytes:
        where = ["--protocol=tcp", "--host=127.0.0.1", f"--port={self.port}", "--user=admin"]
        return self.run(
            [self.programs["mariadb-dump"], "--no-defaults", *where, "--skip-comments", SHOP], MYSQL_PWD=self.password
        )

    def databases(self) -> set[str]:
        return {name for (name,) in self.query("SHOW DATABASES")}

    def sessions(self) -> int:
        [(count,)] = self.query(f"SELECT count(*) FROM information_schema.processlist WHERE user = '{USER}'")
        return int(count)

    def held(self) -> int:
        [(count,)] = self.query("SELECT count(*) FROM information_schema.innodb_trx")
        return int(count)

    @property
    def url(self) -> str:
        return f"mariadb://{USER}:{self.password}@127.0.0.1:{self.port}/{SHOP}"


@contextmanager
def running(kind: type[Server]) -> Iterator[Server]:
    """A server of this kind for as long as the block lasts. Raises `Missing`."""
    server = kind()
    try:
        yield server
    finally:
        server.remove()


def _end_with(parent: int, number: int) -> Callable[[], None]:
    """What runs in the new process before the program, and after the change of user, which would clear the setting."""
    prctl = ctypes.CDLL(None).prctl

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
