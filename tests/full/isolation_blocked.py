"""How soon the lab tells that a statement is blocked, and that it never says so of one that is merely slow.

The truth is found without the lab. A second writer is blocked at the earliest when it is sent; that the lock is held
then is found by a connection of the test's own (SQLite). On a server a process of its own asks all the time whether
anybody waits for a lock: it was so at the earliest when the last question was sent whose answer was no.

On a busy machine a process may wait long for a core, which is not the lab's doing. If not all are in time, those count
during which this process, the lab's child and the server had what they needed, by what the kernel says.
"""

import asyncio
import os
import sqlite3
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from explorer.labs.isolation.lab import IsolationLab
from explorer.labs.isolation.levels import USUAL
from explorer.labs.isolation.schedule import Schedule, Session, Step, Table
from explorer.labs.isolation.target import Target
from explorer.labs.isolation.trace import Trace
from explorer.records.clock import now_ns
from tests.database_servers import MariaDB, Missing, PostgreSQL, Server, running
from tests.full.outcome import ROOT, Failed, Skipped

TIMES: Final = 100
MOST_TIMES: Final = 400
STARVED_NS: Final = 5_000_000
SLOW_TIMES: Final = 20
LIMITS_MS: Final = {"sqlite": 20.0, "postgresql": 20.0, "mariadb": 50.0}
CHILD: Final = "explorer.labs.isolation.child.process"
_ROWS: Final = Table("account", ("owner varchar(20)", "balance integer"), (("Ann", 1), ("Bob", 2)))
_HOLD: Final = Step("A", "UPDATE account SET balance = 10 WHERE owner = 'Ann'")
_WAIT: Final = Step("B", "UPDATE account SET balance = 20 WHERE owner = 'Ann'")
_COUNT: Final = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT count(*) FROM n"
)
SLOW: Final = {
    "asleep": {"sqlite": _COUNT, "postgresql": "SELECT pg_sleep(0.5)", "mariadb": "SELECT SLEEP(0.5)"},
    "busy": {
        "sqlite": _COUNT,
        "postgresql": "SELECT count(*) FROM generate_series(1, 2000000)",
        "mariadb": "SELECT BENCHMARK(3000000, SHA1('x'))",
    },
}


def schedule(*steps: Step) -> Schedule:
    """Steps of A, B and C on one table."""
    sessions = tuple(Session(name, name) for name in dict.fromkeys(step.session for step in steps))
    return Schedule("blocked", "", "", "", (_ROWS,), sessions, steps, ())


BLOCKED: Final = schedule(_HOLD, _WAIT, Step("A", "COMMIT"), Step("B", "COMMIT"))


@dataclass(frozen=True, slots=True)
class Moment:
    """When it was so at the earliest, when the lab told it, and how long somebody waited for a core meanwhile, ns."""

    so: int
    told: int
    starved: int

    @property
    def late_ms(self) -> float:
        """How much later the lab was, at most."""
        return (self.told - self.so) / 1e6


def run() -> str:
    """SQLite, PostgreSQL and MariaDB."""
    said = [_said("SQLite", "sqlite", asyncio.run(_sqlite()))]
    try:
        for kind, name in ((PostgreSQL, "postgresql"), (MariaDB, "mariadb")):
            with running(kind) as server:
                said.append(_said(kind.__name__, name, asyncio.run(_server(server, name))))
    except Missing as missing:
        raise Skipped(str(missing)) from None
    return f"{TIMES} times each: {'; '.join(said)}; never for {2 * SLOW_TIMES} slow statements each beside a held lock"


def _said(title: str, engine: str, moments: list[Moment]) -> str:
    limit, counted = LIMITS_MS[engine], moments
    if not _in_time(moments, engine):
        counted = _undisturbed(moments)
        if len(counted) < TIMES:
            raise Skipped(f"the machine is too busy: {title} was undisturbed {len(counted)} of {len(moments)} times.")
    late = sorted(each.late_ms for each in counted)
    p99 = late[int(0.99 * (len(late) - 1))]
    said = f"{title} told after {statistics.median(late):.1f} ms (median), {p99:.1f} (p99), {late[-1]:.1f} (most)"
    if late[-1] > limit:
        raise Failed(f"{said}; promised are {limit:.0f} ms")
    return said + (f", {len(moments) - len(late)} not counted" if counted is not moments else "")


def _in_time(moments: list[Moment], engine: str) -> bool:
    return len(moments) >= TIMES and all(each.late_ms <= LIMITS_MS[engine] for each in moments)


def _undisturbed(moments: list[Moment]) -> list[Moment]:
    return [each for each in moments if each.starved <= STARVED_NS]


