"""The sampler: a child of the session that looks at all processes of the run from outside, ten times a second."""

import os
import threading
from collections.abc import Callable
from typing import Any, Protocol

from explorer.options import OptionError
from explorer.probe.tracer import Tracer
from explorer.records.states import Role
from explorer.sampler.roll import Roll
from explorer.sampler.vitals import Vitals

Message = dict[str, Any]


class Channel(Protocol):
    """What the sampler needs of `explorer.child.channel.Channel`."""

    def on(self, kind: str, handler: Callable[[Message], None]) -> None:
        """Call `handler` for each message of a type, from another thread."""
        ...

    def ready(self, **fields: Any) -> None:
        """Say that sampling has begun."""
        ...


def prepare() -> str:
    """Nothing is slow here but the imports above. Returns the words for this step."""
    return "Sampler imported"


def main(channel: Channel, config: Message) -> None:
    """Sample the run that `EXPLORER_RUN` names until `stop`."""
    stop = threading.Event()
    channel.on("stop", lambda message: stop.set())
    tracer = Tracer.join(Role.SAMPLER, "sampler")
    if tracer is None:
        raise OptionError("The sampler has no run to look at; start it through a session.")
    vitals = Vitals(tracer, Roll(tracer.run))
    try:
        vitals.tick()
        channel.ready(pids=[os.getpid()])
        while not stop.wait(vitals.period):
            vitals.tick()
        vitals.tick()
    finally:
        vitals.close()
        tracer.close()
