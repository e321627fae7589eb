"""The process pool of a server: its processes, and what happens when one dies."""

import os
import signal
from collections.abc import Callable

import psutil
import pytest

from explorer.records.states import Role
from tests.integration.server.conftest import Running, Serve


def pool_processes(running: Running) -> list[int]:
    """Pids of the server's pool processes."""
    return [
        child.pid for child in psutil.Process(running.child.pid).children() if "spawn_main" in " ".join(child.cmdline())
    ]


def test_the_pool_is_whole_when_the_server_is_ready(serve: Serve) -> None:
    running = serve("dispatch.id=process_pool", "dispatch.processes=3", "workload.seconds=0.01")

    assert len(pool_processes(running)) == 3


@pytest.mark.parametrize("processes", [1, 2])
def test_a_killed_pool_process_is_reported_and_the_pool_comes_back(
    serve: Serve, wait_until: Callable[..., None], processes: int
) -> None:
    running = serve("dispatch.id=process_pool", f"dispatch.processes={processes}", "workload.seconds=0.01")
    assert running.get()[0] == 200
    victim = pool_processes(running)[0]

    os.kill(victim, signal.SIGKILL)

    wait_until(lambda: running.of("died"), 20)
    died = running.of("died")[0]
    assert (died["pid"], died["role"], died["signal"]) == (victim, str(Role.POOL), 9)
    wait_until(lambda: running.get()[0] == 200, 20)
    assert len(pool_processes(running)) == processes
    assert victim not in pool_processes(running)


def test_the_pool_ends_with_its_server(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve("dispatch.id=process_pool", "workload.seconds=0.01")
    family = [psutil.Process(pid) for pid in pool_processes(running)]

    running.child.kill()

    wait_until(lambda: not any(process.is_running() for process in family))
