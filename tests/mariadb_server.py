"""A MariaDB server for tests: a data folder, a port and a user of its own, and gone with the test."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql
import pytest

from explorer.supervise.postgres.account import lesser_account

PASSWORD = "maria's secret"
START_S = 30.0


def missing() -> str:
    """Why no server can be started here; empty if one can."""
    if program("mariadbd") and program("mariadb-install-db"):
        return ""
    return "MariaDB's server is not installed here (mariadbd, mariadb-install-db)."


def program(name: str) -> str:
    """Where a program is; daemons lie where the search path of a user may not lead."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""


@contextmanager
def server() -> Iterator[int]:
    """The port of a running server with user `root`, who has `PASSWORD`."""
    if missing():
        pytest.skip(missing())
    account = lesser_account()
    home = Path(tempfile.mkdtemp(prefix="explorer-test-mariadb-"))
    who = {} if account is None else account.popen
    if account is not None:
        os.chown(home, account.uid, account.gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    try:
        subprocess.run(
            [program("mariadb-install-db"), "--no-defaults", f"--datadir={home}/data", "--skip-test-db",
             "--auth-root-authentication-method=normal"],
            check=True, capture_output=True, cwd=home, **who,
        )  # fmt: skip
        process = subprocess.Popen(
            [program("mariadbd"), "--no-defaults", f"--datadir={home}/data", f"--socket={home}/socket",
             f"--port={port}", "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin",
             "--innodb-buffer-pool-size=16M", "--skip-name-resolve"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home, **who,
        )  # fmt: skip
        try:
            _set_password(home / "socket")
            yield port
        finally:
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _set_password(path: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            connection = pymysql.connect(unix_socket=str(path), user="root", autocommit=True)
            break
        except pymysql.Error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    with connection.cursor() as cursor:
        cursor.execute("CREATE USER root@'127.0.0.1' IDENTIFIED BY %s", (PASSWORD,))
        cursor.execute("GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION")
    connection.close()
