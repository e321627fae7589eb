"""The embedded PostgreSQL: started for whoever asks, and gone with whoever started it."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from explorer.option_error import OptionError
from explorer.paths import release
from explorer.records.states import Role
from explorer.session.services import SERVICES
from explorer.supervise.channel import Child
from explorer.supervise.postgres import server as launcher
from explorer.supervise.postgres.account import Account, lesser_account, within_reach
from explorer.supervise.postgres.programs import PACKAGE, find, program
from explorer.supervise.supervisor import Supervisor

pytestmark = pytest.mark.skipif(next(find(), None) is None, reason="there is no PostgreSQL here, and no package of it")
START_LIMIT_S = 40.0
PARENT = """
import sys
from pathlib import Path
from explorer.supervise.postgres.programs import find
from explorer.supervise.postgres.server import launch
server = launch(next(find()), Path(sys.argv[1]))
print(server.process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Path]:
    """A run's folder; what it links to goes with it."""
    folder = tmp_path / "a run"
    for part in (folder, folder / "numbers", folder / "rings"):
        part.mkdir(mode=0o700)
    (folder / "run.json").write_text('{"schema": 1, "token": "c0ffee"}')
    yield folder
    release(folder)


@pytest.fixture
def supervisor(run: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(run)
    yield supervisor
    supervisor.close()


def service(supervisor: Supervisor, run: Path) -> tuple[Child, str, list[dict[str, Any]]]:
    """The service's child, its address, and what it says."""
    messages: list[dict[str, Any]] = []
    child = supervisor.spawn(SERVICES["postgres"].module, role=Role.DATABASE)
    child.on_message(messages.append)
    child.configure(run=str(run))
    return child, str(child.wait_for("ready", START_LIMIT_S)["address"]), messages


def family(pid: int) -> list[psutil.Process]:
    """The processes below `pid`."""
    return psutil.Process(pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                return False
    return True


@pytest.mark.parametrize("programs", list(find()), ids=lambda path: path.parent.name)
@pytest.mark.long
def test_every_postgresql_of_this_machine_starts_in_a_path_with_a_space(programs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "with a space" / "postgres"
    folder.parent.mkdir()

    server = launcher.launch(programs, folder)
    try:
        with psycopg.connect(server.url) as connection:
            answer = connection.execute("SELECT current_setting('data_directory'), inet_server_addr()").fetchone()
            assert answer is not None
            place = Path(answer[0])
        assert str(answer[1]) == "127.0.0.1"
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        wrong = server.url.replace(server.url.split(":")[2].partition("@")[0], "guessed")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
        assert not list(place.parent.glob("password"))
    finally:
        server.stop()

    assert not place.parent.exists()
    assert not folder.exists()
    assert not folder.is_symlink()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root has to be somebody else")
def test_root_lets_nobody_run_it(tmp_path: Path) -> None:
    server = launcher.launch(next(find()), tmp_path / "postgres")
    try:
        processes = [psutil.Process(server.process.pid), *family(server.process.pid)]
        assert {process.username() for process in processes} == {"nobody"}
    finally:
        server.stop()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root has to be somebody else")
def test_programs_that_nobody_may_reach_are_copied(tmp_path: Path) -> None:
    programs = next(find())
    account = lesser_account()
    assert account is not None
    hidden = tmp_path / "home" / PACKAGE / programs.parent.name / programs.name
    hidden.mkdir(parents=True)
    (tmp_path / "home").chmod(0o700)
    (hidden / "postgres").write_text("a program")
    (tmp_path / "home" / f"{PACKAGE}.libs").mkdir()

    assert within_reach(programs, tmp_path, Account(account.uid, account.gid)) == programs
    copy = within_reach(hidden, tmp_path, account)

    assert copy != hidden
    assert (copy / "postgres").read_text() == "a program"
    assert (copy.parent.parent.parent / f"{PACKAGE}.libs").is_dir()


def test_stopping_the_service_leaves_neither_process_nor_data(supervisor: Supervisor, run: Path) -> None:
    child, address, _ = service(supervisor, run)
    with psycopg.connect(address) as connection:
        connection.execute("SELECT 1")
    place = (run / "scratch" / "postgres").resolve()
    below = family(child.pid)
    assert below
    assert place.is_dir()

    child.stop(5.0)

    assert child.wait(20) == 0
    assert gone(below)
    assert not place.exists()


def test_a_killed_service_takes_its_server_along(
    supervisor: Supervisor, run: Path, wait_until: Callable[..., None]
) -> None:
    child, _, _ = service(supervisor, run)
    place = (run / "scratch" / "postgres").resolve()
    below = family(child.pid)
    assert below

    os.kill(child.pid, signal.SIGKILL)

    wait_until(lambda: gone(below), 20, "PostgreSQL to end")
    # Its data goes with the run.
    release(run)
    assert not place.exists()


@pytest.mark.long
def test_after_a_killed_service_the_next_one_of_the_run_starts(
    supervisor: Supervisor, run: Path, wait_until: Callable[..., None]
) -> None:
    child, _, _ = service(supervisor, run)
    before, below = (run / "scratch" / "postgres").resolve() / "data", family(child.pid)
    os.kill(child.pid, signal.SIGKILL)
    wait_until(lambda: gone(below), 20, "PostgreSQL to end")
    marker = before / "left behind"
    marker.touch()

    _, address, _ = service(supervisor, run)

    with psycopg.connect(address) as connection:
        connection.execute("SELECT 1")
    assert not marker.exists()


def test_whoever_starts_it_may_be_killed(tmp_path: Path, wait_until: Callable[..., None]) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "scratch" / "postgres")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    below = [psutil.Process(int(parent.stdout.readline()))]
    below += below[0].children()
    os.kill(parent.pid, signal.SIGKILL)

    wait_until(lambda: gone(below), 20, "PostgreSQL to end")
    parent.communicate()
    release(tmp_path)


def test_where_the_kernel_does_not_help_a_shell_watches(wait_until: Callable[..., None]) -> None:
    # One that says when it sleeps: an interpreter that is just starting may swallow an interrupt.
    program = "import time; print('here', flush=True); time.sleep(1000)"
    victim = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert victim.stdout is not None
    victim.stdout.readline()
    watcher = launcher._watch_over(victim.pid, everywhere=True)
    assert watcher is not None
    assert watcher.stdin is not None

    watcher.stdin.close()  # as the end of this process would

    victim.communicate(timeout=20)
    assert victim.returncode != 0
    assert watcher.wait(20) == 0


def test_a_server_that_ends_by_itself_ends_the_service_with_a_sentence(
    supervisor: Supervisor, run: Path, wait_until: Callable[..., None]
) -> None:
    child, _, messages = service(supervisor, run)
    (postgres,) = [one for one in family(child.pid) if one.ppid() == child.pid]

    postgres.send_signal(signal.SIGINT)

    assert child.wait(20) == 1
    wait_until(lambda: any(message["type"] == "error" for message in messages))
    assert [m["sentence"] for m in messages if m["type"] == "error"] == ["PostgreSQL ended by itself (exit status 0)."]


def test_programs_that_do_not_work_are_one_sentence_and_leave_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "bin"
    broken.mkdir()
    for name in ("initdb", "postgres"):
        program(broken, name).write_text("#!/bin/sh\necho it is broken >&2\nexit 3\n")
        program(broken, name).chmod(0o755)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)

    with pytest.raises(OptionError, match=r"could not make its data folder \(it is broken\)"):
        launcher.launch(broken, tmp_path / "postgres")

    assert not (tmp_path / "postgres").is_symlink()
    assert not (tmp_path / "postgres").exists()
