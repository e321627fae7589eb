"""The machines of a cluster, and running a function on one of them."""

from collections.abc import Awaitable, Callable
from typing import Any

from distributed.comm.addressing import get_address_host

from explorer.cluster.carrying import hand_in
from explorer.cluster.connection import AsyncClient


async def by_host(client: AsyncClient) -> dict[str, list[str]]:
    """The addresses of the workers, by the host (an IP address) in them, both in order."""
    info = await client.scheduler.identity(n_workers=-1)
    found: dict[str, list[str]] = {}
    for worker in sorted(info["workers"]):
        found.setdefault(get_address_host(worker), []).append(worker)
    return dict(sorted(found.items()))


def pinned(client: AsyncClient, worker: str, function: Callable[..., Any], *args: Any) -> Awaitable[Any]:
    """Run an importable function as a task on exactly this worker: a future, which may be cancelled.

    Its thread is taken for as long as the function runs. When the worker dies, the task waits for it to come back:
    who pins must watch for that.
    """
    future: Awaitable[Any] = hand_in(client, function, *args, workers=[worker])
    return future
