"""What the supervisor settles before anything starts."""

import socket
from collections.abc import Iterator

import pytest

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.scenario import Scenario, assign, default
from explorer.supervise import cores
from explorer.supervise.supervisor import Supervisor

CATALOG = Catalog()


def scenario(*settings: str) -> Scenario:
    """A scenario by its settings."""
    return assign(CATALOG, default(CATALOG), settings)


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Four cores, and what this process was bound to."""
    bound: list[tuple[int, ...]] = []
    monkeypatch.setattr(cores, "available", lambda: bound[-1] if bound else (0, 1, 2, 3))
    monkeypatch.setattr(cores, "pin_self", lambda wanted: bound.append(tuple(wanted)))
    return bound


def test_a_core_that_does_not_exist_stops_everything(pinned: list[tuple[int, ...]]) -> None:
    with pytest.raises(OptionError, match="There is no core 9") as caught:
        Supervisor().check(scenario("server.affinity=9"))

    assert caught.value.where == "server.affinity"
    assert pinned == []


def test_checking_binds_nothing(pinned: list[tuple[int, ...]]) -> None:
    supervisor = Supervisor()
    supervisor.check(scenario("server.isolate=true", "server.affinity=1"))

    assert supervisor._defaults(Role.SERVER) == {}
    assert pinned == []


def test_the_affinity_is_the_servers_alone(pinned: list[tuple[int, ...]]) -> None:
    supervisor = Supervisor()
    supervisor.settle(scenario("server.affinity=1-2"))

    assert supervisor._defaults(Role.SERVER) == {"cores": [1, 2]}
    assert supervisor._defaults(Role.LOAD) == {}
    assert pinned == []


def test_kept_apart_each_has_its_own_cores(pinned: list[tuple[int, ...]]) -> None:
    supervisor = Supervisor()
    supervisor.settle(scenario("server.isolate=true"))

    given = {role: supervisor._defaults(role)["cores"] for role in (Role.SERVER, Role.LOAD, Role.SAMPLER)}
    assert given == {Role.SERVER: [0, 1], Role.LOAD: [2], Role.SAMPLER: [3]}
    assert pinned == [(3,)]


def test_this_process_is_free_again_when_nothing_is_kept_apart_any_more(pinned: list[tuple[int, ...]]) -> None:
    supervisor = Supervisor()
    supervisor.settle(scenario("server.isolate=true"))
    # This process has one core now; the machine still has four.
    supervisor.settle(scenario("server.affinity=0-1"))
    assert pinned == [(3,), (0, 1, 2, 3)]

    supervisor.settle(scenario("server.isolate=true"))
    supervisor.close()

    assert pinned[2:] == [(3,), (0, 1, 2, 3)]


def test_with_too_few_cores_the_server_says_so(pinned: list[tuple[int, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "available", lambda: (0, 1))
    supervisor = Supervisor()
    supervisor.settle(scenario("server.isolate=true"))

    assert supervisor._defaults(Role.SERVER) == {
        "note": "Server, load and window cannot be kept apart: that takes 3 cores, and here are 2."
    }
    assert supervisor._defaults(Role.LOAD) == {}
    assert pinned == []


@pytest.fixture
def listening() -> Iterator[Supervisor]:
    """A supervisor that listens on a free port of 127.0.0.1."""
    supervisor = Supervisor()
    supervisor.listen("127.0.0.1", 0)
    yield supervisor
    supervisor.close()


def test_another_address_keeps_the_port_though_the_old_server_still_has_it(listening: Supervisor) -> None:
    port = listening.address[1]
    # What a server has while it serves.
    served = listening.listen("127.0.0.1", 0).socket.dup()
    try:
        listening.listen("0.0.0.0", port)
    finally:
        served.close()

    assert listening.address[1] == port
    socket.create_connection(listening.address, 5).close()


def test_the_port_is_not_shared_with_others(listening: Supervisor) -> None:
    port = listening.address[1]
    listening.listen("0.0.0.0", port)

    for host in ("0.0.0.0", "127.0.0.1"):
        with pytest.raises(OptionError, match=f"Port {port} is in use"):
            Supervisor().listen(host, port)


def test_the_present_port_by_its_number_is_the_present_listener(listening: Supervisor) -> None:
    present = listening.listen("127.0.0.1", 0)

    assert listening.listen("127.0.0.1", present.port) is present


def test_a_listener_that_cannot_be_had_leaves_the_present_one(listening: Supervisor) -> None:
    present = listening.listen("127.0.0.1", 0)

    with pytest.raises(OptionError):
        listening.listen("203.0.113.1", present.port)

    assert listening.listen("127.0.0.1", 0) is present
    socket.create_connection(listening.address, 5).close()
