"""Which services a scenario asks for, and when one that runs is not the one that is needed."""

from pathlib import Path
from typing import Any, cast

import pytest

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.scenario import assign, default, packages, parse, reach
from explorer.session.member import Member
from explorer.session.services import Services, needed, service

CATALOG = Catalog()


class Child:
    """A child that is ready at once; it stands for its member as well."""

    def __init__(self, role: Role, interpreter: str) -> None:
        self.role, self.interpreter = role, interpreter
        self.child = self
        self.alive = True
        self.config: dict[str, Any] = {}

    def configure(self, **config: Any) -> None:
        """Keep it."""
        self.config = config

    async def ready(self, limit_s: float) -> dict[str, str]:
        """Where it is."""
        return {"address": f"{self.role} under {self.interpreter or 'this Python'}"}


class Run:
    """The services of a run, and all that was spawned for them."""

    def __init__(self) -> None:
        self.spawned: list[Child] = []
        self.services = Services(Path("run"), self._spawn)

    def _spawn(self, module: str, role: Role, name: str, interpreter: str) -> Member:
        self.spawned.append(Child(role, interpreter))
        return cast(Member, self.spawned[-1])


def needs(*settings: str) -> Any:
    return needed(CATALOG, assign(CATALOG, default(CATALOG), settings))


def test_workloads_ask_for_services_by_name() -> None:
    assert needs("workload.id=http_upstream") == {"upstream": {}}
    assert needs("workload.id=sleep") == {}


def test_a_cluster_is_known_by_what_makes_it_another_one() -> None:
    (name,) = needs("dispatch.id=cluster", "dispatch.workers=3")
    assert name == "cluster:3x2"
    assert service(name).role is Role.CLUSTER
    ((name, values),) = needs("dispatch.id=cluster", "dispatch.address=127.0.0.1:8786").items()
    assert name == "cluster:tcp://127.0.0.1:8786"
    assert values == {"address": "tcp://127.0.0.1:8786", "ca": "", "cert": "", "key": ""}


def test_parts_that_use_the_same_cluster_share_it() -> None:
    also = {"workload": "sleep", "dispatch": {"id": "cluster"}, "share": 0.5}
    scenario = parse(CATALOG, {"dispatch": {"id": "cluster"}, "also": [also]})
    assert list(needed(CATALOG, scenario)) == ["cluster:2x2"]


async def test_a_cluster_runs_under_the_servers_python_and_others_do_not() -> None:
    run = Run()
    wanted = {**needs("dispatch.id=cluster"), "upstream": {}}

    addresses = await run.services.ensure(wanted, "python3.12")

    assert addresses == {"cluster:2x2": "cluster under python3.12", "upstream": "upstream under this Python"}
    assert run.spawned[0].config["settings"]["workers"] == 2


async def test_with_another_python_the_cluster_goes_and_the_upstream_stays() -> None:
    run = Run()
    wanted = {**needs("dispatch.id=cluster"), "upstream": {}}
    await run.services.ensure(wanted, "python3.12")

    assert run.services.let_go(wanted, "python3.12") == []
    assert [member.child.role for member in run.services.let_go(wanted, "python3.13")] == [Role.CLUSTER]
    assert (await run.services.ensure(wanted, "python3.13"))["cluster:2x2"] == "cluster under python3.13"
    assert len(run.spawned) == 3


def test_dask_is_a_package_that_the_servers_python_must_have() -> None:
    assert packages(CATALOG, assign(CATALOG, default(CATALOG), ["dispatch.id=cluster"])) == {"distributed": "dispatch"}


def test_an_address_of_the_wrong_form_is_refused_before_anything_starts() -> None:
    scenario = assign(CATALOG, default(CATALOG), ["dispatch.id=cluster", "dispatch.address=nonsense"])
    with pytest.raises(OptionError, match="no address of a Dask scheduler") as caught:
        reach(CATALOG, scenario)
    assert caught.value.where == "dispatch.address"


def test_work_that_is_bound_to_this_machine_does_not_leave_it() -> None:
    here = ["dispatch.id=cluster", "workload.id=file_io"]
    assign(CATALOG, default(CATALOG), here)
    with pytest.raises(OptionError, match="files of this workload lie in the run's folder") as caught:
        assign(CATALOG, default(CATALOG), [*here, "dispatch.address=127.0.0.1:8786"])
    assert caught.value.where == "dispatch.address"


def test_without_dask_there_is_the_command_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    feature = CATALOG.get("dispatch", "cluster")
    assert feature.available() is None
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    reason = feature.available()
    assert reason is not None
    assert reason.endswith("-m pip install distributed")
    with pytest.raises(OptionError, match="pip install distributed"):
        assign(CATALOG, default(CATALOG), ["dispatch.id=cluster"])
