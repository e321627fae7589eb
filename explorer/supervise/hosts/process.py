"""The load process of a run whose load comes from the hosts of a cluster.

To the session it is a load process like any other: the same messages, the same reports, one request number range, one
place among the processes. It sends nothing itself. What it is told goes to all hosts, with one moment at which it
holds; what they report comes back as one.
"""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from explorer.child.channel import Channel
from explorer.cluster.access import Access
from explorer.cluster.boarding import Boarding
from explorer.cluster.clocks import Clocks, Offset
from explorer.cluster.connection import AsyncClient, connected
from explorer.cluster.local import Size, local_cluster
from explorer.option_error import OptionError
from explorer.paths import scratch_folder
from explorer.probe.tracer import Tracer
from explorer.records.clock import now_ns
from explorer.records.schema import request_number
from explorer.records.states import Role
from explorer.supervise.hosts import fleet
from explorer.supervise.hosts.knobs import WHERE, access_of
from explorer.supervise.hosts.lanes import Lanes
from explorer.supervise.hosts.ledger import Ledger
from explorer.supervise.hosts.merge import Merge, on_this_clock
from explorer.supervise.hosts.places import Place, server_for

Message = dict[str, Any]
BEGIN_AHEAD_NS: Final = 200_000_000
"""The load begins so long after it was told to: by then every host knows when."""
CHANGE_AHEAD_NS: Final = 60_000_000
RANGE: Final = 1_000_000_000
"""Request numbers of one host."""
RECORDS_A_REPORT: Final = 512
"""So many spans a host may send with each report, ten times a second: 24 KB, or 5,120 requests a second one by one."""
TICK_S: Final = 0.03
CLOCKS_EVERY_S: Final = 10.0
ALL_GONE: Final = "No host of the cluster sends any more. {} What was recorded is kept."
OURS: Final = ("where", "cluster", "ca", "cert", "key")
"""Knobs of the load that are for this side alone."""
WORKER: Final = "The load's Dask worker"
HELD: Final = "held"
TOLD: Final = ("begin", "end", "set", "send", "hold", "release")


def prepare() -> str:
    """Nothing is slow here but the imports above. Returns the words for this step."""
    return "Dask imported"


def main(channel: Channel, config: Message) -> None:
    """Be the load of one run until `stop`."""
    asyncio.run(_main(channel, config))


async def _main(channel: Channel, config: Message) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    channel.on("stop", lambda message: loop.call_soon_threadsafe(stop.set))
    async with _client(config) as (client, embedded):
        tracer = Tracer.join(Role.LOAD, "load from hosts")
        boarding = Boarding(client, f"load {secrets.token_hex(8)}")
        try:
            found = await fleet.find(client, WHERE, boarding, embedded=embedded)
            clocks = Clocks(client)
            bridge = Bridge(channel, config, client, found, clocks, await fleet.offsets(clocks, found, WHERE), tracer)
            try:
                await bridge.start()
                for kind in TOLD:
                    channel.on(kind, lambda message: loop.call_soon_threadsafe(bridge.take, message))
                channel.ready(pids=[os.getpid()])
                await bridge.work(stop)
            finally:
                await bridge.close()
        finally:
            await boarding.leave()
            if tracer is not None:
                tracer.close()


@contextlib.asynccontextmanager
async def _client(config: Message) -> AsyncIterator[tuple[AsyncClient, bool]]:
    """A client, and whether it is that of the embedded cluster, which then has one worker on this machine."""
    access = access_of(config["load"])
    async with contextlib.AsyncExitStack() as stack:
        embedded = access.embedded
        if embedded:
            folder = scratch_folder(Path(config["run"])) / "dask-load"
            cluster = await stack.enter_async_context(local_cluster(Size(1, 1), folder, title=WORKER))
            access = Access(cluster.address)
        yield await stack.enter_async_context(connected(access, WHERE)), embedded


