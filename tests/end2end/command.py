"""`python -m explorer` as a user calls it: run to its end, or started and talked to."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from explorer.paths import user_data
from tests.architecture.checkout import ROOT
from tests.waiting import wait_until

LIMIT_S = 45.0
POWERLESS = ("setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace")
SERVING = re.compile(r"^Serving at (http://\S+) \(pid ([\d, ]+), \d+ cores\)$", re.MULTILINE)


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def figures(self) -> dict[str, Any]:
        """Standard output as JSON; fails when there is anything else."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


def program() -> tuple[str, ...]:
    """What is tried: this checkout, or the built program that EXPLORER_EXE names."""
    return (built(),) if built() else (sys.executable, "-m", "explorer")


def built() -> str:
    """The built program that is tried; empty: this checkout."""
    return os.environ.get("EXPLORER_EXE", "")


def explorer(
    *words: str | Path, env: Mapping[str, str] | None = None, limit: float = LIMIT_S, powerless: bool = False
) -> Ended:
    """Run a command to its end; `powerless`: without root's right to look into every process."""
    with started(*words, env=env, before=POWERLESS if powerless else ()) as command:
        return command.end(limit)


def run_json(*words: str | Path, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON of a run that ends well and says nothing but what it must."""
    ended = explorer("run", *words, "--json", "-", env=env)
    assert ended.status == 0, ended.err
    assert "Traceback" not in ended.err
    return ended.figures


class Started:
    """A command that runs."""

    def __init__(self, process: "subprocess.Popen[str]", err: Path) -> None:
        self.process = process
        self._err = err

    @property
    def err(self) -> str:
        """What it has said on stderr so far."""
        return self._err.read_text(encoding="utf-8")

    @property
    def children(self) -> list[psutil.Process]:
        """All its descendants that live."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def serving(self) -> tuple[str, list[int]]:
        """Wait until the server serves; its URL and the pids that it consists of."""
        wait_until(lambda: SERVING.search(self.err) or self.process.poll() is not None, LIMIT_S, "a server")
        found = SERVING.search(self.err)
        assert found is not None, self.err
        return found[1], [int(pid) for pid in found[2].split(", ")]

    def loaded(self) -> tuple[str, list[int]]:
        """Wait until answers have been counted and recorded; URL and pids as from `serving`."""
        found = self.serving()
        wait_until(lambda: any(event.get("ok") for event in self.events("load")), LIMIT_S, "answers")
        return found

    @property
    def run(self) -> Path:
        """The folder of its run."""
        return next(folder for folder in run_folders() if self._recorded_by(folder) == self.process.pid)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Events of the run's log so far that are followed by a flush: all that was measured until then is on disk."""
        lines = [
            json.loads(line) for line in (self.run / "events.jsonl").read_text().splitlines(True) if line[-1] == "\n"
        ]
        flushed = max((place for place, line in enumerate(lines) if line["type"] == "flush"), default=0)
        found = [line["event"] for line in lines[:flushed] if line["type"] == "event"]
        return [event for event in found if event["type"] == kind]

    def _recorded_by(self, folder: Path) -> int:
        """The session that records a run, 0 where its log has not been opened or another run's folder has just gone."""
        try:
            with (folder / "events.jsonl").open() as lines:
                return int(json.loads(next(lines, '{"pid": 0}'))["pid"])
        except FileNotFoundError:
            return 0

    def child(self, module: str) -> psutil.Process:
        """The session's child that runs `module`."""
        return next(each for each in self.children if each.cmdline()[-1:] == [module])

    def get(self, path: str = "/job") -> int:
        """The status of one request to the server, from outside the run."""
        url, _ = self.serving()
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=20)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def end(self, limit: float = LIMIT_S, how: signal.Signals | None = None) -> Ended:
        """Wait for its end, after a signal if one is given."""
        if how is not None:
            self.process.send_signal(how)
        out, _ = self.process.communicate(timeout=limit)
        return Ended(self.process.returncode, out, self.err)


@contextmanager
def started(*words: str | Path, env: Mapping[str, str] | None = None, before: Sequence[str] = ()) -> Iterator[Started]:
    """Start a command, with these words `before` it; it is killed at the end if it still runs."""
    with tempfile.TemporaryDirectory() as folder:
        err = Path(folder, "err")
        with err.open("w") as stream:
            process = subprocess.Popen(
                [*before, *program(), *map(str, words)],
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
            )
        try:
            yield Started(process, err)
        finally:
            process.kill()
            process.communicate()


def run_folders() -> list[Path]:
    """The run folders of this user that there are."""
    folder = user_data() / "runs"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def run_folders_since(before: Iterable[Path]) -> set[Path]:
    """Those that were not there before. That others go means nothing: a command clears what an earlier crash left."""
    return set(run_folders()) - set(before)
