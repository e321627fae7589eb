"""What runs beside the server because a workload needs it: a slow upstream, a database.

A service is a child like the others. It is started before the first server that needs it and ends with the last, so
that a restart of the server finds it as it was. Its `ready` says where it is to be reached; that address goes to the
server alone, since it may hold a password.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from explorer.catalog import Catalog
from explorer.records.states import Role
from explorer.scenario import Scenario
from explorer.session.member import Member

START_LIMIT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Service:
    """How a service is started: the import string of its child's module, its role, what people call it."""

    module: str
    role: Role
    title: str


SERVICES: Final[Mapping[str, Service]] = {
    "upstream": Service("explorer.server.upstream", Role.UPSTREAM, "upstream"),
    "postgres": Service("explorer.supervise.postgres.process", Role.DATABASE, "database"),
}
"""By the names that features use in `services`."""

Spawn = Callable[[str, Role, str], Member]


def needed(catalog: Catalog, scenario: Scenario) -> tuple[str, ...]:
    """Names of the services that the scenario's workloads ask for."""
    workloads = (scenario.workload, *(also.workload for also in scenario.also))
    found: list[str] = []
    for chosen in workloads:
        services = catalog.get("workload", chosen.id).services
        found += services(chosen.knobs) if callable(services) else services
    return tuple(dict.fromkeys(found))


class Services:
    """The services of one run. `spawn(module, role, name)` starts a child on the session's loop."""

    def __init__(self, run: Path, spawn: Spawn) -> None:
        self._run = run
        self._spawn = spawn
        self._members: dict[str, Member] = {}
        self._addresses: dict[str, str] = {}

    @property
    def members(self) -> list[Member]:
        """All that were started."""
        return list(self._members.values())

    async def ensure(self, names: tuple[str, ...]) -> dict[str, str]:
        """The addresses of these services; what does not run is started. Raises `OptionError` when one cannot start."""
        fresh = [name for name in names if name not in self._members or not self._members[name].alive]
        for name in fresh:
            service = SERVICES[name]
            member = self._members[name] = self._spawn(service.module, service.role, service.title)
            member.child.configure(run=str(self._run))
        ready = await asyncio.gather(*(self._members[name].ready(START_LIMIT_S) for name in fresh))
        self._addresses |= {name: str(said["address"]) for name, said in zip(fresh, ready, strict=True)}
        return {name: self._addresses[name] for name in names}

    def let_go(self, names: tuple[str, ...]) -> list[Member]:
        """The services that are none of these, for the caller to end: no server needs them any more."""
        return [self._members.pop(name) for name in list(self._members) if name not in names]
