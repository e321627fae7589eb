"""A server in a child of its own, as a session would start it."""

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.catalog import Catalog
from explorer.records.states import Role
from explorer.scenario import assign, default
from explorer.supervise.channel import Child
from explorer.supervise.supervisor import Supervisor

START_LIMIT_S = 40.0


class Running:
    """A server that serves; `messages` are all it said since it was configured."""

    def __init__(self, supervisor: Supervisor, child: Child, messages: list[dict[str, Any]]) -> None:
        self.supervisor = supervisor
        self.child = child
        self.messages = messages

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Messages of one type, or events of one name."""
        return [m for m in self.messages if kind in (m["type"], m.get("event"))]

    def get(self, path: str = "/job", timeout: float = 20.0) -> tuple[int, str]:
        """Status and body of one request over a new connection."""
        connection = http.client.HTTPConnection(*self.supervisor.address, timeout=timeout)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def pid_of_server(self) -> int:
        """The process that answers."""
        return int(json.loads(self.get("/health")[1])["pid"])


Serve = Callable[..., Running]


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run's folder, as a session lays it out before any child."""
    folder = tmp_path / "run"
    for part in (folder, folder / "numbers", folder / "rings"):
        part.mkdir(mode=0o700)
    (folder / "run.json").write_text(json.dumps({"schema": 1, "token": "c0ffee", "epochs": []}))
    return folder


@pytest.fixture
def supervisor(run_folder: Path) -> Iterator[Supervisor]:
    """A session's supervisor; nothing is left of it after the test."""
    supervisor = Supervisor(run_folder)
    yield supervisor
    supervisor.close()


@pytest.fixture
def serve(supervisor: Supervisor, run_folder: Path) -> Serve:
    """Start a server with `--set` words and wait until it is ready; `start=False` only configures it."""
    catalog = Catalog()
    epochs = iter(range(1, 100))

    def start(*settings: str, ready: bool = True) -> Running:
        scenario = assign(catalog, default(catalog), settings)
        supervisor.check(scenario)
        supervisor.listen(scenario.server.host, scenario.server.port, scenario.server.backlog)
        child = supervisor.spawn("explorer.server.process", role=Role.SERVER, interpreter=scenario.server.interpreter)
        messages: list[dict[str, Any]] = []
        child.on_message(messages.append)
        child.configure(
            scenario=scenario.to_dict(),
            run=str(run_folder),
            epoch=next(epochs),
            listener=supervisor.listener_for(child),
        )
        if ready:
            child.wait_for("ready", START_LIMIT_S)
        return Running(supervisor, child, messages)

    return start
