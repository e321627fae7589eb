"""The books of a server that gives each connection a process: whatever processes say, in whatever order."""

import asyncio
import contextlib
import copy
import errno
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import pytest
import uvicorn

from explorer.catalog import Catalog
from explorer.child.channel import Channel
from explorer.child.relay import Relay
from explorer.option_error import OptionError
from explorer.scenario import default
from explorer.server import tracing
from explorer.server.connections import processes
from explorer.server.connections.processes import ProcessServer, _no_app
from explorer.server.context import ServerContext
from explorer.server.serving import MOVE_OVER_S, uvicorn_config
from explorer.server.team import Plan


class Told:
    """The session's end: the events and errors that it was told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []
        self.errors: list[tuple[str, str]] = []

    def error(self, sentence: str, where: str) -> None:
        """As a channel's."""
        self.errors.append((sentence, where))

    def event(self, name: str, **fields: Any) -> None:
        """As a channel's."""
        self.events.append((name, fields["pid"]))


class Starts:
    """Counts the processes that it should start; `broken` starts none."""

    def __init__(self) -> None:
        self.started = 0
        self.broken = False

    def start(self, plan: Plan) -> None:
        """As a source's."""
        if self.broken:
            raise RuntimeError("the process that forks has gone")
        self.started += 1

    def close(self) -> None:
        """As a source's."""


class Later:
    """The calls that a server has put off, in place of its loop; nothing happens before `pass_time`."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, Callable[[], object]]] = []

    def call_later(self, delay: float, call: Callable[[], object]) -> "Later":
        """As a loop's."""
        self.calls.append((delay, call))
        return self

    def cancel(self) -> None:
        """As a handle's; what was put off looks for itself whether it is still wanted."""

    def pass_time(self) -> float:
        """Make the calls that are due; the longest delay among them, in seconds."""
        calls, self.calls = self.calls, []
        for _, call in calls:
            call()
        return max((delay for delay, _ in calls), default=0.0)


@pytest.fixture
def later(stands_by: ProcessServer) -> Later:
    """Time for the server that has standbys; all of them have just become another's, so that it needs new ones."""
    later = Later()
    stands_by._loop = cast(asyncio.AbstractEventLoop, later)
    stands_by._serving.update(stands_by._ready)
    stands_by._ready.clear()
    stands_by._match()
    later.pass_time()
    return later


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def source() -> Starts:
    return Starts()


def server_of(told: Told, source: Starts, start: str, standbys: int) -> ProcessServer:
    catalog = Catalog()
    scenario = default(catalog)
    context = ServerContext(cast(Channel, told), scenario, catalog, None, None, 1)
    config = uvicorn_config(
        _no_app, scenario.server, loop=tracing.loop_factory("asyncio", None), http=tracing.protocol("h11", None)
    )
    server = ProcessServer(config, context, start, standbys)
    server._source = source
    return server


@pytest.fixture
def forks(told: Told, source: Starts) -> Iterator[ProcessServer]:
    """Starts a process when a connection comes; the trial has been started."""
    server = server_of(told, source, "fork", 0)
    server._start_one()
    yield server
    server.team.relay.close()


@pytest.fixture
def stands_by(told: Told, source: Starts) -> Iterator[ProcessServer]:
    """Has two standbys, 11 and 12."""
    server = server_of(told, source, "standby", 2)
    for pid in (11, 12):
        server._start_one()
        server._hear(pid, {"type": "ready"})
    yield server
    server.team.relay.close()


def test_the_trials_end_is_no_failure_even_if_told_before_its_last_word(forks: ProcessServer, told: Told) -> None:
    forks._hear(10, {"type": "ready"})
    forks._ended(10, 0)
    forks._hear(10, {"type": "stopped"})

    assert (forks._starting, forks._stopped, told.events) == (0, set(), [])


def test_a_last_word_that_comes_behind_the_end_is_not_kept(stands_by: ProcessServer, told: Told) -> None:
    stands_by._ready.remove(11)
    stands_by._serving.add(11)

    stands_by._ended(11, 0)
    stands_by._hear(11, {"type": "stopped"})

    assert (stands_by._stopped, stands_by.open_connections, told.events) == (set(), 0, [])


@pytest.mark.expects_log("Process 13 was ended by SIGKILL before it could serve")
def test_who_is_told_ready_after_its_end_makes_no_room_for_a_standby_too_many(stands_by: ProcessServer) -> None:
    stands_by._start_one()
    stands_by._ended(13, -9)
    stands_by._hear(13, {"type": "ready"})

    assert stands_by._starting == 0


def test_a_connection_for_which_nothing_starts_waits_for_no_process(forks: ProcessServer, source: Starts) -> None:
    forks._announced = True
    source.broken = True
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(RuntimeError):
            forks.take(ours)

        assert forks.open_connections == 0, "who called refuses it; it must not be handed over as well"


