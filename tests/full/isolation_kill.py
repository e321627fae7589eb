"""Whatever is killed at whichever step of the isolation lab (the database server, the lab's child, its parent): one
sentence for who is left to read it, no process, no lock, no database of the lab's, and the user's own is as it was.
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from explorer.labs.isolation.lab import IsolationLab
from explorer.labs.isolation.levels import USUAL
from explorer.labs.isolation.library import shipped
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.target import Target
from explorer.option_error import OptionError
from explorer.paths import remove_run_folder
from tests.database_servers import MariaDB, Missing, PostgreSQL, Server, running
from tests.full.outcome import ROOT, Failed, Skipped
from tests.leaks import mark_session, processes
from tests.waiting import wait_until

SCHEDULES: Final = ("P4", "OTV", "lock_order_deadlock")
WITHIN_S: Final = 60.0
OURS: Final = "explorer child"
CHILD: Final = "explorer.labs.isolation.child.process"
EMBEDDED_SERVER: Final = re.compile(r"/postgres -D ")
SENTENCE: Final = re.compile(r"[A-Z].*\.", re.DOTALL)
HELD: Final = "held"


def run() -> str:
    """Kill each of the three at every step of several schedules, on every kind of database."""
    mark_session()
    cases = 0
    with _own_data(), tempfile.TemporaryDirectory() as folder:
        for url in ("sqlite://", "embedded"):
            cases += _on(Target(url), None, Path(folder))
        try:
            for kind in (PostgreSQL, MariaDB):
                with running(kind) as server:
                    cases += _on(Target(server.url), server, Path(folder))
        except Missing as missing:
            raise Skipped(str(missing)) from None
    return f"{cases} times something was killed: one sentence each, nothing left, the user's database unchanged"


def _on(target: Target, server: Server | None, folder: Path) -> int:
    kills = ["child", "parent", *([] if target.kind == "sqlite" else ["server"])]
    cases = 0
    for name in SCHEDULES:
        schedule = shipped()[name]
        for steps in range(len(schedule.steps) + 1):
            for what in kills:
                where = f"{target.kind}, {name}, after {steps} steps, {what} killed"
                _case(target, server, schedule, steps, what, where, folder)
                cases += 1
    return cases


def _case(
    target: Target, server: Server | None, schedule: Schedule, steps: int, what: str, where: str, folder: Path
) -> None:
    databases, dump = (server.databases(), server.dump()) if server is not None else (set(), b"")
    if what == "parent":
        _kill_parent(target, schedule, steps, folder)
    else:
        kill = _server_of(server) if what == "server" else _kill_child
        sentences = asyncio.run(_told(target, schedule, steps, kill))
        # With the child, or all steps done, nothing may be under way that could tell.
        if len(sentences) != 1 or not SENTENCE.fullmatch(sentences[0]) or "Traceback" in sentences[0]:
            raise Failed(f"{where}: not one sentence but {sentences}")
        if server is not None and server.password in sentences[0]:
            raise Failed(f"{where}: the sentence holds the password")
    _nothing_left(where)
    if server is not None:
        _wait(lambda: server.databases() == databases, f"{where}: the lab's database is left")
        _wait(lambda: server.sessions() == 0 and server.held() == 0, f"{where}: a session or a lock is left")
        if server.dump() != dump:
            raise Failed(f"{where}: the user's database has changed")


async def _told(target: Target, schedule: Schedule, steps: int, kill: Callable[[], None]) -> list[str]:
    """What the lab says when something is killed: to a method that is under way, or by itself."""
    said: list[str] = []
    lab = IsolationLab(target, ended=said.append)
    try:
        await lab.start()
        await lab.begin(schedule, USUAL[target.kind])
        await lab.advance(steps)
        kill()  # on this thread, which a server that is started again is tied to
        try:
            async with asyncio.timeout(WITHIN_S):
                if steps % 2:  # one that does nothing hears of it, too
                    while not said:
                        await asyncio.sleep(0.01)
                while not said:
                    await lab.begin(schedule, USUAL[target.kind])
                    await lab.advance(1)
        except OptionError as error:
            said.append(str(error))
        except TimeoutError:
            pass
        return said
    finally:
        await lab.stop()
        lab.discard()


def _kill_child() -> None:
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # a server's own come and go
            if CHILD in each.cmdline():
                each.kill()


def _server_of(server: Server | None) -> Callable[[], None]:
    if server is not None:
        return lambda: _kill_and_start(server)
    return _kill_embedded


def _kill_and_start(server: Server) -> None:
    """A crash, after which somebody starts the server again."""
    server.kill()
    server.start()


def _kill_embedded() -> None:
    for pid, command in processes().items():
        if EMBEDDED_SERVER.search(command):
            os.kill(pid, signal.SIGKILL)


def _kill_parent(target: Target, schedule: Schedule, steps: int, folder: Path) -> None:
    """A lab of another process, which is killed while its lab is at this step."""
    env = os.environ | {"LAB_URL": target.url}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.full.isolation_held", schedule.id, str(steps)],
        env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        if (line := process.stdout.readline().strip()) != HELD:
            raise Failed(f"the other lab did not come so far: {line} {process.stdout.read()}")
    finally:
        process.kill()
        process.communicate()


def _nothing_left(where: str) -> None:
    def left() -> list[str]:
        return [each for each in processes().values() if OURS in each or EMBEDDED_SERVER.search(each)]

    def none() -> bool:
        return not [each for each in left() if "/explorer-test-server-" not in each]

    _wait(none, f"{where}: a process is left")


def _wait(condition: Callable[[], bool], what: str) -> None:
    try:
        wait_until(condition, WITHIN_S, what)
    except AssertionError as error:
        raise Failed(str(error)) from None


@contextmanager
def _own_data() -> Iterator[None]:
    """A place of the test's own for run folders: those of a killed parent stay until the next start of the program."""
    before, folder = os.environ.get("XDG_DATA_HOME"), tempfile.mkdtemp()
    os.environ["XDG_DATA_HOME"] = folder
    try:
        yield
    finally:
        for run in Path(folder).glob("*/runs/*"):
            remove_run_folder(run)
        shutil.rmtree(folder, ignore_errors=True)
        if before is None:
            del os.environ["XDG_DATA_HOME"]
        else:
            os.environ["XDG_DATA_HOME"] = before
