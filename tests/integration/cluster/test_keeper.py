"""Looking after somebody else's cluster: who gets work, and what is said of those who do not."""

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from explorer.child.channel import Channel
from explorer.cluster import boarding, versions
from explorer.cluster.access import Access
from explorer.cluster.boarding import Boarding
from explorer.cluster.clocks import Clocks
from explorer.cluster.connection import connected
from explorer.cluster.hosts import by_host, pinned
from explorer.cluster.jobs import ClusterError, Jobs
from explorer.cluster.keeper import Keeper
from explorer.cluster.roster import jobs_topic
from explorer.option_error import OptionError
from tests.clusters import Foreign

pytestmark = pytest.mark.long


class Said:
    """A channel that keeps what is said."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def event(self, name: str, /, **fields: Any) -> None:
        """Keep it."""
        self.events.append((name, fields))


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[Foreign]:
    """A scheduler with one worker."""
    with Foreign(tmp_path) as cluster:
        cluster.scheduler()
        cluster.worker()
        yield cluster


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder."""
    folder = tmp_path / "run"
    for part in (folder, folder / "numbers", folder / "rings"):
        part.mkdir()
    (folder / "run.json").write_text(json.dumps({"token": "c0ffee"}))
    return folder


async def until(condition: Callable[[], object]) -> None:
    """Wait for it."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def place(cluster: Foreign) -> str:
    """What the service would say of where it is."""
    return json.dumps({**json.loads(Access(cluster.address).to_text()), "run": "key"})


async def test_a_newcomer_of_other_versions_gets_no_work_and_is_named(
    foreign: Foreign, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Said()
    async with connected(Access(foreign.address)) as client:
        keeper = Keeper(client, cast(Channel, said), run, "key")
        await keeper.begin("dispatch.address")
        jobs = Jobs(place(foreign), None)
        await jobs.begin()
        before = set(jobs._roster.workers)

        async def odd(client: object, worker: str) -> str:
            return "Python 3.12, but here it is Python 3.11"

        monkeypatch.setattr(versions, "odd", odd)
        newcomer = foreign.worker()
        await until(lambda: said.events)
        pids = {await jobs.run(os.getpid) for _ in range(20)}
        await jobs.close()
        await keeper.close()

    ((kind, fields),) = said.events
    assert kind == "warning"
    assert "gets no work: it runs Python 3.12, but here it is Python 3.11" in fields["sentence"]
    assert newcomer.pid not in pids
    assert set(jobs._roster.workers) == before


async def test_a_newcomer_of_the_same_versions_joins_in(foreign: Foreign, run: Path) -> None:
    said = Said()
    async with connected(Access(foreign.address)) as client:
        keeper = Keeper(client, cast(Channel, said), run, "key")
        await keeper.begin("dispatch.address")
        jobs = Jobs(place(foreign), None)
        await jobs.begin()
        newcomer = foreign.worker()
        await until(lambda: len(jobs._roster.workers) == 2)
        pids: set[int] = set()
        while newcomer.pid not in pids:
            pids |= set(await asyncio.gather(*(jobs.run(os.getpid) for _ in range(20))))
        await jobs.close()
        await keeper.close()

    assert [name for name, _ in said.events] == ["joined"]


async def test_jobs_that_a_worker_could_not_keep_are_said_to_be_missing(foreign: Foreign, run: Path) -> None:
    said = Said()
    async with connected(Access(foreign.address)) as client:
        keeper = Keeper(client, cast(Channel, said), run, "key")
        await keeper.begin("dispatch.address")
        (worker,) = keeper._workers
        await client.log_event(jobs_topic("key"), {"done": [], "running": [], "lost": 1234, "worker": worker})
        await until(lambda: said.events)
        await keeper.close()

    sentence = "The Dask worker on 127.0.0.1 could not tell of 1,234 jobs; its lanes lack them."
    assert said.events == [("warning", {"sentence": sentence})]


async def test_work_that_cannot_be_done_raises_what_it_raised(foreign: Foreign, run: Path) -> None:
    async with connected(Access(foreign.address)) as client:
        keeper = Keeper(client, cast(Channel, Said()), run, "key")
        await keeper.begin("dispatch.address")
        jobs = Jobs(place(foreign), None)
        await jobs.begin()
        with pytest.raises(ZeroDivisionError):
            await jobs.run(divmod, 1, 0)
        await jobs.close()
        await keeper.close()


async def test_a_scheduler_that_dies_fails_the_work_with_a_sentence(
    foreign: Foreign, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whether Dask's client has something to complain of depends on where it is when it is closed.
    for name in ("client", "utils", "core"):
        monkeypatch.setattr(logging.getLogger(f"distributed.{name}"), "disabled", True)
    async with connected(Access(foreign.address)) as client:
        keeper = Keeper(client, cast(Channel, Said()), run, "key")
        await keeper.begin("dispatch.address")
        jobs = Jobs(place(foreign), None)
        await jobs.begin()
        work = asyncio.ensure_future(jobs.run(time.sleep, 60))
        await asyncio.sleep(0)  # it is handed in
        foreign.processes[0].kill()
        with pytest.raises(ClusterError, match="connection to the Dask scheduler was lost"):
            await work
        await jobs.close()
        await keeper.close()


def file_of_ours() -> Callable[[], str]:
    """Tells where a worker has our files from; it travels as code."""

    def look() -> str:
        import explorer.cluster.aboard

        return str(explorer.cluster.aboard.__file__)

    return look


def other_archive() -> tuple[str, bytes]:
    """Our files with one more."""
    _, data = boarding.archive()
    other = io.BytesIO(data)
    with zipfile.ZipFile(other, "a") as packed:
        packed.writestr("explorer/news.py", "")
    return "explorer-other.zip", other.getvalue()


async def test_a_worker_that_another_run_needs_with_other_files_is_not_used_and_left_alone(
    foreign: Foreign, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _ = boarding.archive()
    async with connected(Access(foreign.address)) as client:
        keeper = Keeper(client, cast(Channel, Said()), run, "key")
        await keeper.begin("dispatch.address")
        ((_, workers),) = (await by_host(client)).items()
        with monkeypatch.context() as patch:
            other = other_archive()
            patch.setattr(boarding, "archive", lambda: other)
            second = Keeper(client, cast(Channel, Said()), run, "other")
            with pytest.raises(OptionError, match=f"{workers[0]} works for another run.*; end that run") as caught:
                await second.begin("dispatch.address")
            await second.close()
            (path,) = (await client.run(file_of_ours())).values()
            await keeper.close()
            third = Keeper(client, cast(Channel, Said()), run, "other")
            await third.begin("dispatch.address")
            (after,) = (await client.run(file_of_ours())).values()
            await third.close()

    assert caught.value.where == "dispatch.address"
    assert name in path
    assert "explorer-other.zip" in after


def of_explorer() -> Callable[..., list[str]]:
    """What a worker has of any package of our name, loaded or in its folder; it travels as code."""

    def look(dask_worker: Any = None) -> list[str]:
        import os
        import sys

        modules = [each for each in sys.modules if each.partition(".")[0] == "explorer"]
        paths = [each for each in sys.path if "explorer-" in each]
        paths += [each for each in os.listdir(dask_worker.local_directory) if "explorer-" in each]
        return modules + paths + [each for each in dask_worker.handlers if "explorer" in each]

    return look


def importer() -> Callable[[], str]:
    """Imports the package of our name and says which it is; it travels as code."""

    def load() -> str:
        import explorer

        return str(explorer.__file__)

    return load


async def test_after_the_last_run_a_worker_is_as_it_was(foreign: Foreign, run: Path) -> None:
    async with connected(Access(foreign.address)) as client:
        keepers = [Keeper(client, cast(Channel, Said()), run, key) for key in ("key", "other")]
        for keeper in keepers:
            await keeper.begin("dispatch.address")
        (held,) = (await client.run(of_explorer())).values()
        assert "explorer.cluster.aboard" in held
        await keepers[0].close()
        assert list((await client.run(of_explorer())).values()) == [held], "the other run still needs them"
        await keepers[1].close()
        assert list((await client.run(of_explorer())).values()) == [[]]

        again = Keeper(client, cast(Channel, Said()), run, "key")
        await again.begin("dispatch.address")
        await again.close()


USES = """
import asyncio, json, sys, time
from pathlib import Path
from types import SimpleNamespace
from explorer.cluster.access import Access
from explorer.cluster.connection import connected
from explorer.cluster.keeper import Keeper