def test_the_end_of_what_forks_ends_the_server_with_a_sentence(stands_by: ProcessServer) -> None:
    stands_by._ready.remove(11)
    stands_by._serving.add(11)

    stands_by._nursery_ended(9, -9)

    assert stands_by.should_exit
    assert stands_by.open_connections == 0
    assert isinstance(stands_by.complaint, OptionError)
    assert str(stands_by.complaint) == "Process 9, which forks the processes of connections, was ended by SIGKILL."


def test_a_standby_that_is_ready_when_all_have_been_told_to_stop_is_not_waited_for(stands_by: ProcessServer) -> None:
    stands_by._start_one()
    stands_by._told_to_stop = True

    stands_by._hear(13, {"type": "ready"})

    assert list(stands_by._ready) == [11, 12]


UNSTARTED = "Process 13 ended with exit status 1 before it could serve"


@pytest.mark.expects_log(UNSTARTED)
def test_pauses_between_standbys_that_do_not_start_grow_until_one_does(
    stands_by: ProcessServer, source: Starts, later: Later
) -> None:
    assert (source.started, stands_by._starting) == (4, 2)
    for pid in (13, 14):  # they fail together: that is one failure
        stands_by._ended(pid, 1)

    pauses = []
    for trial in range(1, 9):
        pauses.append(later.pass_time())
        assert (source.started, stands_by._starting) == (4 + trial, 1), "one, to see whether it can be done again"
        stands_by._see_to_standbys()
        stands_by._ended(20 + trial, 1)
        stands_by._see_to_standbys()
        assert source.started == 4 + trial, "and none without a pause"
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]

    later.pass_time()
    stands_by._hear(30, {"type": "ready"})
    later.pass_time()
    assert (len(stands_by._ready), stands_by._starting) == (1, 1), "the others follow"
    stands_by._ended(31, 1)
    assert later.pass_time() == 0.1


@pytest.mark.expects_log(UNSTARTED)
def test_why_standbys_do_not_start_is_told_once(stands_by: ProcessServer, told: Told, later: Later) -> None:
    complaint = {"type": "error", "sentence": "The file is not a database.", "where": "workload.url"}
    for pid in range(13, 18):
        stands_by._hear(pid, complaint)
        stands_by._ended(pid, 1)
        later.pass_time()
    assert told.errors == [("The file is not a database.", "workload.url")]

    stands_by._hear(11, complaint)
    assert len(told.errors) == 2, "of one that serves, it is another matter"


NOT_FORKED = "No process could be started for a connection (Resource temporarily unavailable)."


