"""The books of a server that gives each connection a process: whatever processes say, in whatever order."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest

from explorer.catalog import Catalog
from explorer.child.channel import Channel
from explorer.options import OptionError
from explorer.scenario import default
from explorer.server import tracing
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


async def test_connections_for_which_there_is_no_room_wait_in_the_listener(
    told: Told, source: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = server_of(told, source, "fork", 0)
    server._announced, server._most_waiting = True, 1
    handed: list[int] = []
    monkeypatch.setattr(server.team.relay, "hand_over", lambda pid, sock: handed.append(pid))
    with socket.socket() as listener, contextlib.ExitStack() as clients:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server._listener = listener
        server._accept()
        for _ in range(3):
            clients.enter_context(socket.create_connection(listener.getsockname()))

        for pid in (11, 12, 13):
            async with asyncio.timeout(10):
                while not (server._waiting_for_process and (server._holds_back or pid == 13)):
                    await asyncio.sleep(0.001)
            assert (len(server._waiting_for_process), source.started) == (1, pid - 10)
            server._hear(pid, {"type": "ready"})

        assert handed == [11, 12, 13]
        server.stop_accepting()
    server.team.relay.close()
