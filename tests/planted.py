"""A server with `planted_app`, a client of the load's own in this process, and the critical paths of what it asked."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import numpy as np

from explorer.analysis.critical_path import CriticalPath, PathPart, critical_path
from explorer.load.client import Client, Target
from explorer.load.pool import Pool
from explorer.load.records import RingRecords
from explorer.load.request import Request
from explorer.load.routes import Choice, Route
from explorer.load.tally import Tally
from explorer.probe.tracer import RUN, Tracer
from explorer.records.clock import now_ns
from explorer.records.states import Role
from explorer.store.store import Store
from tests.full.outcome import ROOT
from tests.integration.session.stage import Stage

PLANTED_MS = 20


class Asker:
    """Sends single requests and waits for their answers; `paths` finds what became of them."""

    def __init__(self, stage: Stage, store: Store, tracer: Tracer) -> None:
        host, _, port = stage.session.url.removeprefix("http://").partition(":")
        self.stage, self.store, self.tracer = stage, store, tracer
        self.records = RingRecords(tracer)
        self.host, self.port = host, int(port)
        self.token = tracer.token
        loop = asyncio.get_running_loop()
        choice = Choice([self.route("/plain")], [1.0], Random(1))
        self.client = Client(loop, Target(host, int(port), self.token), choice, Tally(), self.records)
        self.standing = self.pool()

    def route(self, path: str) -> Route:
        """What a request to `path` is made of."""
        return Route(path, self.host, self.port, self.token, self.records.name(f"GET {path.partition('?')[0]}"))

    def pool(self, limit: int = 1) -> Pool:
        """Connections of their own."""
        return Pool(self.client, limit)

    def issue(self, pool: Pool, path: str, intended: int = 0) -> "asyncio.Future[Request]":
        """Send a request that was due at `intended` (ns; 0: now)."""
        answer: asyncio.Future[Request] = asyncio.get_running_loop().create_future()
        self.client.issue(pool, intended or now_ns(), lambda request, _: answer.set_result(request), self.route(path))
        return answer

    async def ask(self, pool: Pool, path: str) -> int:
        """Send one and wait; its number."""
        request = await self.issue(pool, path)
        assert request.status == 200, (path, request.failure)
        return request.number

    async def paths(self, numbers: Sequence[int]) -> list[CriticalPath]:
        """The critical paths, once all that was told of the requests is here."""
        await self.stage.until(lambda: all(critical_path(self.store, number) for number in numbers), what="the paths")
        found = [critical_path(self.store, number) for number in numbers]
        for path in found:
            assert path is not None
            assert path.unexplained >= 0
            assert sum(path.sums().values()) + path.unexplained == path.total
        return [path for path in found if path is not None]


@asynccontextmanager
async def asker(model: str = "event_loop") -> AsyncIterator[Asker]:
    """A server with the app, without a load of its own, and who asks it."""
    store = Store()
    stage = Stage(store.append)
    try:
        await stage.start(
            "load.users=0", f"model.id={model}", app={"target": "tests.planted_app:app", "folder": str(ROOT)}
        )
        tracer = Tracer.join(Role.LOAD, "asker", environ={RUN: str(stage.session.run)})
        assert tracer is not None
        one = Asker(stage, store, tracer)
        try:
            yield one
        finally:
            one.standing.close()
            one.client.close()
            one.records.close()
            tracer.close()
    finally:
        await stage.close()


def typical(paths: Sequence[CriticalPath]) -> dict[str, float]:
    """Median of each part and of what is unexplained, ms, over the third that was quickest: the others were disturbed
    by whatever else this machine did.
    """
    paths = sorted(paths, key=lambda path: path.total)[: -(-len(paths) // 3)]
    found = {part.name: float(np.median([path.sums().get(part, 0) for path in paths])) / 1e6 for part in PathPart}
    found["UNEXPLAINED"] = float(np.median([path.unexplained for path in paths])) / 1e6
    return found


Plant = Callable[[Asker, int, bool], Awaitable[int]]
"""Plants 20 ms (or, with False, nothing) in a request, the n-th; its number."""


def of_route(path: str, **more: Any) -> Plant:
    """The route plants it itself."""

    async def plant(asker: Asker, _: int, planted: bool) -> int:
        return await asker.ask(asker.standing, f"{path}?ms={PLANTED_MS if planted else 0}")

    return plant


async def late_load(asker: Asker, _: int, planted: bool) -> int:
    """The load itself stands still when the request is due."""
    pool = asker.pool()
    await asker.ask(pool, "/plain")
    due = now_ns()
    if planted:
        time.sleep(PLANTED_MS / 1000)
    answer = await asker.issue(pool, "/plain", due)
    pool.close()
    return answer.number


async def busy_connection(asker: Asker, _: int, planted: bool) -> int:
    """The only connection carries another request."""
    pool = asker.pool()
    await asker.ask(pool, "/plain")
    first = asker.issue(pool, f"/await?ms={PLANTED_MS}") if planted else None
    answer = asker.issue(pool, "/plain")
    if first is not None:
        await first
    request = await answer
    pool.close()
    return request.number


async def slow_connect(asker: Asker, _: int, planted: bool) -> int:
    """A new connection takes its time to be opened: the system answers late."""
    loop: Any = asyncio.get_running_loop()
    opens = loop.sock_connect

    async def late(*words: Any) -> None:
        await asyncio.sleep(PLANTED_MS / 1000)
        await opens(*words)

    pool = asker.pool()
    if planted:
        loop.sock_connect = late
    try:
        number = await asker.ask(pool, "/plain")
    finally:
        loop.sock_connect = opens
    pool.close()
    return number


async def blocked_loop(asker: Asker, _: int, planted: bool) -> int:
    """The server's loop is blocked just when the request arrives."""
    return await _behind(asker, f"/block?ms={PLANTED_MS}" if planted else "", "/plain")