@pytest.mark.expects_log("No process could be started for a connection")
def test_a_process_that_cannot_be_forked_has_no_number(
    stands_by: ProcessServer, told: Told, source: Starts, later: Later, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        stands_by._ended(0, errno.EAGAIN)
        stands_by._ended(0, errno.EAGAIN)
        later.pass_time()

    assert told.errors == [(NOT_FORKED, "model.start")]
    assert told.events == []
    assert [record.message for record in caplog.records] == [NOT_FORKED]
    assert stands_by._starting == 1


def test_a_server_whose_first_process_cannot_be_forked_ends_with_a_sentence(forks: ProcessServer) -> None:
    forks._ended(0, errno.EAGAIN)

    assert str(forks.complaint) == NOT_FORKED


class Visitors:
    """A listener in the hands of a server, and the connections that have been made to it."""

    def __init__(self, server: ProcessServer, stack: contextlib.ExitStack) -> None:
        self._server = server
        self._stack = stack
        self._clients: list[socket.socket] = []
        self._listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        server._listener = self._listener
        server._accept()
        stack.callback(self._leave)

    def _leave(self) -> None:
        self._server.stop_accepting()
        for sock in self._server._waiting_for_process:
            sock.close()

    def come(self, count: int) -> None:
        """Connect."""
        for _ in range(count):
            client = socket.create_connection(self._listener.getsockname())
            self._clients.append(self._stack.enter_context(client))

    async def answers(self) -> list[bytes]:
        """Let all of them ask; the beginnings of the answers, as soon as everybody has one."""

        async def ask(client: socket.socket) -> bytes:
            reader, writer = await asyncio.open_connection(sock=client.dup())
            writer.write(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            return answer[:12]

        async with asyncio.timeout(10):
            return await asyncio.gather(*map(ask, self._clients))

    async def until_held_back(self) -> None:
        """Wait until the server lets the rest wait in the listener."""
        async with asyncio.timeout(10):
            while not self._server._holds_back:
                await asyncio.sleep(0.001)


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that were given a connection."""
    pids: list[int] = []
    monkeypatch.setattr(Relay, "hand_over", lambda relay, pid, sock: pids.append(pid))
    return pids


async def test_without_standbys_so_many_start_at_a_time_and_the_others_wait_in_the_listener(
    told: Told, source: Starts, handed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "AT_ONCE", 2)
    server = server_of(told, source, "fork", 0)
    server._announced = True
    with contextlib.ExitStack() as stack:
        visitors = Visitors(server, stack)
        visitors.come(5)

        for started, pid in ((2, 11), (3, 12), (4, 13)):
            await visitors.until_held_back()
            assert (len(server._waiting_for_process), source.started) == (2, started)
            server._hear(pid, {"type": "ready"})

        assert handed == [11, 12, 13]
    server.team.relay.close()


async def test_with_standbys_nobody_is_accepted_for_whom_none_is_ready(
    stands_by: ProcessServer, source: Starts, handed: list[int]
) -> None:
    stands_by._announced = True
    with contextlib.ExitStack() as stack:
        visitors = Visitors(stands_by, stack)
        visitors.come(7)
        await visitors.until_held_back()

        assert handed == [11, 12]
        assert not stands_by._waiting_for_process, "a stop may come before those that start are ready"
        assert (stands_by._starting, source.started) == (2, 4), "somebody waits: the next two are started at once"

        for pid in (13, 14):
            stands_by._hear(pid, {"type": "ready"})
            async with asyncio.timeout(10):
                while pid not in handed:
                    await asyncio.sleep(0.001)
        await visitors.until_held_back()
        assert (handed, stands_by.open_connections) == ([11, 12, 13, 14], 4)


async def test_beyond_the_limit_nobody_waits_for_a_process_to_be_refused(
    stands_by: ProcessServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands_by._ready.clear()
    stands_by._serving.update((11, 12))
    refused: list[socket.socket] = []
    monkeypatch.setattr(stands_by, "refuse", refused.append)
    stands_by._limit = 2
    with contextlib.ExitStack() as stack:
        visitors = Visitors(stands_by, stack)
        visitors.come(3)
        async with asyncio.timeout(10):
            while len(refused) < 3:
                await asyncio.sleep(0.001)
        for sock in refused:
            sock.close()


async def start_refusing(server: ProcessServer) -> None:
    """Bring a server to where it can refuse, with no process."""
    server.config.lifespan = "off"
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await uvicorn.Server.startup(server, sockets=[])
    server._refusing = copy.copy(server.config)
    server._refusing.limit_concurrency = 0
    server._announced = True


@pytest.fixture
async def starts_none(told: Told, source: Starts) -> AsyncIterator[ProcessServer]:
    """Has a standby that is starting, and has none that is ready."""
    server = server_of(told, source, "standby", 1)
    await start_refusing(server)
    server._loop = asyncio.get_running_loop()
    server._start_one()
    yield server
    server.should_exit = True
    await server.shutdown()
    server.team.relay.close()


@pytest.mark.expects_log(UNSTARTED)
@pytest.mark.expects_log("Exceeded concurrency limit")
async def test_who_comes_while_no_standby_starts_is_refused_and_waits_for_no_pause(
    starts_none: ProcessServer, source: Starts, handed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE_S", 3600.0)
    monkeypatch.setattr(processes, "LONGEST_PAUSE_S", 3600.0)
    with contextlib.ExitStack() as stack:
        visitors = Visitors(starts_none, stack)
        visitors.come(3)  # they wait for the standby in the listener
        await visitors.until_held_back()
        assert not starts_none._waiting_for_process

        starts_none._ended(13, 1)
        visitors.come(2)

        assert await visitors.answers() == [b"HTTP/1.1 503"] * 5
        assert source.started == 1

        starts_none._try_again()
        visitors.come(1)
        await visitors.until_held_back()
        starts_none._hear(14, {"type": "ready"})
        async with asyncio.timeout(10):
            while not handed:
                await asyncio.sleep(0.001)
        assert handed == [14], "who comes when the pause is over waits for what is tried then"


async def test_a_stop_does_not_wait_for_whom_it_refuses_and_who_asks_nothing(
    starts_none: ProcessServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    starts_none._limit = 0
    with contextlib.ExitStack() as stack:
        visitors = Visitors(starts_none, stack)
        visitors.come(3)
        async with asyncio.timeout(10):
            while starts_none.refused < 3:
                await asyncio.sleep(0.001)
        deadlines: list[float] = []
        until = starts_none._until

        async def noted(over: Callable[[], bool], deadline: float) -> None:
            deadlines.append(deadline - loop.time())
            await until(over, deadline)

        monkeypatch.setattr(starts_none, "_until", noted)
        starts_none.stop(5.0)
        await starts_none.shutdown()

        assert deadlines[-1] <= MOVE_OVER_S
        assert (starts_none.refused, starts_none.server_state.tasks) == (0, set())


@pytest.mark.expects_log("Exceeded concurrency limit")
async def test_for_whom_no_process_is_ready_in_the_time_of_a_stop_is_answered(told: Told, source: Starts) -> None:
    server = server_of(told, source, "fork", 0)
    await start_refusing(server)
    server.should_exit = True
    with socket.create_server(("127.0.0.1", 0)) as listener:
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        accepted, _ = listener.accept()
        writer.write(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
        server.take(accepted)

        await server.shutdown()

        assert (server.server_state.tasks, server.refused) == (set(), 0), "the loop ends now, and all that is on it"
        assert (await reader.read())[:12] == b"HTTP/1.1 503"
        writer.close()
        await writer.wait_closed()
    server.team.relay.close()
