"""Looks after a cluster that somebody else started, for as long as a run uses it.

Who is there when the run begins must run the same versions, or there is no run. Who comes later is checked as well
before it gets any work. Clocks are measured again and again: two machines' clocks part by some ten µs a second.
"""

import asyncio
import contextlib
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

from distributed.comm.addressing import get_address_host

from explorer.child.channel import Channel
from explorer.cluster import versions
from explorer.cluster.aboard import report
from explorer.cluster.access import check_workers
from explorer.cluster.boarding import Boarding
from explorer.cluster.clocks import LIMIT_S, Clocks, Offset
from explorer.cluster.connection import AsyncClient
from explorer.cluster.hosts import by_host
from explorer.cluster.remote import RemoteWorker
from explorer.cluster.roster import Roster, jobs_topic, roster_topic
from explorer.option_error import OptionError
from explorer.probe.tracer import Elsewhere
from explorer.records.clock import Clock, now_ns

MEASURE_NS: Final = 2_000_000_000
EVERYTHING: Final = "all"
"""Dask's topic for what happens to workers."""
LOST: Final = "was lost"


class Keeper:
    """Keeps the roster of one run. `run` is its folder, `key` what its topics are called by."""

    def __init__(self, client: AsyncClient, channel: Channel, run: Path, key: str, clock: Clock = now_ns) -> None:
        self._client = client
        self._channel = channel
        self._run = run
        self._key = key
        self._clock = clock
        self._clocks = Clocks(client)
        self._token = str(json.loads((run / "run.json").read_text(encoding="utf-8"))["token"])
        self._workers: dict[str, RemoteWorker] = {}
        self._joined = 0
        self._boarding = Boarding(client, jobs_topic(key))
        self._doing: set[asyncio.Task[None]] = set()

    async def begin(self, where: str) -> None:
        """Take all workers that are there onto the roster. Raises `OptionError` if one cannot be used, or none came."""
        workers = [worker for each in (await by_host(self._client)).values() for worker in each]
        check_workers(workers, where)
        await versions.check(self._client, where)
        if not workers:
            raise OptionError("The Dask scheduler has no workers; start at least one.", where)
        self._listen()
        await self._take_on(workers, where)
        if not self._workers:
            raise OptionError("No worker of the Dask cluster answers; see whether they are busy.", where)
        self._do(self._measure())

    def _listen(self) -> None:
        self._client.subscribe_topic(jobs_topic(self._key), self._hear)
        self._client.subscribe_topic(EVERYTHING, self._happened)

    async def close(self) -> None:
        """Let go of the workers, which go on."""
        for task in self._doing:
            task.cancel()
        await self._boarding.leave()
        for worker in self._workers.values():
            worker.close()

    async def _take_on(self, workers: list[str], where: str = "") -> None:
        await self._boarding.board(workers, where)
        offsets = await self._clocks.measure(workers)
        for worker in set(workers) - set(offsets):
            self._warn(f"The Dask worker {worker} gets no work: it did not answer within {LIMIT_S:g} s.")
        if offsets:  # to Dask, no workers are all
            topic = jobs_topic(self._key)
            told = await self._client.run(report, topic, workers=list(offsets), on_error="ignore")
            for worker, (pid, interpreter) in told.items():
                self._join(worker, Elsewhere(get_address_host(worker), pid, interpreter), offsets[worker])
        await self._tell()

    def _join(self, worker: str, where: Elsewhere, offset: Offset) -> None:
        if worker in self._workers:
            return
        with contextlib.suppress(OSError):  # the run's folder can take no more
            self._workers[worker] = RemoteWorker(self._run, self._token, where, offset, self._joined + 1)
            self._joined += 1

    async def _tell(self) -> None:
        roster = Roster({name: worker.offset for name, worker in self._workers.items()})
        await self._client.log_event(roster_topic(self._key), roster.to_event())

    def _hear(self, event: tuple[float, Any]) -> None:
        worker = self._workers.get(event[1]["worker"])
        if worker is None:
            return
        worker.hear(event[1])
        if lost := event[1]["lost"]:
            self._warn(f"The Dask worker on {worker.host} could not tell of {lost:,} jobs; its lanes lack them.")

    def _happened(self, event: tuple[float, Any]) -> None:
        told = event[1]
        if not isinstance(told, dict) or "worker" not in told:
            return
        if told.get("action") == "add-worker":
            self._do(self._newcomer(told["worker"]))
        elif told.get("action") == "remove-worker":
            self._gone(told["worker"], bool(told.get("expected")))

    async def _newcomer(self, worker: str) -> None:
        if worker in self._workers:
            return
        try:
            check_workers([worker])
            wrong = await versions.odd(self._client, worker)
            if wrong:
                self._warn(f"The Dask worker {worker}, which has just come, gets no work: it runs {wrong}.")
                return
            await self._take_on([worker])
            if worker in self._workers:
                self._channel.event("joined", role="cluster worker", host=get_address_host(worker))
        except Exception as error:
            self._warn(f"The Dask worker {worker}, which has just come, gets no work ({error}).")

    def _gone(self, worker: str, expected: bool) -> None:
        self._boarding.forget(worker)
        known = self._workers.pop(worker, None)
        if known is None:
            return
        known.end("" if expected else LOST, self._clock())
        self._do(self._tell())
        if expected:
            self._channel.event("left", role="cluster worker", pid=known.pid, host=known.host)
        else:
            self._channel.event("died", role="cluster worker", pid=known.pid, how=f"on {known.host} was lost")

    async def _measure(self) -> None:
        last = self._clock()
        while True:
            await asyncio.sleep(MEASURE_NS / 1e9)
            await self._regain()
            since, last = last, self._clock()
            known = {name: worker.offset for name, worker in self._workers.items()}
            for name, offset in (await self._clocks.follow(known, last - since)).items():
                if name in self._workers:  # else it went while it was asked
                    self._workers[name].sync(offset)
            await self._tell()

    async def _regain(self) -> None:
        """Board anew those that will else let go of this run, as its client had lost the scheduler for a moment."""
        if lapsed := self._boarding.lapsed:
            self._warn("The connection to the Dask scheduler was lost for a moment; lanes of its workers have a gap.")
            self._listen()
            try:
                await self._take_on(lapsed)
            except OptionError as error:
                self._warn(str(error))

    def _warn(self, sentence: str) -> None:
        self._channel.event("warning", sentence=sentence)

    def _do(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)
