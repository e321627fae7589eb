"""A thread or a process for each connection: as a client sees them, and as the run does."""

import http.client
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from explorer.collect.ring_source import RunSource
from explorer.collect.source import OpenSpan, Process, Track
from explorer.option_error import OptionError
from explorer.records.states import Kind, TrackKind
from tests.integration.server.conftest import START_LIMIT_S, Running, Serve

THREADS = "model.id=thread_per_connection"
PROCESSES = "model.id=process_per_connection"
ALL = (
    pytest.param((THREADS,), id="threads"),
    pytest.param((PROCESSES, "model.standbys=2"), id="standbys"),
    pytest.param((PROCESSES, "model.start=fork"), id="fork"),
    pytest.param((PROCESSES, "model.start=spawn"), id="spawn", marks=pytest.mark.long),
)
BOTH = ALL[:2]
QUICK = ("dispatch.id=coroutine", "workload.seconds=0.001")


@contextmanager
def client(running: Running) -> Iterator[http.client.HTTPConnection]:
    """A connection that is kept."""
    connection = http.client.HTTPConnection(*running.supervisor.address, timeout=20)
    try:
        yield connection
    finally:
        connection.close()


class Watch:
    """What a collector sees of the run so far."""

    def __init__(self, running: Running) -> None:
        self.source = RunSource(running.run)
        self._processes: dict[int, Process] = {}
        self._tracks: dict[int, Track] = {}
        self._open: list[OpenSpan] = []

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self.source.close()

    def _poll(self) -> None:
        batch = self.source.poll()
        self._processes.update((process.number, process) for process in batch.processes)
        self._tracks.update((track.number, track) for track in batch.tracks)
        self._open = self._open if batch.open_spans is None else batch.open_spans

    def processes(self) -> list[Process]:
        """The processes of the run."""
        self._poll()
        return list(self._processes.values())

    def lanes(self) -> list[Track]:
        """Loops but that of the server's own process."""
        self._poll()
        roles = {process.number: process.role for process in self._processes.values()}
        return [
            track
            for track in self._tracks.values()
            if track.kind is TrackKind.LOOP and (roles[track.process] == "connection" or track.name == "connection")
        ]

    def running(self, kind: Kind) -> int:
        """How many spans of a kind are open."""
        self._poll()
        return sum(span.kind is kind for span in self._open)


def ask(connection: http.client.HTTPConnection, path: str = "/job") -> tuple[int, str]:
    """One request over it."""
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read().decode()


def pid_behind(connection: http.client.HTTPConnection) -> int:
    """The process that answers on this connection."""
    return int(json.loads(ask(connection, "/health")[1])["pid"])


@pytest.mark.parametrize("model", ALL)
def test_a_connection_is_kept_and_another_is_served_beside_it(serve: Serve, model: tuple[str, ...]) -> None:
    running = serve(*model, *QUICK)
    with client(running) as one, client(running) as two:
        assert [ask(one) for _ in range(3)] == [(200, '{"answer":"done"}')] * 3
        assert [ask(two), ask(one), ask(two)] == [(200, '{"answer":"done"}')] * 3
        alike = pid_behind(one) == pid_behind(two)
        assert pid_behind(one) == pid_behind(one)
    assert alike == (model[0] == THREADS)
    assert [running.get()[0] for _ in range(5)] == [200] * 5
    assert running.of("error") == running.of("died") == []


