"""The lab as its users have it: a child of its own, told of each change, and nothing left however it ends."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import psycopg
import pytest

from explorer.collect.source import Batch
from explorer.labs.isolation.lab import IsolationLab
from explorer.labs.isolation.target import Target
from explorer.labs.isolation.trace import Trace
from explorer.option_error import OptionError
from explorer.records.states import Flag, Kind, State, TrackKind
from tests import leaks
from tests.isolation_runs import DIRTY_WRITE, READ, STUCK, balances, of, put, schedule, wait
from tests.waiting import wait_until

ENDLESS = schedule("A: WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")


@asynccontextmanager
async def started(target: Target, ended: list[str] | None = None) -> AsyncIterator[IsolationLab]:
    lab = IsolationLab(target, ended=(ended if ended is not None else []).append)
    await lab.start()
    try:
        yield lab
    finally:
        await lab.stop()
        lab.discard()


def places(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT datname FROM pg_database").fetchall()
        busy = connection.execute("SELECT application_name FROM pg_stat_activity").fetchall()
    return [name for (name,) in (*found, *busy) if name.startswith("explorer_lab_")]


def lab_pids(before: dict[int, str]) -> list[int]:
    return [pid for pid, command in leaks.processes().items() if pid not in before and "child.process" in command]


async def test_a_run_is_told_as_it_goes_on_and_can_be_stepped_through() -> None:
    told: list[tuple[int, str]] = []

    def hear(trace: Trace) -> None:
        told.append((len(trace.ran), trace.ran[-1].state if trace.ran else ""))

    async with started(Target(journal="wal")) as lab:
        whole = await lab.run(DIRTY_WRITE, "DEFERRED", hear)

        assert balances(whole) == (12, 22)
        assert wait(of(whole, 2)).by == ("A",)
        for moment in ((1, "running"), (1, "done"), (2, "running"), (2, "blocked"), (3, "running")):
            assert moment in told
        assert told.index((2, "blocked")) < told.index((3, "running"))

        stepped = await lab.begin(DIRTY_WRITE, "DEFERRED")
        assert (stepped.ran, stepped.next) == ([], 0)
        for number in (1, 2):
            assert await lab.advance() is stepped
            assert len(stepped.ran) == number
        assert of(stepped, 2).blocked
        await lab.advance(None)
        await lab.finish()
        assert [ran.sql for ran in stepped.ran] == [ran.sql for ran in whole.ran]
        assert stepped.over


async def test_what_goes_on_gives_way_to_the_next_run_and_to_a_pause() -> None:
    async with started(Target()) as lab:
        await lab.begin(ENDLESS, "DEFERRED")
        endless = asyncio.ensure_future(lab.advance(None))
        await asyncio.sleep(0)

        assert balances(await lab.run(DIRTY_WRITE, "IMMEDIATE")) == (12, 22)
        await endless

        trace = await lab.begin(DIRTY_WRITE, "IMMEDIATE", lambda trace: lab.pause() if len(trace.ran) == 2 else None)
        await lab.advance(None, pace=0.01)
        assert len(trace.ran) == 2


async def test_what_cannot_run_is_refused_in_a_sentence_and_the_lab_lives_on() -> None:
    async with started(Target()) as lab:
        with pytest.raises(OptionError, match=r"has no level SERIALIZABLE; choose one of AUTOCOMMIT,"):
            await lab.begin(DIRTY_WRITE, "SERIALIZABLE")
        with pytest.raises(OptionError, match="Step 1: no earlier step of A keeps 'seen'"):
            await lab.begin(schedule(f"A: {put(1, '{seen}')}", f"A: {READ}", keep={2: "seen"}), "DEFERRED")

        assert (await lab.run(STUCK, "DEFERRED")).stuck


async def test_its_sessions_have_lanes_with_statements_and_waits() -> None:
    batches: list[Batch] = []
    lab = IsolationLab(Target(), observed=True, consumers=[batches.append])
    await lab.start()
    await lab.run(DIRTY_WRITE, "DEFERRED")
    await lab.run(DIRTY_WRITE, "IMMEDIATE")
    await lab.stop()
    lab.discard()

    lanes = {one.number: one.name for batch in batches for one in batch.tracks if one.kind is TrackKind.SESSION}
    assert sorted(lanes.values()) == ["session A", "session B"]
    spans = np.concatenate([batch.spans for batch in batches])
    spans = spans[(spans["flags"] & Flag.COMPLETE != 0) & (spans["kind"] == Kind.STATEMENT)]
    by_lane = {text: spans[spans["track"] == number] for number, text in lanes.items()}
    assert len(by_lane["session A"]) == 6
    waits = by_lane["session B"][by_lane["session B"]["state"] == State.WAITING_LOCK]
    assert len(waits) == 2
    assert set(waits["depth"]) == {1}


@pytest.mark.parametrize("steps", [0, 2])
async def test_a_lab_that_is_killed_leaves_no_database_and_no_session(url: str, steps: int) -> None:
    before, ended = leaks.processes(), list[str]()
    async with started(Target(url), ended) as lab:
        await lab.begin(STUCK, "READ COMMITTED")
        await lab.advance(steps)
        assert places(url)
        [pid] = lab_pids(before)

        os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(wait_until, lambda: ended and not places(url))
        with pytest.raises(OptionError, match="ended by signal 9"):
            await lab.advance()
        assert len(ended) == 1

    await asyncio.to_thread(wait_until, lambda: leaks.processes() == before)


@pytest.mark.long
async def test_a_parent_that_is_killed_leaves_nothing_either(url: str, tmp_path: Path) -> None:
    before = leaks.processes()
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio, sys\n"
        "from explorer.labs.isolation.lab import IsolationLab\n"
        "from explorer.labs.isolation.target import Target\n"
        "from tests.isolation_runs import STUCK\n"
        "async def main():\n"
        "    lab = IsolationLab(Target(sys.stdin.readline().strip()))\n"
        "    await lab.start()\n"
        "    await lab.begin(STUCK, 'READ COMMITTED')\n"
        "    await lab.advance(2)\n"
        "    print('blocked', flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    root = str(Path(__file__).resolve().parents[3])
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(url.encode() + b"\n")
    assert await process.stdout.readline() == b"blocked\n"
    assert places(url)

    process.kill()
    await process.wait()
    process.stdin.close()

    await asyncio.to_thread(wait_until, lambda: not places(url) and leaks.processes() == before)


@pytest.mark.long
async def test_a_server_that_is_killed_is_one_sentence() -> None:
    before, ended = leaks.processes(), list[str]()
    async with started(Target("embedded"), ended) as lab:
        assert balances(await lab.run(DIRTY_WRITE, "READ COMMITTED")) == (12, 22)
        assert lab.facts.where == "embedded"
        await lab.begin(STUCK, "READ COMMITTED")
        await lab.advance(2)
        [server] = [pid for pid, said in leaks.processes().items() if pid not in before and " -D " in said]
        os.kill(server, signal.SIGKILL)

        await asyncio.to_thread(wait_until, lambda: ended)

    assert len(ended) == 1
    assert ended[0].endswith(".")
    assert "\n" not in ended[0]
