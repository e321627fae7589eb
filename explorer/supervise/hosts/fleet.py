"""The load processes on the hosts of a cluster: started as pinned tasks, spoken to, listened to, ended.

The way there is a call on the worker itself, which hands messages to the task's child; the way back is a topic of the
scheduler. A host has gone when its load has ended, when the scheduler misses its worker, or when nothing was heard of
it for `SILENCE_S`.
"""

import asyncio
import contextlib
import functools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from explorer.cluster import versions
from explorer.cluster.access import check_workers
from explorer.cluster.boarding import Boarding
from explorer.cluster.clocks import LIMIT_S, Clocks, Offset
from explorer.cluster.connection import AsyncClient
from explorer.cluster.hosts import pinned
from explorer.option_error import OptionError
from explorer.supervise.hosts import carried, host
from explorer.supervise.hosts.places import Place, places

Message = dict[str, Any]
Heard = Callable[[int, Message], None]
"""Called with a host's number and what its load says; at its end `{"type": "gone", "why": …}`, once."""

NEEDED: Final = ("numpy", "httptools", "pydantic")
"""What the load needs of a host's Python besides the standard library."""
READY_LIMIT_S: Final = 20.0
SILENCE_S: Final = 5.0
ASLEEP_S: Final = 1.0
"""Who has not looked for so long has slept, and heard nobody."""
TELL_LIMIT_S: Final = 1.0
END_LIMIT_S: Final = 0.4
SILENT_CLOCK: Final = (
    f"The host {{}} did not answer within {LIMIT_S:g} s when it was asked for its clock; see whether its Dask "
    "worker is busy with something else."
)
GONE_EARLY: Final = (
    "The host {} ended before the load could begin ({}); start its Dask worker again, or do without that host."
)
MISSED: Final = "its Dask worker has gone"
SILENT: Final = f"nothing was heard of it for {SILENCE_S:g} s"


async def find(client: AsyncClient, where: str, boarding: Boarding, *, embedded: bool) -> list[Place]:
    """The hosts of a cluster, with this package aboard by `boarding` and all that the load needs. Raises `OptionError`.

    Who held them lets go of them by `Boarding.leave`.
    """
    info = await client.scheduler.identity(n_workers=-1)
    found = places(info["workers"], embedded=embedded)
    if not found:
        raise OptionError("The Dask scheduler has no workers to send the load from; start at least one.", where)
    if not embedded:
        check_workers(info["workers"], where)
        await versions.check(client, where)
        await _check_packages(client, found, where)
        await boarding.board([place.worker for place in found], where)
    return found


async def _check_packages(client: AsyncClient, found: Sequence[Place], where: str) -> None:
    told = await client.run(carried.absent_packages(), list(NEEDED), workers=[place.worker for place in found])
    for place in found:
        if told[place.worker]:
            names = " ".join(told[place.worker])
            raise OptionError(
                f"The Python of the host {place.name} lacks what the load needs; run there: pip install {names}", where
            )


async def offsets(clocks: Clocks, found: Sequence[Place], where: str) -> list[Offset]:
    """How far each host's clock is from ours. Raises `OptionError` for one that does not answer."""
    told = await clocks.measure(place.worker for place in found)
    for place in found:
        if place.worker not in told:
            raise OptionError(SILENT_CLOCK.format(place.name), where)
    return [told[place.worker] for place in found]


async def check_reach(client: AsyncClient, found: Sequence[Place], servers: Sequence[str], port: int) -> None:
    """Let every host try to reach the server at its address of `servers`. Raises `OptionError`."""
    tries = [pinned(client, place.worker, host.reach, each, port) for place, each in zip(found, servers, strict=True)]
    for place, server, why in zip(found, servers, await asyncio.gather(*tries), strict=True):
        if why:
            raise OptionError(
                f"The host {place.name} cannot reach the server at {server}, port {port} ({why}); set server.host to "
                "an address of this machine that it reaches, and let its firewall allow it.",
                "server.host",
            )


