"""The service that a run has for its cluster: the embedded one, or the eye on one that somebody else started.

It answers `ready` only when every worker runs the same versions as this side and has the files it needs, so that
nothing is ever handed in that could hang. The address that it tells is an `Access` as text, with the `run` by which the
topics of this run are known in the cluster.
"""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from explorer.child.channel import Channel
from explorer.cluster.access import Access
from explorer.paths import scratch_folder
from explorer.probe.tracer import Tracer
from explorer.records.states import Role


def prepare() -> str:
    """Import what it needs."""
    import explorer.cluster.local  # noqa: F401

    return "Dask imported"


def main(channel: Channel, config: dict[str, Any]) -> None:
    """Hold or watch the cluster that `config["settings"]` speaks of until told to stop.

    Settings: the fields of `Access`, `workers` and `threads` of the embedded cluster, the `section` of the knobs.
    """
    from explorer.cluster.observed import observed_loop

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    settings = dict(config["settings"])
    section = str(settings.pop("section", "dispatch"))
    size = int(settings.pop("workers", 2)), int(settings.pop("threads", 2))
    access = Access(**settings)
    what = "Dask scheduler" if access.embedded else f"watches the Dask cluster at {access.address}"
    tracer = Tracer.join(Role.CLUSTER, what)
    key = secrets.token_hex(8)

    async def hold() -> None:
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        channel.on("stop", lambda message: loop.call_soon_threadsafe(told.set))
        around = (
            _embedded(channel, Path(config["run"]), key, *size)
            if access.embedded
            else _foreign(channel, Path(config["run"]), key, access, section)
        )
        async with around as address:
            channel.ready(address=json.dumps({**json.loads(address.to_text()), "run": key}))
            await told.wait()

    try:
        with asyncio.Runner(loop_factory=observed_loop(tracer)) as runner:
            runner.run(hold())
    finally:
        if tracer is not None:
            tracer.close()


@contextlib.asynccontextmanager
async def _embedded(channel: Channel, run: Path, key: str, workers: int, threads: int) -> AsyncIterator[Access]:
    from explorer.cluster.local import Size, local_cluster
    from explorer.cluster.roster import Roster, roster_topic

    def died(pid: int, status: int) -> None:
        signal = -status if status < 0 else None
        channel.event("died", pid=pid, role="cluster worker", signal=signal, status=status)

    async with local_cluster(Size(workers, threads), scratch_folder(run) / "dask", died) as cluster:
        cluster.scheduler.log_event(roster_topic(key), Roster(open=True).to_event())
        watching = asyncio.ensure_future(cluster.watch())
        try:
            yield Access(cluster.address)
        finally:
            watching.cancel()


@contextlib.asynccontextmanager
async def _foreign(channel: Channel, run: Path, key: str, access: Access, section: str) -> AsyncIterator[Access]:
    from explorer.cluster.connection import connected
    from explorer.cluster.keeper import Keeper

    where = f"{section}.address"
    access.look(section)
    async with connected(access, where) as client:
        keeper = Keeper(client, channel, run, key)
        try:
            await keeper.begin(where)
            yield access
        finally:
            await keeper.close()
