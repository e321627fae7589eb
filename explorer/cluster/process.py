"""The service that a run has for its cluster: the embedded one, or the eye on one that somebody else started.

It answers `ready` only when every worker runs the same versions as this side and has the files it needs, so that
nothing is ever handed in that could hang. The address that it tells is an `Access` as text.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from explorer.child.channel import Channel
from explorer.cluster.access import Access
from explorer.options import OptionError
from explorer.paths import scratch_folder


def prepare() -> str:
    """Import what it needs."""
    import explorer.cluster.local  # noqa: F401

    return "Dask imported"


def main(channel: Channel, config: dict[str, Any]) -> None:
    """Hold or watch the cluster that `config["settings"]` speaks of until told to stop.

    Settings: the fields of `Access`, `workers` and `threads` of the embedded cluster, `section` of the knobs.
    """
    asyncio.run(_hold(channel, config))


async def _hold(channel: Channel, config: dict[str, Any]) -> None:
    settings = dict(config["settings"])
    section = str(settings.pop("section", "dispatch"))
    size = settings.pop("workers", 2), settings.pop("threads", 2)
    access = Access(**settings)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    channel.on("stop", lambda message: loop.call_soon_threadsafe(told.set))
    async with contextlib.AsyncExitStack() as stack:
        if access.embedded:
            access = await stack.enter_async_context(_embedded(channel, Path(config["run"]), *size))
        else:
            await stack.enter_async_context(_foreign(access, section))
        channel.ready(address=access.to_text())
        await told.wait()


@contextlib.asynccontextmanager
async def _embedded(channel: Channel, run: Path, workers: int, threads: int) -> Any:
    from explorer.cluster.local import Size, local_cluster

    def died(pid: int, status: int) -> None:
        signal = -status if status < 0 else None
        channel.event("died", pid=pid, role="cluster worker", signal=signal, status=status)

    async with local_cluster(Size(workers, threads), scratch_folder(run) / "dask", died) as cluster:
        watching = asyncio.ensure_future(cluster.watch())
        try:
            yield Access(cluster.address)
        finally:
            watching.cancel()


@contextlib.asynccontextmanager
async def _foreign(access: Access, section: str) -> Any:
    from explorer.cluster import versions
    from explorer.cluster.boarding import board
    from explorer.cluster.connection import connected
    from explorer.cluster.hosts import by_host

    where = f"{section}.address"
    access.look(section)
    async with connected(access, where) as client:
        await versions.check(client, where)
        workers = [worker for each in (await by_host(client)).values() for worker in each]
        if not workers:
            raise OptionError(f"The Dask scheduler at {access.address} has no workers; start at least one.", where)
        await board(client, workers, where)
        yield client
