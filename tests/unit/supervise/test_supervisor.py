"""What the supervisor settles before anything starts."""

import pytest

from explorer.catalog import Catalog
from explorer.options import OptionError
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