class Fleet:
    """The loads on the hosts of `found`. Everything happens on the client's loop."""

    def __init__(
        self,
        client: AsyncClient,
        found: Sequence[Place],
        topic: str,
        heard: Heard,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.places = tuple(found)
        self._client = client
        self._topic = topic
        self._heard = heard
        self._futures: list[Any] = []
        self._watching: list[asyncio.Future[None]] = []
        self._clock = clock
        self._looked = clock()
        self._last = [self._looked] * len(found)
        self._gone: set[int] = set()
        loop = asyncio.get_running_loop()
        self._ready: list[asyncio.Future[None]] = [loop.create_future() for _ in found]
        self._ending = False

    @property
    def living(self) -> list[int]:
        """Numbers of the hosts that have not gone."""
        return [number for number in range(len(self.places)) if number not in self._gone]

    async def start(self, configs: Sequence[Message], run: str = "") -> None:
        """Start the load of each host with its configuration; returns when all are ready. Raises `OptionError`.

        Those on this machine join the run whose folder is `run`.
        """
        self._client.subscribe_topic(self._topic, self._event)
        for number, (place, config) in enumerate(zip(self.places, configs, strict=True)):
            self._client.subscribe_topic(place.worker, functools.partial(self._worker_event, number))
            self._futures.append(
                pinned(self._client, place.worker, host.serve, self._topic, number, config, run if place.here() else "")
            )
            self._watching.append(asyncio.ensure_future(self._watch(number)))
        try:
            await asyncio.wait_for(asyncio.gather(*self._ready), READY_LIMIT_S)
        except TimeoutError:
            late = next(place for place, ready in zip(self.places, self._ready, strict=True) if not ready.done())
            raise OptionError(
                f"The load on the host {late.name} did not start within {READY_LIMIT_S:g} s; see whether its Dask "
                "worker is busy with something else.",
                "load.where",
            ) from None
        finally:
            for ready in self._ready:
                # Looked at, so that asyncio does not complain of what nobody waits for any more.
                if not ready.cancel() and not ready.cancelled():
                    ready.exception()

    async def tell(self, messages: Mapping[int, Message]) -> None:
        """Send each living host its message. One that cannot be reached is not waited for long."""
        tasks = [self._tell(number, message) for number, message in messages.items() if number not in self._gone]
        await asyncio.gather(*tasks)

    def look(self) -> None:
        """Notice hosts that have fallen silent; to be called some times a second."""
        now, since = self._clock(), self._looked
        self._looked = now
        if now - since > ASLEEP_S:
            self._last = [now] * len(self._last)
        before = now - SILENCE_S
        for number in self.living:
            if self._last[number] < before:
                self._lost(number, SILENT)

    async def end(self) -> None:
        """End all loads, and wait a moment for their tasks."""
        self._ending = True
        await self.tell({number: {"type": "stop", "within": host.STOP_WITHIN_S} for number in self.living})
        by = time.monotonic() + END_LIMIT_S
        while self.living and time.monotonic() < by:
            await asyncio.sleep(0.01)
        for watching in self._watching:
            watching.cancel()
        with contextlib.suppress(Exception):  # the scheduler may have gone as well
            await asyncio.wait_for(self._client.cancel(self._futures, force=True), TELL_LIMIT_S)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._client.run_on_scheduler(carried.forgetter(), self._topic), TELL_LIMIT_S)

    async def _tell(self, number: int, message: Message) -> None:
        calling = self._client.run(
            host.tell, self._topic, [message], workers=[self.places[number].worker], on_error="ignore"
        )
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(calling, TELL_LIMIT_S)

    def _event(self, event: tuple[float, Any]) -> None:
        message = event[1]
        number, said = int(message["host"]), message["message"]
        if number in self._gone:
            return
        self._last[number] = self._clock()
        kind = said["type"]
        if kind == "gone":
            words = f" ({said['words']})" if said.get("words") else ""
            self._lost(number, f"its load ended with status {said['status']}{words}")
        elif kind == "error" and not self._ready[number].done():
            sentence = f"On the host {self.places[number].name}: {said['sentence']}"
            self._ready[number].set_exception(OptionError(sentence, str(said.get("where", ""))))
        elif kind == "ready":
            if not self._ready[number].done():
                self._ready[number].set_result(None)
        elif kind != "alive":
            self._heard(number, said)

    def _worker_event(self, number: int, event: tuple[float, Any]) -> None:
        message = event[1]
        if isinstance(message, dict) and message.get("action") == "remove-worker" and number not in self._gone:
            self._lost(number, MISSED)

    async def _watch(self, number: int) -> None:
        """Notice a task that fails by itself."""
        error = await self._futures[number].exception()
        if error is not None and number not in self._gone:
            self._lost(number, f"its task failed, {type(error).__name__}: {error}")

    def _lost(self, number: int, why: str) -> None:
        self._gone.add(number)
        if number < len(self._futures):
            # Else the scheduler would start it anew should the worker come back.
            self._watching.append(asyncio.ensure_future(self._forget(number)))
        if not self._ready[number].done():
            self._ready[number].set_exception(
                OptionError(GONE_EARLY.format(self.places[number].name, why), "load.where")
            )
        elif not self._ending:
            self._heard(number, {"type": "gone", "why": why})

    async def _forget(self, number: int) -> None:
        with contextlib.suppress(Exception):
            await self._client.cancel([self._futures[number]], force=True)