class Bridge:
    """Between the session and the hosts. Everything happens on one loop."""

    def __init__(
        self,
        channel: Channel,
        config: Message,
        client: AsyncClient,
        found: list[Place],
        clocks: Clocks,
        offsets: list[Offset],
        tracer: Tracer | None,
    ) -> None:
        self._channel = channel
        self._config = config
        self._client = client
        self._clocks = clocks
        self._offsets = offsets
        self._ledgers = [
            Ledger(place.name, offset.error_ns / 1e6) for place, offset in zip(found, offsets, strict=True)
        ]
        self._merge = Merge(self._ledgers, lambda name, fields: channel.event(name, **fields))
        self._lanes = Lanes(tracer) if tracer is not None else None
        self._number = tracer.number if tracer is not None else 0
        self._fleet = fleet.Fleet(client, found, f"explorer-load-{os.getpid()}-{now_ns()}", self._heard)
        self._mode = str(config["load"]["mode"])
        self._bound = str(config.get("bound", ""))
        self._waiting: asyncio.Queue[Message] = asyncio.Queue()
        self._said: dict[str, set[int]] = {}
        self._failure = asyncio.get_running_loop().create_future()

    async def start(self) -> None:
        """Start the load on every host; nothing is sent before `begin`. Raises `OptionError`."""
        local, port = str(self._config["host"]), int(self._config["port"])
        servers = [server_for(place, local, self._bound) for place in self._fleet.places]
        await fleet.check_reach(self._client, self._fleet.places, servers, port)
        if self._lanes is not None:
            for ledger, offset in zip(self._ledgers, self._offsets, strict=True):
                self._lanes.add(ledger.host, offset.ahead_ns, offset.error_ns)
        of = len(servers)
        # What is the session's own, a host has no use for: the run is a folder here, the cores are this machine's.
        plain = {key: self._config[key] for key in ("port", "token", "phases", "paths")}
        plain["load"] = {key: value for key, value in self._config["load"].items() if key not in OURS}
        await self._fleet.start(
            [
                plain
                | {"host": server, "share": [number, of]}
                | {"forward": {"first": request_number(self._number, 1 + number * RANGE), "most": RECORDS_A_REPORT}}
                for number, server in enumerate(servers)
            ],
            str(self._config["run"]),
        )

    def take(self, message: Message) -> None:
        """A message of the session; they are passed on in their order."""
        self._waiting.put_nowait(message)

    async def work(self, stop: asyncio.Event) -> None:
        """Pass messages on and merge reports until `stop`. Raises `OptionError` when no host is left."""
        passing = asyncio.ensure_future(self._pass_on())
        measuring = asyncio.ensure_future(self._measure_again())
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while not stopped.done():
                await asyncio.wait(
                    (passing, stopped, self._failure), timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED
                )
                self._fleet.look()
                self._merge.tick()
                for over in (passing, measuring, self._failure):
                    if over.done():
                        over.result()
        finally:
            passing.cancel()
            measuring.cancel()
            stopped.cancel()

    async def close(self) -> None:
        """End all hosts' loads and let go of what is open."""
        self._failure.cancel()
        await self._fleet.end()
        if self._lanes is not None:
            self._lanes.close()

    # -- to the hosts ------------------------------------------------------------------------------------------------

    async def _pass_on(self) -> None:
        while True:
            message = await self._waiting.get()
            messages = {number: dict(message) for number in self._fleet.living}
            if message["type"] == "begin":
                at = now_ns() + BEGIN_AHEAD_NS
                self._merge.begin(at)
                self._at(messages, at)
            elif message["type"] == "set":
                self._retarget(message, messages)
                self._mode = str(message["values"].get("mode", self._mode))
                self._at(messages, now_ns() + CHANGE_AHEAD_NS)
            elif message["type"] == "release":  # not before the paths that were set before it are in force
                self._at(messages, now_ns() + CHANGE_AHEAD_NS)
            await self._fleet.tell(messages)

    def _at(self, messages: dict[int, Message], at: int) -> None:
        for number, message in messages.items():
            message["at"] = self._offsets[number].there(at)

    def _retarget(self, message: Message, messages: dict[int, Message]) -> None:
        """A server at another address is told to each host as that host reaches it."""
        target = message["values"].get("target")
        if target is None:
            return
        self._bound = str(message.get("bound", ""))
        for number, each in messages.items():
            try:
                server = server_for(self._fleet.places[number], str(target[0]), self._bound)
            except OptionError as error:  # the host's requests will fail, and say so too
                self._channel.error(str(error), error.where)
                server = str(target[0])
            each["values"] = {**message["values"], "target": [server, target[1]]}

    async def _measure_again(self) -> None:
        last = now_ns()
        while True:
            await asyncio.sleep(CLOCKS_EVERY_S)
            since, last = last, now_ns()
            asked = {self._fleet.places[number].worker: number for number in self._fleet.living}
            known = {worker: self._offsets[number] for worker, number in asked.items()}
            for worker, offset in (await self._clocks.follow(known, last - since)).items():
                number = asked[worker]
                self._offsets[number] = offset
                self._ledgers[number].clock_error_ms = offset.error_ns / 1e6
                if self._lanes is not None:
                    self._lanes.sync(number, offset.ahead_ns)

    # -- from the hosts ----------------------------------------------------------------------------------------------

    def _heard(self, number: int, said: Message) -> None:
        kind = said["type"]
        ledger = self._ledgers[number]
        if kind == "gone":
            self._lose(number, str(said["why"]))
        elif kind == "applied":
            self._say(str(said["knob"]), number)
        elif kind == "event" and said["event"] == HELD:
            self._say(HELD, number)
        elif kind == "error":
            self._channel.error(f"On the host {ledger.host}: {said['sentence']}", str(said.get("where", "")))
        elif kind == "event" and said["event"] in ("load", "load_total"):
            if self._lanes is not None:
                self._lanes.take(number, said)
            fields = on_this_clock(said, self._offsets[number].ahead_ns)
            (self._merge.report if said["event"] == "load" else self._merge.total)(ledger, fields)

    def _say(self, what: str, number: int) -> None:
        """A host says that it holds, or that it has applied a knob: told on when all have said so."""
        self._said.setdefault(what, set()).add(number)
        self._tell_on(what)

    def _tell_on(self, what: str) -> None:
        if not self._said[what].issuperset(self._fleet.living):
            return
        del self._said[what]
        if what == HELD:
            self._channel.event(HELD)
        else:
            self._channel.applied(what, [os.getpid()])

    def _lose(self, number: int, why: str) -> None:
        ledger = self._ledgers[number]
        sentence = f"Host {ledger.host} ended ({why}){self._share_lost(ledger)}."
        self._channel.event("host_ended", time=now_ns(), host=ledger.host, sentence=sentence)
        if self._fleet.living:
            self._merge.ended(ledger, sentence)
            # It may have been the only one that the others' word still waited for.
            for what in list(self._said):
                self._tell_on(what)
        elif not self._failure.done():
            # No totals: the session must not take this for the end that was asked for.
            self._merge.lost_all(ledger, sentence)
            self._failure.set_exception(OptionError(ALL_GONE.format(sentence), "load.where"))

    def _share_lost(self, ledger: Ledger) -> str:
        if not self._merge.running or ledger.over:
            return ""
        if self._mode == "users":
            return f"; its {ledger.live['users']:,.0f} users ask no more"
        if self._mode == "burst":
            return "; what it had not sent of the burst is not sent"
        return f"; its {ledger.live['rate']:,.6g} requests/s are no longer sent"