@pytest.mark.parametrize(
    ("loop", "http"),
    [
        ("asyncio", "httptools"),
        ("uvloop", "h11"),
        pytest.param("asyncio", "h11", marks=pytest.mark.long),
        pytest.param("uvloop", "httptools", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("model", BOTH)
def test_every_loop_and_parser_answers(serve: Serve, model: tuple[str, ...], loop: str, http: str) -> None:
    running = serve(*model, f"server.loop={loop}", f"server.http={http}", "workload.seconds=0.001")
    with client(running) as connection:
        assert [ask(connection)[0] for _ in range(3)] == [200] * 3
        connection.request("GET", "/health")
        response = connection.getresponse()
        assert response.headers["date"]
        assert response.read()


@pytest.mark.parametrize("model", BOTH)
def test_beyond_the_limit_a_connection_is_refused_and_the_others_go_on(
    serve: Serve, model: tuple[str, ...], wait_until: Callable[..., None]
) -> None:
    running = serve(*model, *QUICK, "server.limit_concurrency=2")
    with client(running) as one:
        with client(running) as two:
            assert ask(one)[0] == ask(two)[0] == 200
            assert running.get() == (503, "Service Unavailable")
            assert ask(one)[0] == ask(two)[0] == 200
        wait_until(lambda: running.get()[0] == 200, 20, "the place of the second connection to be free")


@pytest.mark.parametrize("model", BOTH)
def test_a_blocked_handler_holds_up_its_own_connection_only(
    serve: Serve, model: tuple[str, ...], wait_until: Callable[..., None]
) -> None:
    running = serve(*model, "dispatch.id=blocking_coroutine", "workload.seconds=30")
    stuck = threading.Thread(target=running.get_quietly, daemon=True)
    stuck.start()
    wait_until(lambda: running.connections() > 0 or model[0] == PROCESSES)

    assert running.get("/health")[0] == 200

    running.child.stop(1.0)
    assert running.child.wait(20) == 0
    stuck.join(20)


@pytest.mark.parametrize("model", ALL)
def test_a_live_change_reaches_every_connection_and_those_to_come(
    serve: Serve, model: tuple[str, ...], wait_until: Callable[..., None]
) -> None:
    running = serve(*model, "workload.seconds=60")
    with client(running) as kept:
        assert ask(kept, "/health")[0] == 200
        running.child.send("set", knob="workload.seconds", value=0.001)
        running.child.send("set", knob="dispatch.tokens", value=3)
        wait_until(lambda: len(running.of("applied")) == 2)

        assert ask(kept) == (200, '{"answer":"done"}')
        assert running.get() == (200, '{"answer":"done"}')
        if model[0] == PROCESSES:
            assert pid_behind(kept) in running.of("applied")[0]["pids"]


def test_tokens_count_for_each_connection(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve(THREADS, "dispatch.tokens=1", "workload.seconds=60")
    stuck = [threading.Thread(target=running.get_quietly, daemon=True) for _ in range(3)]
    for thread in stuck:
        thread.start()

    with Watch(running) as watch:
        wait_until(lambda: watch.running(Kind.JOB) == 3, 20, "three handlers at once, with one token")

    running.child.stop(1.0)
    assert running.child.wait(20) == 0
    running.supervisor.close()
    for thread in stuck:
        thread.join(20)


@pytest.mark.parametrize("model", BOTH)
def test_the_lane_of_a_connection_begins_and_ends_with_it(
    serve: Serve, model: tuple[str, ...], wait_until: Callable[..., None]
) -> None:
    running = serve(*model, *QUICK)
    with Watch(running) as watch:
        with client(running) as connection:
            assert ask(connection)[0] == 200
            wait_until(lambda: [lane.ended_ns for lane in watch.lanes()] == [None], 20, "the connection's lane")
        wait_until(lambda: all(lane.ended_ns for lane in watch.lanes()), 20, "the end of the connection's lane")
        (first,) = watch.lanes()
        with client(running) as connection:
            assert ask(connection)[0] == 200
            wait_until(lambda: [lane for lane in watch.lanes() if lane.ended_ns is None], 20, "the next one's lane")
            (second,) = [lane for lane in watch.lanes() if lane.ended_ns is None]
            assert (second.number == first.number) == (model[0] == THREADS), "threads use lanes again"
            assert second.tid != first.tid


@pytest.mark.parametrize("model", BOTH)
def test_a_sigterm_ends_everything(serve: Serve, model: tuple[str, ...]) -> None:
    running = serve(*model, *QUICK)
    with client(running) as connection:
        assert ask(connection)[0] == 200
        below = psutil.Process(running.child.pid).children(recursive=True)

        os.kill(running.child.pid, signal.SIGTERM)

        assert running.child.wait(20) == -signal.SIGTERM
    _, alive = psutil.wait_procs(below, 20)
    assert alive == []


@pytest.mark.parametrize("model", ALL[1:])
@pytest.mark.long
def test_a_killed_server_takes_its_processes_along(serve: Serve, model: tuple[str, ...]) -> None:
    running = serve(*model, "dispatch.id=blocking_coroutine", "workload.seconds=30")
    stuck = threading.Thread(target=running.get_quietly, daemon=True)
    stuck.start()
    with client(running) as connection:
        assert ask(connection, "/health")[0] == 200
        below = psutil.Process(running.child.pid).children(recursive=True)
        assert below

        os.kill(running.child.pid, signal.SIGKILL)

        assert running.child.wait(20) == -signal.SIGKILL
    _, alive = psutil.wait_procs(below, 20)
    assert alive == []
    running.supervisor.close()
    stuck.join(20)


@pytest.mark.parametrize("model", ALL[1:])
def test_a_connections_process_that_dies_is_reported_and_the_server_goes_on(
    serve: Serve, model: tuple[str, ...], wait_until: Callable[..., None]
) -> None:
    running = serve(*model, *QUICK)
    with client(running) as connection:
        victim = pid_behind(connection)
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: running.of("died"), 20)
    died = running.of("died")
    assert [(each["pid"], each["role"], each["signal"]) for each in died] == [(victim, "connection", 9)]
    assert running.get()[0] == 200


def test_a_standby_that_dies_is_reported_and_replaced(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve(PROCESSES, "model.standbys=1", *QUICK)
    with Watch(running) as watch:
        (victim,) = [one.pid for one in watch.processes() if one.label == "stands by"]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: running.of("died"), 20)
    assert (running.of("died")[0]["pid"], running.of("died")[0]["role"]) == (victim, "standby")
    assert running.get()[0] == 200


def test_a_standby_becomes_a_connections_process(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve(PROCESSES, "model.standbys=1", *QUICK)
    with client(running) as connection, Watch(running) as watch:
        pid = pid_behind(connection)
        wait_until(lambda: [str(one.role) for one in watch.processes() if one.pid == pid] == ["connection"])
        (label,) = [one.label for one in watch.processes() if one.pid == pid]
        assert label.startswith("client 127.0.0.1:")


@pytest.mark.skipif(
    sys.platform != "linux" or not getattr(sys, "_is_gil_enabled", lambda: True)(),
    reason="where the GIL is, is told on Linux, by Pythons that have one",
)
@pytest.mark.parametrize("how", ["model.start=fork", "model.standbys=2"])
def test_a_forked_connections_gil_is_known_as_soon_as_its_process_is(serve: Serve, how: str) -> None:
    running = serve(PROCESSES, how, *QUICK)
    with client(running) as connection:
        forked = pid_behind(connection)
        notes = {}
        for path in running.run.glob("process-*.json"):
            note = json.loads(path.read_text())
            notes[note["pid"]] = note
        nursery = notes[psutil.Process(forked).ppid()]
    found = json.loads((running.run / f"gil-{nursery['number']}.json").read_text())
    assert found["gil"] is True
    assert notes[forked]["gil"] == found


BROKEN = "import os, sys\nif 'spawn_main' in ' '.join(sys.orig_argv):\n    os._exit(9)\n"


@pytest.mark.parametrize("start", ["standby", "fork", "spawn"])
def test_a_process_that_cannot_start_ends_the_server_with_a_sentence(
    serve: Serve, tmp_path: "os.PathLike[str]", monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    with open(os.path.join(tmp_path, "sitecustomize.py"), "w", encoding="utf-8") as file:
        file.write(BROKEN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    running = serve(PROCESSES, f"model.start={start}", ready=False)

    with pytest.raises(OptionError, match=r"Process \d+ ended with exit status 9 before it could serve"):
        running.child.wait_for("ready", START_LIMIT_S)

    assert running.child.wait(20) == 1


def test_standbys_that_cannot_start_any_more_are_told_of_once_and_tried_again(
    serve: Serve, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    database = tmp_path / "some.db"
    running = serve(
        PROCESSES,
        "model.standbys=2",
        "workload.id=database",
        f"workload.url=sqlite:///{database}",
        "dispatch.id=coroutine",
    )
    assert running.get()[0] == 200
    # In one step: a standby that starts meanwhile must not find a file that is half written, which is another sentence.
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database" * 1000)
    broken.replace(database)
    wait_until(lambda: running.get("/health")[0] == 503, 20, "a client that is refused")

    assert [running.get("/health")[0] for _ in range(20)] == [503] * 20
    assert len(running.of("error")) == 1
    assert "not a database" in running.of("error")[0]["sentence"]
    (log,) = running.run.glob(f"log-*-{running.child.pid}.txt")
    assert log.read_text().count("before it could serve") == 1

    database.unlink()
    wait_until(lambda: running.get("/health")[0] == 200, 30, "a standby that starts again")
    running.child.stop(1.0)
    assert running.child.wait(20) == 0


def test_a_pool_of_processes_for_each_connection_is_refused(serve: Serve) -> None:
    with pytest.raises(OptionError, match="process pool of its own"):
        serve(PROCESSES, "dispatch.id=process_pool")


@pytest.mark.parametrize("model", ALL[1:3])
@pytest.mark.long
def test_the_end_of_what_forks_is_told_and_ends_the_server(serve: Serve, model: tuple[str, ...]) -> None:
    running = serve(*model, *QUICK)
    with client(running) as connection:
        forked = psutil.Process(pid_behind(connection))
        nursery = forked.ppid()
        os.kill(nursery, signal.SIGKILL)

        with pytest.raises(OptionError, match=f"Process {nursery}, which forks .* was ended by SIGKILL"):
            running.child.wait_for("never", 20)

        assert running.child.wait(20) == 1
        _, alive = psutil.wait_procs([forked], 20)
        assert alive == []