async def _times(once: Callable[[], Awaitable[Moment]], engine: str) -> list[Moment]:
    """So many that are in time; if one is not, so many that were not disturbed, or what there is after many more."""
    found = [await once() for _ in range(TIMES)]
    if not _in_time(found, engine):
        while len(found) < MOST_TIMES and len(_undisturbed(found)) < TIMES:
            found.append(await once())
    return found


def _waited_for_a_core(pids: Iterable[int]) -> int:
    """How long all threads of these processes were ready and had no core, ns, so far."""
    total = 0
    for pid in pids:
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with suppress(OSError):
                total += int(path.read_text().split()[1])
    return total


async def _sqlite() -> list[Moment]:
    lab = IsolationLab(Target())

    async def once() -> Moment:
        told = _Told()
        await lab.begin(BLOCKED, USUAL["sqlite"], told)
        await lab.advance(1)
        if not _is_locked(_database_of(child)):
            raise Failed("SQLite: the first writer does not hold the lock, by a connection of the test's own")
        pids = (os.getpid(), child.pid)
        starved, sent = _waited_for_a_core(pids), now_ns()
        await lab.advance(1)
        moment = Moment(sent, told.at(1), _waited_for_a_core(pids) - starved)
        await lab.advance(None)
        await lab.finish()
        return moment

    try:
        await lab.start()
        child = _child()
        found = await _times(once, "sqlite")
        await _never(lab, "sqlite")
        return found
    finally:
        await lab.stop()
        lab.discard()


async def _server(server: Server, engine: str) -> list[Moment]:
    lab = IsolationLab(Target(server.url))

    async def once() -> Moment:
        told = _Told()
        await lab.begin(BLOCKED, USUAL[engine], told)
        await lab.advance(1)
        pids = (os.getpid(), child.pid, *server.pids())
        starved, sent = _waited_for_a_core(pids), now_ns()
        await lab.advance(1)
        starved = _waited_for_a_core(pids) - starved
        moment = Moment(max(sent, await asyncio.to_thread(since)), told.at(1), starved)
        await lab.advance(None)
        await lab.finish()
        return moment

    try:
        await lab.start()
        child = _child()
        with _watcher(server, engine) as since:
            found = await _times(once, engine)
        await _never(lab, engine)
        return found
    finally:
        await lab.stop()
        lab.discard()


async def _never(lab: IsolationLab, engine: str) -> None:
    """A slow statement of C, beside a held lock and somebody who does wait for it, is never called blocked."""
    for what, statements in SLOW.items():
        slow = Step("C", statements[engine])
        for number in range(SLOW_TIMES):
            waiting = (_WAIT, slow) if number % 2 else (slow, _WAIT)
            trace = await lab.run(
                schedule(_HOLD, *waiting, Step("A", "COMMIT"), Step("B", "COMMIT"), Step("C", "COMMIT")), USUAL[engine]
            )
            [of_c] = [one for one in trace.ran if one.session == "C" and one.sql != "COMMIT"]
            [of_b] = [one for one in trace.ran if one.session == "B" and one.sql != "COMMIT"]
            if of_c.waits or of_c.state != "done":
                raise Failed(
                    f"{engine}: a statement that is {what} was called {'blocked' if of_c.waits else of_c.state}"
                )
            if not of_b.waits:
                raise Failed(f"{engine}: beside a statement that is {what} a blocked one was not seen")


class _Told:
    """Remembers when each statement was first told to be blocked."""

    def __init__(self) -> None:
        self._at: dict[int, int] = {}

    def __call__(self, trace: Trace) -> None:
        now = now_ns()
        for one in trace.ran:
            if one.blocked:
                self._at.setdefault(one.number, now)

    def at(self, number: int) -> int:
        """When it was; raises `Failed` if never."""
        if number not in self._at:
            raise Failed("a statement that waits was not told to be blocked")
        return self._at[number]


def _child() -> psutil.Process:
    """The lab's child."""
    return next(each for each in psutil.Process().children(recursive=True) if CHILD in each.cmdline())


def _database_of(child: psutil.Process) -> Path:
    """The file that the lab's child has open, by what the system says."""
    return next(Path(each.path) for each in child.open_files() if each.path.endswith(".db"))


def _is_locked(path: Path) -> bool:
    probe = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        probe.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    else:
        probe.execute("ROLLBACK")
        return False
    finally:
        probe.close()


@contextmanager
def _watcher(server: Server, engine: str) -> Iterator[Callable[[], int]]:
    """Gives for each time that somebody begins to wait when that was at the earliest."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.full.isolation_watch", engine, str(server.port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    lines = process.stdout
    try:
        process.stdin.write(f"{server.password}\n")
        process.stdin.flush()
        if lines.readline() != "ready\n":
            raise Failed("the watcher of the server's locks did not start")
        yield lambda: int(lines.readline())
    finally:
        process.kill()
        process.communicate()
