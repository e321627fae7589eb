"""A Dask scheduler and workers that somebody else started: processes of their own, each worker on a host of its own.

Two addresses of the loopback network are two hosts as far as Dask can tell.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.waiting import wait_until

SETTINGS: Final = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}


class Hosts:
    """A scheduler at `address` and its workers by name. Files go to `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._scheduler = self._start("dask_scheduler", "scheduler", "--host", "127.0.0.1", "--port", "0")
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        wait_until(self._file.exists, 30, "the scheduler")
        wait_until(lambda: self._file.read_text(encoding="utf-8").endswith("}"), 10, "its address")
        self.address: str = json.loads(self._file.read_text(encoding="utf-8"))["address"]

    def add(self, name: str, host: str) -> None:
        """Start a worker called `name` at the address `host`; `await_workers` waits for it."""
        place = ("--host", host, "--name", name, "--nthreads", "1", "--no-nanny")
        files = ("--local-directory", str(self._folder / name))
        self.workers[name] = self._start("dask_worker", name, *place, *files)

    def await_workers(self) -> None:
        """Wait until all have registered."""
        for name in self.workers:
            wait_until(lambda name=name: "Registered to" in self._log(name), 30, f"worker {name}")  # type: ignore[misc]

    def kill(self, name: str) -> None:
        """End a worker without a word."""
        worker = self.workers.pop(name)
        worker.kill()
        worker.wait()

    def close(self) -> None:
        """End all."""
        for process in (*self.workers.values(), self._scheduler):
            process.kill()
        for process in (*self.workers.values(), self._scheduler):
            process.wait()

    def _log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _start(self, program: str, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--scheduler-file", str(self._file)]
        with (self._folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [*command, "--no-dashboard", *arguments],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=_environment(), cwd=self._folder,
            )  # fmt: skip


@contextlib.contextmanager
def running(folder: Path, workers: Mapping[str, str]) -> Iterator[Hosts]:
    """A scheduler with workers (host by name) around a block."""
    hosts = Hosts(folder)
    try:
        for name, host in workers.items():
            hosts.add(name, host)
        hosts.await_workers()
        yield hosts
    finally:
        hosts.close()


def _environment() -> dict[str, str]:
    # Without the checkout in the search path: workers of others do not have this program.
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | SETTINGS