async def use(address, run):
    async with connected(Access(address)) as client:
        await Keeper(client, SimpleNamespace(event=print), Path(run), "killed").begin("dispatch.address")
        print("begun", flush=True)
        await asyncio.sleep(600)

asyncio.run(use(*sys.argv[1:]))
"""


async def test_a_worker_lets_go_of_a_run_that_was_killed_and_not_of_one_that_lives(foreign: Foreign, run: Path) -> None:
    command = [sys.executable, "-c", USES, foreign.address, str(run)]
    async with connected(Access(foreign.address)) as client:
        keeper = Keeper(client, cast(Channel, Said()), run, "key")
        await keeper.begin("dispatch.address")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
            assert killed.stdout is not None
            assert killed.stdout.readline() == "begun\n"
            assert await held(client) == {jobs_topic("key"), jobs_topic("killed")}
            killed.kill()
        deadline = time.monotonic() + 40
        while await held(client) != {jobs_topic("key")}:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
        jobs = Jobs(place(foreign), None)
        await jobs.begin()
        assert await jobs.run(max, 3, 8) == 8
        await jobs.close()
        await keeper.close()
        assert list((await client.run(of_explorer())).values()) == [[]]


async def held(client: Any) -> set[str]:
    """Whose runs the only worker holds, by their outboxes."""

    def outboxes() -> list[str]:
        import sys

        aboard = sys.modules["explorer.cluster.aboard"]
        return [each.removeprefix("outbox ") for each in aboard._aboard if each.startswith("outbox ")]

    (found,) = (await client.run(outboxes)).values()
    return set(found)


async def test_a_client_that_lost_the_scheduler_for_a_moment_boards_its_workers_again(
    foreign: Foreign, run: Path
) -> None:
    said = Said()
    async with connected(Access(foreign.address)) as client:
        keeper = Keeper(client, cast(Channel, said), run, "key")
        await keeper.begin("dispatch.address")
        (worker,) = keeper._workers
        first = keeper._boarding._pledges[worker]
        await client.cancel([first], force=True)
        await until(lambda: keeper._boarding._pledges[worker] is not first and not keeper._boarding.lapsed)
        await keeper.close()

    assert [fields["sentence"] for _, fields in said.events] == [
        "The connection to the Dask scheduler was lost for a moment; lanes of its workers have a gap."
    ]


@pytest.mark.parametrize("loaded", [True, False])
async def test_a_worker_with_another_program_of_our_name_is_not_used_and_left_alone(
    foreign: Foreign, tmp_path: Path, run: Path, loaded: bool
) -> None:
    theirs = tmp_path / "theirs" / "explorer"
    theirs.mkdir(parents=True)
    (theirs / "__init__.py").write_text("")

    def add_path(path: str) -> None:
        import sys

        sys.path.insert(0, path)

    async with connected(Access(foreign.address)) as client:
        await client.run(add_path, str(theirs.parent))
        if loaded:
            await client.run(importer())
        keeper = Keeper(client, cast(Channel, Said()), run, "key")
        with pytest.raises(OptionError, match="has a package named 'explorer' that is another program's") as caught:
            await keeper.begin("dispatch.address")
        await keeper.close()
        (path,) = (await client.run(importer())).values()

    assert caught.value.where == "dispatch.address"
    assert path == str(theirs / "__init__.py")
    assert path in str(caught.value)


async def test_the_ground_that_dispatch_and_load_stand_on(foreign: Foreign) -> None:
    second = foreign.worker()
    async with connected(Access(foreign.address)) as client:
        ((host, workers),) = (await by_host(client)).items()
        assert host == "127.0.0.1"
        assert len(workers) == 2
        holding = Boarding(client, "holder")
        await holding.board(workers)
        await holding.board(workers)  # again is harmless
        offsets = await Clocks(client).measure(workers)
        assert set(offsets) == set(workers)
        for offset in offsets.values():
            # The same machine: what was measured must not be further from nothing than it claims.
            assert abs(offset.ahead_ns) <= offset.error_ns
        pids = [await pinned(client, worker, os.getpid) for worker in workers]
        assert second.pid in pids
        assert len(set(pids)) == 2