async def taken_token(asker: Asker, _: int, planted: bool) -> int:
    """The only token is taken when the request wants it."""
    return await _behind(asker, f"/io?ms={PLANTED_MS}" if planted else "", "/thread")


async def _behind(asker: Asker, first: str, path: str) -> int:
    pools = asker.pool(), asker.pool()
    for pool in pools:
        await asker.ask(pool, "/plain")
    before = asker.issue(pools[0], first) if first else None
    if before is not None:
        await asyncio.sleep(0.002)  # until the first one has what the second will wait for
    request = await asker.issue(pools[1], path)
    if before is not None:
        await before
    for pool in pools:
        pool.close()
    return request.number


async def slow_reader(asker: Asker, _: int, planted: bool) -> int:
    """The client does not read the answer, which lies in its socket."""
    pool = asker.pool()
    await asker.ask(pool, "/plain")
    answer = asker.issue(pool, "/plain")
    if planted:
        [connection] = list(pool._open)
        transport: Any = connection._transport
        transport.pause_reading()
        asyncio.get_running_loop().call_later(PLANTED_MS / 1000, transport.resume_reading)
    request = await answer
    pool.close()
    return request.number


PLANTS: dict[str, tuple[PathPart, Plant]] = {
    "load stands still": (PathPart.SEND, late_load),
    "connection is busy": (PathPart.SEND, busy_connection),
    "connecting is slow": (PathPart.CONNECT, slow_connect),
    "loop is blocked at arrival": (PathPart.ARRIVAL, blocked_loop),
    "loop is blocked when ready": (PathPart.LOOP, of_route("/ready")),
    "no token": (PathPart.TOKEN, taken_token),
    "GIL is held": (PathPart.GIL, of_route("/gil")),
    "runs": (PathPart.RUN, of_route("/run")),
    "lock is held": (PathPart.LOCK, of_route("/lock")),
    "stands still": (PathPart.IO, of_route("/io")),
    "is suspended": (PathPart.AWAIT, of_route("/await")),
    "client does not read": (PathPart.RESPONSE, slow_reader),
}


async def try_plant(asker: Asker, plant: Plant, times: int) -> dict[str, float]:
    """By how much (ms, over `times` pairs) each part grows when 20 ms are planted."""
    without, with_it = [], []
    for number in range(times):
        without.append(await plant(asker, number, False))
        with_it.append(await plant(asker, number, True))
    before, after = typical(await asker.paths(without)), typical(await asker.paths(with_it))
    return {name: after[name] - before[name] for name in after}
