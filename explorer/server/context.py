"""What a model of serving is given: everything that one server needs to know, passed down and never global."""

import importlib.util
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from explorer.catalog import Catalog
from explorer.child.channel import Channel
from explorer.child.main import ROLE
from explorer.child.streams import last_line, log_path
from explorer.probe.tracer import Tracer
from explorer.scenario import Scenario
from explorer.server.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class ServerContext:
    """One start of a server: its scenario, its listener (bound and listening), its channel, its probe.

    A process that is given single connections has no `listener`. `services` as in `Surroundings`. `late` are variables
    of an app of the user's own that came too late for this process.
    """

    channel: Channel
    scenario: Scenario
    catalog: Catalog
    listener: socket.socket | None
    tracer: Tracer | None
    epoch: int
    services: Mapping[str, str] = field(default_factory=dict)
    late: Sequence[str] = ()

    def speaks(self, what: str) -> bool:
        """Whether a workload of the scenario speaks this; see `Feature.speaks`. What an app of the user's own speaks is
        not known beforehand: a WebSocket if its interpreter has what that takes.
        """
        if self.scenario.own:
            return importlib.util.find_spec("websockets") is not None
        workloads = (self.scenario.workload, *(also.workload for also in self.scenario.also))
        return any(self.catalog.get("workload", chosen.id).speaks == what for chosen in workloads)

    @property
    def surroundings(self) -> Surroundings:
        """What the app's workloads may lean on."""
        run = self.tracer.run if self.tracer is not None else None
        return Surroundings(run, self.tracer, self.services)

    @property
    def url(self) -> str:
        """Where a client on this machine reaches the listener; empty without one."""
        if self.listener is None:
            return ""
        host, port = self.listener.getsockname()[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def last_words(self) -> str:
        """The last line of this server's log, which its workers print to as well; empty without a run."""
        if self.tracer is None:
            return ""
        return last_line(log_path(self.tracer.run, os.environ.get(ROLE, ""), os.getpid()))
