"""The processes that serve for a server's own process: what each is to do, and what all are told while they do it.

A member is a server with one loop, as in `one_loop`, whose channel leads to the server's process
(`explorer.child.relay`); that one passes `set` and `stop` on and gathers the answers.
"""

import os
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from explorer.catalog import Catalog
from explorer.child.channel import Message
from explorer.child.relay import Address, Relay, Take, join_relay
from explorer.records.states import Role
from explorer.scenario import parse
from explorer.server import tracing
from explorer.server.context import ServerContext
from explorer.server.live import apply_server_knobs, changed
from explorer.server.parts import arguments_of


@dataclass(frozen=True, slots=True)
class Plan:
    """What a member is to do; goes to it when it is started. `scenario` contains the first `changes` live changes."""

    scenario: dict[str, Any]
    relay: Address
    epoch: int
    services: Mapping[str, str]
    changes: int = 0


class Team:
    """The server's end: the plan for members that are started now, and live changes for those that are there.

    `deliver(pid, message)` gets what members say, on threads of their own.
    """

    def __init__(self, context: ServerContext, deliver: Callable[[int, Message], None]) -> None:
        self._context = context
        self._scenario = context.scenario
        self._changes: dict[str, tuple[int, Any]] = {}  # by knob: the number of its last change, and the value
        run = context.tracer.run if context.tracer is not None else None
        self.relay = Relay(run, deliver, self._changed_since)
        self.plan = Plan(context.scenario.to_dict(), self.relay.address, context.epoch, context.services)

    def change(self, message: Message) -> None:
        """Change a knob in every member, and for those that are started later."""
        knob = str(message["knob"])
        self._scenario = changed(self._context.catalog, self._scenario, knob, message["value"])
        number = self.plan.changes + 1
        # Before anybody is asked: a member that joins meanwhile must find it in one place or the other. A new
        # dictionary, as a member may be joining in its thread just now.
        self._changes = {**self._changes, knob: (number, message["value"])}
        self.plan = replace(self.plan, scenario=self._scenario.to_dict(), changes=number)
        self.relay.ask(
            {"type": "set", "knob": knob, "value": message["value"]},
            lambda pids: self._context.channel.applied(knob, pids),
        )

    def _changed_since(self, seen: int) -> list[Message]:
        """What a member does not know whose plan contains the first `seen` changes."""
        changes = sorted((number, knob, value) for knob, (number, value) in self._changes.items() if number > seen)
        return [{"type": "set", "knob": knob, "value": value} for _, knob, value in changes]


def measure(context: ServerContext) -> None:
    """Let workloads measure what they need once, before there is a crowd, so that all members do the same work."""
    scenario = context.scenario
    if scenario.own:
        return
    for chosen in (scenario.workload, *(also.workload for also in scenario.also)):
        body = context.catalog.get("workload", chosen.id).entry.partition(":")[0]
        arguments_of(body, context.surroundings).close()


def be_member(
    plan: Plan,
    role: Role,
    label: str,
    listener: socket.socket | None,
    serve: Callable[[ServerContext], None],
    take: Take | None = None,
    catalog: Catalog | None = None,
) -> NoReturn:
    """Be a member until told to stop, and end the process: join relay and run, then `serve`.

    `take` gets the connections that the server hands over; it is called on the channel's thread. `catalog` spares the
    time to make one.
    """
    channel = join_relay(plan.relay, plan.changes, take)
    tracing.log_everything(plan.scenario)
    tracer = tracing.join(role, label)
    tracing.tell_if_unobserved(tracer, channel)
    try:
        catalog = catalog or Catalog()
        scenario = parse(catalog, plan.scenario)
        tracing.locks(tracer, scenario, channel)
        apply_server_knobs(scenario.server)
        serve(ServerContext(channel, scenario, catalog, listener, tracer, plan.epoch, plan.services))
        channel.stopped()
    except Exception as error:
        details = str(getattr(error, "details", ""))
        channel.error(
            sentence(role, error), str(getattr(error, "where", "")), **({"details": details} if details else {})
        )
        raise
    finally:
        if tracer is not None:
            tracer.close()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    # As in the child's frame: nothing that is left may keep the process.
    os._exit(0)


def sentence(role: Role, error: Exception) -> str:
    """Why a member cannot start."""
    if hasattr(error, "where"):
        return str(error)
    who = "A worker" if role is Role.WORKER else "A connection's process"
    return f"{who} cannot start ({type(error).__name__}: {error}); the server's log says more."
