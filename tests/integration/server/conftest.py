"""A server in a child of its own, as a session would start it."""

import http.client
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from explorer.catalog import Catalog
from explorer.records.states import Role
from explorer.scenario import assign, default, packages, parse
from explorer.session.services import needed, service
from explorer.supervise.channel import Child
from explorer.supervise.supervisor import Supervisor

START_LIMIT_S = 40.0


class Running:
    """A server that serves; `messages` are all it said since it was configured."""

    def __init__(
        self,
        supervisor: Supervisor,
        run: Path,
        child: Child,
        messages: list[dict[str, Any]],
        services: dict[str, Child],
    ) -> None:
        self.supervisor = supervisor
        self.run = run
        self.child = child
        self.messages = messages
        self.services = services

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Messages of one type, or events of one name."""
        return [m for m in self.messages if kind in (m["type"], m.get("event"))]

    def get(self, path: str = "/job", timeout: float = 20.0) -> tuple[int, str]:
        """Status and body of one request over a new connection."""
        connection = http.client.HTTPConnection(*self.supervisor.address, timeout=timeout)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        finally:
            connection.close()

    def get_quietly(self, path: str = "/job") -> None:
        """Ask and do not care for the answer: the server may be gone before it comes."""
        try:
            self.get(path, 60.0)
        except (OSError, http.client.HTTPException):
            return

    def is_blocked(self) -> bool:
        """Whether nobody answers at /health for a moment."""
        try:
            self.get("/health", 0.2)
        except OSError:
            return True
        return False

    def connections(self) -> int:
        """How many connections the serving process has open."""
        port = self.supervisor.address[1]
        open_now = psutil.Process(self.child.pid).net_connections("tcp")
        return sum(1 for each in open_now if each.laddr.port == port and each.status == psutil.CONN_ESTABLISHED)

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
    """Start a server with `--set` words and wait until it is ready; `ready=False` only configures it."""
    catalog = Catalog()
    epochs = iter(range(1, 100))

    def start(*settings: str, ready: bool = True, also: Sequence[dict[str, Any]] = ()) -> Running:
        scenario = assign(catalog, default(catalog), settings)
        scenario = parse(catalog, scenario.to_dict() | {"also": list(also)})
        supervisor.check(scenario, packages(catalog, scenario))
        supervisor.settle(scenario)
        supervisor.listen(scenario.server.host, scenario.server.port, scenario.server.backlog)
        services = {}
        for name, values in needed(catalog, scenario).items():
            kind = service(name)
            started = services[name] = supervisor.spawn(kind.module, role=kind.role)
            started.configure(run=str(run_folder), settings=dict(values))
        child = supervisor.spawn("explorer.server.process", role=Role.SERVER, interpreter=scenario.server.interpreter)
        messages: list[dict[str, Any]] = []
        child.on_message(messages.append)
        child.configure(
            scenario=scenario.to_dict(),
            run=str(run_folder),
            epoch=next(epochs),
            listener=supervisor.listener_for(child),
            services={name: each.wait_for("ready", START_LIMIT_S)["address"] for name, each in services.items()},
        )
        if ready:
            child.wait_for("ready", START_LIMIT_S)
        return Running(supervisor, run_folder, child, messages, services)

    return start
