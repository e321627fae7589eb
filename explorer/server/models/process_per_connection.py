"""Process per connection: every connection gets a process of its own, which ends with it.

Requests of different connections share neither a loop nor a GIL. What that costs is a process: its memory, and the time
to start it, which standbys hide as long as connections do not come faster than processes can be started.
"""

import os
from typing import Literal

from pydantic import field_validator

from explorer.catalog import Feature
from explorer.demand import Serving
from explorer.options import Knobs, knob
from explorer.records.states import State
from explorer.server.context import ServerContext


class ProcessKnobs(Knobs):
    """How processes are started, and when."""

    start: Literal["standby", "fork", "spawn"] = knob(
        "standby", title="Start",
        description="Standbys start before they are needed; fork copies a prepared process, spawn a new interpreter.",
        labels={"standby": "Standbys", "fork": "Fork", "spawn": "Spawn"},
    )  # fmt: skip
    standbys: int = knob(
        4, ge=1, le=64, title="Standbys", unit="processes",
        description="How many processes stand by for the connections to come; only with start = standby.",
    )  # fmt: skip

    @field_validator("start")
    @classmethod
    def _can_fork(cls, start: str) -> str:
        if start == "fork" and not hasattr(os, "fork"):
            raise ValueError("This system cannot fork; choose standby or spawn")
        return start


feature = Feature(
    id="process_per_connection",
    title="Process per connection",
    short="A process for each.",
    summary="Every connection gets a process; some stand by, so that starting costs little.",
    group="One for each connection",
    order=40,
    # Above, the process that accepts; below, processes that compute side by side and end; the last one stands by.
    picture=(
        (0, 0.02, 0.03, State.RUNNING),
        (0, 0.16, 0.03, State.RUNNING),
        (0, 0.46, 0.03, State.RUNNING),
        (1, 0.02, 0.04, State.IDLE),
        (1, 0.06, 0.48, State.RUNNING),
        (2, 0.02, 0.18, State.IDLE),
        (2, 0.20, 0.50, State.RUNNING),
        (3, 0.30, 0.20, State.IDLE),
        (3, 0.50, 0.44, State.RUNNING),
        (4, 0.58, 0.36, State.IDLE),
    ),
    entry="explorer.server.models.process_per_connection:serve",
    knobs=ProcessKnobs,
    refuses={
        "dispatch.process_pool": "Every connection's process would start a process pool of its own; choose another "
        "dispatch, or another model.",
        "dispatch.interpreter_pool": "Every connection's process would start interpreters of its own; choose another "
        "dispatch, or another model.",
    },
    serving=lambda knobs: Serving(None, None, starts=True),
)


def serve(server: ServerContext) -> None:
    """Serve until the channel says stop."""
    from explorer.server.connections.processes import serve_in_processes

    knobs = server.scenario.model.knobs.model_dump()
    serve_in_processes(server, knobs["start"], knobs["standbys"])
