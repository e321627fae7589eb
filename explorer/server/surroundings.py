"""What the preparations of a workload may lean on: the run's folder, the services beside the server, the probe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from explorer.probe.tracer import Tracer


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a server's workload finds itself. `run` is the run's folder, None without one.

    `services` gives the address of each service that the workload's feature asks for, by its name; an address may hold
    a password and must not get into a log or a record.
    """

    run: Path | None = None
    tracer: Tracer | None = None
    services: Mapping[str, str] = field(default_factory=dict)
