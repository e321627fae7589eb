"""The books of a server that gives each connection a process: whatever processes say, in whatever order."""

import asyncio
import contextlib
import copy
import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest
import uvicorn

from explorer.catalog import Catalog
from explorer.child.channel import Channel
from explorer.child.relay import Relay
from explorer.options import OptionError
from explorer.scenario import default
from explorer.server import tracing
from explorer.server.connections import processes
from explorer.server.connections.processes import ProcessServer, _no_app
from explorer.server.context import ServerContext
from explorer.server.serving import uvicorn_config
from explorer.server.team import Plan


class Told:
    """The session's end: the events that it was told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []

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


class Visitors:
    """A listener in the hands of a server, and the connections that have been made to it."""

    def __init__(self, server: ProcessServer, stack: contextlib.ExitStack) -> None:
        self._server = server
        self._stack = stack
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
            self._stack.enter_context(socket.create_connection(self._listener.getsockname()))

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


async def test_with_standbys_nobody_is_accepted_for_whom_none_is_there_or_starting(
    stands_by: ProcessServer, source: Starts, handed: list[int]
) -> None:
    stands_by._announced = True
    with contextlib.ExitStack() as stack:
        visitors = Visitors(stands_by, stack)
        visitors.come(7)
        await visitors.until_held_back()

        assert handed == [11, 12]
        assert len(stands_by._waiting_for_process) == stands_by._starting == 2
        assert source.started == 4, "somebody waits: the next two are started at once"

        stands_by.should_exit = True
        for pid in (13, 14):
            stands_by._hear(pid, {"type": "ready"})
        assert handed == [11, 12, 13, 14], "who was accepted is served in a stop"
        await visitors.until_held_back()
        assert (stands_by.open_connections, source.started) == (4, 4), "and nobody else is accepted"


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


@pytest.mark.expects_log("Exceeded concurrency limit")
async def test_for_whom_no_process_is_ready_in_the_time_of_a_stop_is_answered(told: Told, source: Starts) -> None:
    server = server_of(told, source, "fork", 0)
    server.config.lifespan = "off"
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await uvicorn.Server.startup(server, sockets=[])
    server._refusing = copy.copy(server.config)
    server._refusing.limit_concurrency = 0
    server._announced, server.should_exit = True, True
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
