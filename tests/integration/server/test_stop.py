"""The end of a server, and its successor on the same socket."""

import http.client
import threading
import time
from collections.abc import Callable

import pytest

from explorer.records.states import Kind
from tests.integration.server.conftest import Running, Serve
from tests.observed import Observed


@pytest.mark.parametrize("model", ["event_loop", "prefork", "window_loop"])
def test_stop_works_behind_a_handler_that_blocks_the_loop(
    serve: Serve, wait_until: Callable[..., None], model: str
) -> None:
    running = serve(f"model.id={model}", "dispatch.id=blocking_coroutine", "workload.seconds=30")
    stuck = [threading.Thread(target=running.get_quietly, daemon=True) for _ in range(4)]
    for thread in stuck:
        thread.start()
    wait_until(lambda: running.is_blocked(), 20, "the loop to be blocked")

    running.child.stop(1.0)

    # 0: it ended by itself within its second. Had it been killed for being late, this were -9.
    assert running.child.wait(20) == 0
    running.supervisor.close()  # and with it the connections that nobody had accepted
    for thread in stuck:
        thread.join(20)


def test_a_request_under_way_is_finished_before_the_server_stops(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve("dispatch.id=coroutine", "workload.seconds=0.3")
    answers: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: answers.append(running.get()))
    asking.start()
    wait_until(lambda: running.connections() > 0)

    running.child.stop(5)

    asking.join(20)
    assert answers == [(200, '{"answer":"done"}')]
    assert running.child.wait(20) == 0


class Client(threading.Thread):
    """Asks again and again over one connection; opens a new one when that was closed between two requests."""

    def __init__(self, running: Running) -> None:
        super().__init__()
        self.address = running.supervisor.address
        self.enough = threading.Event()
        self.answers = 0
        self.faults: list[str] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection(*self.address, timeout=20)
        while not self.enough.is_set():
            fresh = connection.sock is None
            try:
                connection.request("GET", "/job")
                response = connection.getresponse()
                response.read()
                self.answers += 1
                if response.status != 200:
                    self.faults.append(f"status {response.status}")
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                # A kept connection may be closed while a request is on its way; every client then tries again.
                if fresh:
                    self.faults.append(repr(error))
        connection.close()


MODELS = (
    "event_loop",
    "prefork",
    "thread_per_connection",
    pytest.param("process_per_connection", marks=pytest.mark.long),
    pytest.param("window_loop", marks=pytest.mark.long),
)


@pytest.mark.parametrize("model", MODELS)
def test_a_restart_under_load_fails_no_request(serve: Serve, wait_until: Callable[..., None], model: str) -> None:
    settings = (f"model.id={model}", "dispatch.id=coroutine", "workload.seconds=0.01")
    first = serve(*settings)
    clients = [Client(first) for _ in range(8)]
    for client in clients:
        client.start()
    wait_until(lambda: all(client.answers > 3 for client in clients), 20)

    second = serve(*settings)
    first.child.stop(5)
    assert first.child.wait(20) == 0
    before = [client.answers for client in clients]
    wait_until(lambda: all(client.answers > n + 3 for client, n in zip(clients, before, strict=True)), 20)

    for client in clients:
        client.enough.set()
    for client in clients:
        client.join(20)
    assert [client.faults for client in clients] == [[] for _ in clients]
    assert second.supervisor.url == first.supervisor.url


@pytest.mark.parametrize("model", MODELS)
def test_work_that_goes_on_after_the_client_has_left_is_finished(
    serve: Serve, wait_until: Callable[..., None], model: str
) -> None:
    running = serve(f"model.id={model}", "dispatch.id=thread_pool", "workload.id=background", "workload.seconds=0.6")
    observed = Observed(running.run)
    assert running.get() == (200, '{"answer":"done"}')
    wait_until(lambda: running.connections() == 0)
    observed.poll()

    running.child.stop(5)

    assert running.child.wait(20) == 0
    (job,) = observed.of(Kind.JOB)
    assert job.duration > 0.5e9
    observed.close()


def test_connections_wait_in_the_backlog_while_there_is_no_server(serve: Serve) -> None:
    first = serve("workload.seconds=0.001")
    first.child.stop(5)
    assert first.child.wait(20) == 0
    answers: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: answers.append(first.get()))
    asking.start()
    deadline = time.monotonic() + 20

    serve("workload.seconds=0.001")

    asking.join(deadline - time.monotonic())
    assert answers == [(200, '{"answer":"done"}')]
