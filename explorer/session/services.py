"""What runs beside the server because a workload needs it: a slow upstream, a database.

A service is a child like the others. It is started before the first server that needs it and ends with the last, so
that a restart of the server finds it as it was. Its `ready` says where it is to be reached; that address goes to the
server alone, since it may hold a password.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from explorer.catalog import Catalog
from explorer.records.states import Role
from explorer.scenario import Scenario
from explorer.session.member import Member

START_LIMIT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Service:
    """How a service is started: the import string of its child's module, its role, what people call it.

    `servers_python`: it runs under the server's interpreter: the two exchange what only equal versions understand.
    """

    module: str
    role: Role
    title: str
    servers_python: bool = False


SERVICES: Final[Mapping[str, Service]] = {
    "upstream": Service("explorer.server.upstream", Role.UPSTREAM, "upstream"),
    "postgres": Service("explorer.supervise.postgres.process", Role.DATABASE, "database"),
    "cluster": Service("explorer.cluster.process", Role.CLUSTER, "cluster", servers_python=True),
}
"""By the names that features use in `services`, up to a colon: what follows it tells one apart from others."""

Spawn = Callable[[str, Role, str, str], Member]
Needs = Mapping[str, Mapping[str, Any]]
"""Services by name, each with the settings that go to its child."""


def service(name: str) -> Service:
    """How the service of this name is started."""
    return SERVICES[name.partition(":")[0]]


def needed(catalog: Catalog, scenario: Scenario) -> Needs:
    """The services that the scenario's workloads and dispatches ask for."""
    chosen = [("workload", scenario.workload), ("dispatch", scenario.dispatch)]
    for also in scenario.also:
        chosen += [("workload", also.workload), ("dispatch", also.dispatch)]
    found: dict[str, Mapping[str, Any]] = {}
    for section, one in chosen:
        services = catalog.get(section, one.id).services
        asked = services(one.knobs) if callable(services) else services
        found |= asked if isinstance(asked, Mapping) else {name: {} for name in asked}
    return found


class Services:
    """The services of one run. `spawn(module, role, name, interpreter)` starts a child on the session's loop."""

    def __init__(self, run: Path, spawn: Spawn) -> None:
        self._run = run
        self._spawn = spawn
        self._members: dict[str, Member] = {}
        self._addresses: dict[str, str] = {}
        self._interpreters: dict[str, str] = {}

    @property
    def members(self) -> list[Member]:
        """All that were started."""
        return list(self._members.values())

    async def ensure(self, needs: Needs, interpreter: str = "") -> dict[str, str]:
        """The addresses of these services; what does not run is started, under `interpreter` what needs the server's.

        Raises `OptionError` when one cannot start.
        """
        fresh = [name for name in needs if name not in self._members or not self._members[name].alive]
        for name in fresh:
            kind = service(name)
            python = self._interpreters[name] = interpreter if kind.servers_python else ""
            member = self._members[name] = self._spawn(kind.module, kind.role, kind.title, python)
            member.child.configure(run=str(self._run), settings=dict(needs[name]))
        ready = await asyncio.gather(*(self._members[name].ready(START_LIMIT_S) for name in fresh))
        self._addresses |= {name: str(said["address"]) for name, said in zip(fresh, ready, strict=True)}
        return {name: self._addresses[name] for name in needs}

    def let_go(self, needs: Needs, interpreter: str = "") -> list[Member]:
        """The services that are none of these, or not of this interpreter's, for the caller to end."""
        return [self._members.pop(name) for name in list(self._members) if not self._serves(name, needs, interpreter)]

    def _serves(self, name: str, needs: Needs, interpreter: str) -> bool:
        return name in needs and (not service(name).servers_python or self._interpreters[name] == interpreter)
