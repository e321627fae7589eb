"""Starts a PostgreSQL server as a direct child of this process, for as long as this process lives.

It listens on 127.0.0.1 alone, on a free port, and asks for a password made for it (scram). Its data is worth nothing
once it ends, so nothing is forced to the disk. It ends with this process: on Linux the kernel sends SIGINT (a fast
shutdown) when the thread that started it ends, which must therefore be the main thread; on Windows the session's job
ends it; elsewhere a shell that holds a pipe of this process does.
"""

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from explorer.child.lifeline.linux import PR_SET_PDEATHSIG
from explorer.option_error import OptionError
from explorer.supervise.postgres.account import Account, lesser_account, make_home, remove_home, within_reach
from explorer.supervise.postgres.programs import program

USER: Final = "explorer"
START_LIMIT_S: Final = 25.0
POLL_S: Final = 0.01
PORTS_TRIED: Final = 3
SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "deadlock_timeout": "200ms",
    "log_lock_waits": "on",
    "max_connections": "200",
    "shared_buffers": "32MB",
}


class Postgres:
    """A server that accepts connections at `url`, which holds its password."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path, port: int, password: str) -> None:
        self.process = process
        self.url = f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"
        self._folder = folder
        self._watcher = _watch_over(process.pid)

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def stop(self, within: float = 5.0) -> None:
        """End it within so many seconds and delete its data: politely first, then at once."""
        for number, share in ((signal.SIGINT, 0.5), (_AT_ONCE, 0.3)):
            if self.alive:
                self.process.send_signal(number)
                try:
                    self.process.wait(within * share)
                except subprocess.TimeoutExpired:
                    continue
        self.process.kill()
        self.process.wait()
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher.communicate()
        remove_home(self._folder)


def launch(programs: Path, folder: Path, settings: Mapping[str, str] = SETTINGS) -> Postgres:
    """Start a server with its files in `folder`, which must not exist yet, from the programs in folder `programs`.

    Must run on the main thread. Raises `OptionError` when it cannot be started; then nothing is left of it.
    """
    account = lesser_account()
    home = make_home(folder, account)
    try:
        programs = within_reach(programs, home, account)
        password = secrets.token_urlsafe(24)
        _make_database(programs, home, account, password)
        for attempt in range(PORTS_TRIED):
            port = _free_port()
            process = _start(programs, home, account, {**settings, "port": str(port)})
            # Somebody else may have taken the port in between.
            if _wait_until_ready(process, home, last=attempt == PORTS_TRIED - 1):
                return Postgres(process, folder, port, password)
        raise AssertionError("the last attempt raises")
    except BaseException:
        remove_home(folder)
        raise


def _make_database(programs: Path, home: Path, account: Account | None, password: str) -> None:
    secret = home / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if account is not None:
        os.chown(secret, account.uid, account.gid)
    command = [program(programs, "initdb"), "-D", home / "data", "-U", USER, f"--pwfile={secret}"]
    command += ["-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "--no-sync"]
    try:
        made = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            **_options(home, account, signal.SIGKILL if sys.platform != "win32" else None),
        )
    except OSError as error:
        raise OptionError(f"PostgreSQL's {command[0]} cannot be run ({error.strerror}).") from None
    finally:
        secret.unlink()
    if made.returncode:
        raise OptionError(f"PostgreSQL could not make its data folder ({_last_line(made.stderr)}).")


def _start(
    programs: Path, home: Path, account: Account | None, settings: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    (home / "data" / "postmaster.pid").unlink(missing_ok=True)
    with (home / "log").open("wb") as log:
        return subprocess.Popen(
            [str(program(programs, "postgres")), "-D", str(home / "data"), *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C in a terminal is for the session, which ends its services in good order.
            process_group=0 if sys.platform != "win32" else None,
            **_options(home, account, signal.SIGINT),
        )


def _wait_until_ready(process: "subprocess.Popen[bytes]", home: Path, *, last: bool) -> bool:
    """Whether it serves; False when another port is to be tried."""
    deadline = time.monotonic() + START_LIMIT_S
    while not _is_ready(home):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            log = (home / "log").read_bytes()
            if b"Address already in use" in log and not last:
                return False
            raise OptionError(f"PostgreSQL did not start ({_last_line(log)}).")
        time.sleep(POLL_S)
    return True


def _is_ready(home: Path) -> bool:
    """The last line of its lock file says so."""
    try:
        lines = (home / "data" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _options(home: Path, account: Account | None, ending: "signal.Signals | None") -> dict[str, Any]:
    """How every program of a server is started; `ending` is what it is sent when this process ends."""
    # Settings for clients of other servers are none of its business, and its words must be in English.
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    options: dict[str, Any] = {"cwd": home, "env": env | {"LC_ALL": "C", "HOME": str(home)}}
    if account is not None:
        options |= account.popen
    if sys.platform == "linux" and ending is not None:
        options["preexec_fn"] = _end_with(os.getpid(), int(ending))
    elif sys.platform == "win32":
        options["creationflags"] = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    return options


def _end_with(parent: int, number: int) -> Callable[[], None]:
    """What runs in the new process before the program, and after the change of user, which would clear the setting."""
    prctl = ctypes.CDLL(None).prctl

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def _watch_over(pid: int, everywhere: bool = False) -> "subprocess.Popen[bytes] | None":
    """A shell that ends `pid` when this process is gone: its end of the pipe closes then."""
    if sys.platform in ("linux", "win32") and not everywhere:
        return None
    return subprocess.Popen(
        ["/bin/sh", "-c", 'read _; kill -INT "$1"', "watcher", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _last_line(text: bytes) -> str:
    lines = text.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "it said nothing"


_AT_ONCE: Final = getattr(signal, "SIGQUIT", signal.SIGTERM)
