"""Dask clusters as somebody else would start them, and certificates for them: for tests of what the program does there.

Everything is a process of its own, started by Dask's own commands, and ends with the `Foreign` that started it.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

START_LIMIT_S: Final = 30.0
SCHEDULER: Final = "distributed.cli.dask_scheduler"
WORKER: Final = "distributed.cli.dask_worker"


@dataclass(frozen=True, slots=True)
class Certificates:
    """An authority's certificate, and a certificate with its key that it issued."""

    ca: Path
    cert: Path
    key: Path

    @property
    def options(self) -> list[str]:
        """For Dask's commands."""
        return ["--tls-ca-file", str(self.ca), "--tls-cert", str(self.cert), "--tls-key", str(self.key)]

    @property
    def knobs(self) -> list[str]:
        """`--set` words of the dispatch."""
        return self.knobs_of("dispatch")

    def knobs_of(self, section: str) -> list[str]:
        """`--set` words of the section that speaks of a cluster."""
        return [f"{section}.ca={self.ca}", f"{section}.cert={self.cert}", f"{section}.key={self.key}"]


def can_certify() -> bool:
    """Whether this machine can make certificates."""
    return shutil.which("openssl") is not None


def certificates(folder: Path) -> Certificates:
    """A new authority in `folder`, and one certificate from it."""
    folder.mkdir(exist_ok=True)
    made = Certificates(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    request, authority = folder / "request.pem", folder / "ca-key.pem"
    new: list[str | Path] = ["req", "-newkey", "rsa:2048", "-nodes"]
    # From 3.13 on Python asks for what a certificate should have by RFC 5280.
    signs = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    _openssl(*new, "-x509", "-days", "2", "-subj", "/CN=authority", *signs, "-keyout", authority, "-out", made.ca)
    _openssl(*new, "-subj", "/CN=member", "-keyout", made.key, "-out", request)
    issue: list[str | Path] = ["x509", "-req", "-days", "2", "-set_serial", "1", "-CA", made.ca, "-CAkey", authority]
    extensions = folder / "extensions"
    extensions.write_text("basicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n")
    _openssl(*issue, "-in", request, "-out", made.cert, "-extfile", extensions)
    return made


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Foreign:
    """A scheduler and workers that the program did not start. `before` precedes commands, as in `ip netns exec A`."""

    def __init__(self, folder: Path, tls: Certificates | None = None) -> None:
        self._folder = folder
        self._tls = tls
        self.processes: list[subprocess.Popen[bytes]] = []
        self.address = ""

    def __enter__(self) -> "Foreign":
        return self

    def __exit__(self, *error: object) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()

    def scheduler(self, host: str = "127.0.0.1", before: Sequence[str] = ()) -> str:
        """Start a scheduler and return its address."""
        protocol = "tls" if self._tls is not None else "tcp"
        process, log = self._start(
            [*before, sys.executable, "-m", SCHEDULER, "--host", host, "--port", "0", "--protocol", protocol],
            "scheduler",
        )
        found = _wait_for(process, log, r"Scheduler at:\s+(\S+)")
        self.address = found
        return found

    def worker(
        self,
        threads: int = 2,
        host: str = "127.0.0.1",
        before: Sequence[str] = (),
        python: str = sys.executable,
        wait: bool = True,
        name: str = "",
    ) -> subprocess.Popen[bytes]:
        """Start a worker, by default under this Python, and wait until it is registered; Dask calls it `name`."""
        number = len(self.processes)
        words = [self.address, "--nthreads", str(threads), "--host", host, "--no-nanny"]
        words += ["--name", name] if name else []
        folder = ["--local-directory", str(self._folder / f"files-{number}")]
        process, log = self._start([*before, python, "-m", WORKER, *words, *folder], f"worker-{number}")
        if wait:
            _wait_for(process, log, r"Registered to:\s+(\S+)")
        return process

    def _start(self, command: list[str], name: str) -> tuple[subprocess.Popen[bytes], Path]:
        log = self._folder / f"{name}.log"
        env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "EXPLORER_RUN")}
        options = self._tls.options if self._tls is not None else []
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*command, *options, "--no-dashboard", "--dashboard-address", ":0"],
                # Not where the program's files are: such a worker finds none of them.
                cwd=self._folder,
                env=env,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process, log


def _wait_for(process: "subprocess.Popen[bytes]", log: Path, pattern: str) -> str:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        said = log.read_text(errors="replace")
        found = re.search(pattern, said)
        if found:
            return found[1]
        over = process.poll() is not None or time.monotonic() > deadline
        assert not over, f"no '{pattern}' in: {said[-2000:]}"
        time.sleep(0.05)
