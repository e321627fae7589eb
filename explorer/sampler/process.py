"""The sampler: a child of the session that looks at all processes of the run from outside, all the time."""

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from explorer.option_error import OptionError
from explorer.probe.tracer import Tracer
from explorer.records.states import Role
from explorer.sampler.missing import Missing
from explorer.sampler.roll import Roll
from explorer.sampler.sampling import Sampling
from explorer.sampler.vitals import Vitals

Message = dict[str, Any]
MOST_PERCENT: Final = 5.0
"""Of a core, what the sampler may take if nobody says otherwise."""


class Channel(Protocol):
    """What the sampler needs of `explorer.child.channel.Channel`."""

    def on(self, kind: str, handler: Callable[[Message], None]) -> None:
        """Call `handler` for each message of a type, from another thread."""
        ...

    def applied(self, knob: str, pids: Sequence[int], **fields: Any) -> None:
        """Say that a `set` has taken effect."""
        ...

    def event(self, name: str, /, **fields: Any) -> None:
        """Report something that happened."""
        ...

    def ready(self, **fields: Any) -> None:
        """Say that sampling has begun."""
        ...


def prepare() -> str:
    """Nothing is slow here but the imports above. Returns the words for this step."""
    return "Sampler imported"


def main(channel: Channel, config: Message) -> None:
    """Sample the run that `EXPLORER_RUN` names until `stop`."""
    over = threading.Lock()
    over.acquire()
    channel.on("stop", lambda message: over.release())
    _allow_more_files()
    tracer = Tracer.join(Role.SAMPLER, "sampler")
    if tracer is None:
        raise OptionError("The sampler has no run to look at; start it through a session.")
    most = float(config.get("sampling", MOST_PERCENT)) / 100
    vitals = Vitals(tracer, Roll(tracer.run))
    vitals.allow(most)
    sampling = Sampling(tracer, Roll(tracer.run), Missing(channel.event), most)

    def change(message: Message) -> None:
        sampling.most = float(message["value"]) / 100
        vitals.allow(sampling.most)
        channel.applied(str(message["knob"]), [os.getpid()])

    channel.on("set", change)
    try:
        vitals.tick()
        channel.ready(pids=[os.getpid()])
        _sample(vitals, sampling, over)
        vitals.tick()
    finally:
        sampling.close()
        vitals.close()
        tracer.close()


def _allow_more_files() -> None:
    """Every thread that is looked at takes two file descriptors, every ring one: take all that the system grants."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != hard:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            except (OSError, ValueError):  # macOS grants less than it says
                return


def _sample(vitals: Vitals, sampling: Sampling, over: threading.Lock) -> None:
    """Do what is due, sleep, and so on until `over` can be had: waiting for a lock can be ended, and costs little."""
    due = time.monotonic()
    while True:
        now = time.monotonic()
        if now >= due:
            busy = time.process_time()
            vitals.tick()
            sampling.spent.vitals_s += time.process_time() - busy
            due = now + vitals.period
        wait = min(sampling.tick(), max(0.0, due - time.monotonic()))
        if over.acquire(timeout=wait):
            return
