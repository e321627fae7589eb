"""One combination of model, dispatch and workload, tried whole: served by a real child, asked by real clients, ended.

Clients here are others than the product's own load: the standard library's for HTTP and event streams, the
`websockets` package's for WebSockets. Whoever finds something wrong raises `AssertionError` with the words for it.
"""

import http.client
import json
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil
from websockets.sync.client import connect

from explorer.catalog import Catalog
from explorer.records.states import Role
from explorer.scenario import assign, default, packages
from explorer.session.services import Needs, needed, service
from explorer.supervise.channel import Child
from explorer.supervise.supervisor import Supervisor
from tests.combinations import Triple, settings

START_LIMIT_S: Final = 60.0
ANSWER_LIMIT_S: Final = 30.0
GONE_S: Final = 15.0
ENDINGS: Final = ("stop", "terminate", "kill")
"""How a server ends: asked over its channel, by SIGTERM, by SIGKILL."""

Address = tuple[str, int]


def try_out(catalog: Catalog, triple: Triple, ending: str, folder: Path) -> None:
    """Serve `triple` from the empty `folder`, ask it in every way that its workload speaks, end it by `ending`."""
    run = _run_folder(folder)
    with _temporary_files_in(folder / "tmp") as temporary, _supervisor(run) as supervisor:
        child = _serve(supervisor, catalog, triple, run)
        ASK[catalog.get("workload", triple[2]).speaks](supervisor.address)
        family = [psutil.Process(child.pid), *psutil.Process(child.pid).children(recursive=True)]
        _end(child, ending)
        _all_gone(family)
        assert child.returncode is not None
        assert ending != "stop" or child.returncode == 0, (
            f"stopped with status {child.returncode}: {child.last_words()}"
        )
        left = sorted(path.name for path in temporary.iterdir())
        assert not left, f"temporary files left behind: {left}"


def _run_folder(folder: Path) -> Path:
    """A run's folder, as a session lays it out before any child."""
    run = folder / "run"
    for part in (run, run / "numbers", run / "rings"):
        part.mkdir(mode=0o700, parents=True)
    (run / "run.json").write_text(json.dumps({"schema": 1, "token": "c0ffee", "epochs": []}))
    return run


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[Path]:
    """Have children put their temporary files into `folder`."""
    folder.mkdir()
    before = {name: os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")}
    os.environ.update(dict.fromkeys(before, str(folder)))
    tempfile.tempdir = None
    try:
        yield folder
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        tempfile.tempdir = None


@contextmanager
def _supervisor(run: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(run)
    try:
        yield supervisor
    finally:
        supervisor.close()


def _serve(supervisor: Supervisor, catalog: Catalog, triple: Triple, run: Path) -> Child:
    scenario = assign(catalog, default(catalog), settings(triple))
    supervisor.check(scenario, packages(catalog, scenario))
    supervisor.settle(scenario)
    supervisor.listen(scenario.server.host, scenario.server.port, scenario.server.backlog)
    child = supervisor.spawn("explorer.server.process", role=Role.SERVER)
    child.configure(
        scenario=scenario.to_dict(),
        run=str(run),
        epoch=1,
        listener=supervisor.listener_for(child),
        services=_services(supervisor, needed(catalog, scenario), run),
    )
    child.wait_for("ready", START_LIMIT_S)
    return child


def _services(supervisor: Supervisor, needs: Needs, run: Path) -> Mapping[str, str]:
    started = {}
    for name, values in needs.items():
        child = started[name] = supervisor.spawn(service(name).module, role=service(name).role)
        child.configure(run=str(run), settings=dict(values))
    return {name: str(child.wait_for("ready", START_LIMIT_S)["address"]) for name, child in started.items()}


def _ask_http(address: Address) -> None:
    """Three requests over one connection, then one over each of two new ones."""
    with _connection(address) as kept:
        for _ in range(3):
            kept.request("GET", "/job")
            _check_answer(kept.getresponse())
            assert kept.sock is not None, "the server closed a connection that was to be kept"
    for _ in range(2):
        with _connection(address) as fresh:
            fresh.request("GET", "/job", headers={"connection": "close"})
            _check_answer(fresh.getresponse())


def _ask_stream(address: Address) -> None:
    """A stream of events to its end, and the rest of one behind its first event."""
    whole = _events(address, {})
    assert len(whole) > 1, f"the stream brought {whole}"
    assert all(event.get("data") for event in whole), f"events without data: {whole}"
    ids = [event["id"] for event in whole]
    assert len(set(ids)) == len(ids), f"events with the same id: {ids}"
    rest = _events(address, {"last-event-id": ids[0]})
    assert [event["id"] for event in rest] == ids[1:]


def _ask_websocket(address: Address) -> None:
    """Text and binary, small and large, over one connection; then over a new one."""
    url = f"ws://{address[0]}:{address[1]}/job"
    messages: list[str | bytes] = ["first", b"\x00second", "third " * 20_000]
    for batch in (messages, messages[:1]):
        with connect(url, open_timeout=ANSWER_LIMIT_S, close_timeout=ANSWER_LIMIT_S, max_size=None) as socket:
            for message in batch:
                socket.send(message)
                assert socket.recv(ANSWER_LIMIT_S) == message


ASK: Final[Mapping[str, Callable[[Address], None]]] = {
    "http": _ask_http,
    "sse": _ask_stream,
    "websocket": _ask_websocket,
}
"""How to ask a workload, by what it speaks."""


@contextmanager
def _connection(address: Address) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(*address, timeout=ANSWER_LIMIT_S)
    try:
        yield connection
    finally:
        connection.close()


def _check_answer(response: http.client.HTTPResponse) -> None:
    body = response.read()
    assert response.status == 200, f"status {response.status}: {body[:200]!r}"
    assert "answer" in json.loads(body), f"no answer: {body[:200]!r}"


def _events(address: Address, headers: Mapping[str, str]) -> list[dict[str, str]]:
    """The fields of each event of one stream, read line by line (several `data` lines are joined)."""
    found: list[dict[str, str]] = []
    with _connection(address) as connection:
        connection.request("GET", "/job", headers={"accept": "text/event-stream", **headers})
        response = connection.getresponse()
        assert response.status == 200, f"status {response.status}"
        assert str(response.getheader("content-type")).startswith("text/event-stream")
        event: dict[str, str] = {}
        for line in response.read().decode().splitlines():
            name, _, value = line.partition(":")
            if line and name:
                event[name] = "\n".join(filter(None, (event.get(name), value.removeprefix(" "))))
            elif not line and event:
                found.append(event)
                event = {}
    return [event for event in found if "data" in event]


def _end(child: Child, ending: str) -> None:
    if ending == "stop":
        child.stop(5.0)
    elif ending == "terminate":
        os.kill(child.pid, signal.SIGTERM)
    else:
        child.kill()
    child.wait(GONE_S)


def _all_gone(family: list[psutil.Process]) -> None:
    deadline = time.monotonic() + GONE_S
    while living := [process for process in family if _lives(process)]:
        assert time.monotonic() < deadline, f"still there after {GONE_S:g} s: {living}"
        time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
