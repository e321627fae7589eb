"""Knobs that change while the server serves."""

import threading
from collections.abc import Callable

import pytest

from tests.integration.server.conftest import Running, Serve


def applied(running: Running, knob: str) -> Callable[[], bool]:
    """Whether the server has said that this knob counts."""
    return lambda: any(message["knob"] == knob for message in running.of("applied"))


def test_tokens_change_while_requests_wait_for_them(serve: Serve, wait_until: Callable[..., None]) -> None:
    running = serve("dispatch.tokens=1", "workload.seconds=60")
    stuck = threading.Thread(target=running.get_quietly, daemon=True)
    stuck.start()
    running.child.send("set", knob="workload.seconds", value=0.001)
    wait_until(applied(running, "workload.seconds"))
    answers: list[tuple[int, str]] = []
    waiting = threading.Thread(target=lambda: answers.append(running.get()), daemon=True)
    waiting.start()

    running.child.send("set", knob="dispatch.tokens", value=2)

    # With one token this request would wait for the sixty seconds of the first.
    wait_until(lambda: answers, 20)
    assert answers == [(200, '{"answer":"done"}')]
    assert running.of("applied")[-1]["pids"] == [running.child.pid]
    running.child.stop(0.5)
    running.child.wait(20)
    stuck.join(20)
    waiting.join(20)


@pytest.mark.parametrize(
    ("workload", "knob", "value"),
    [
        ("cpu_python", "workload.seconds", 0.001),
        ("cpu_native", "workload.seconds", 0.001),
        ("mixed", "workload.wait", 0.001),
        ("file_io", "workload.sync", False),
        ("sleep", "server.gc", False),
        ("sleep", "server.switch_interval", 0.001),
    ],
)
def test_live_knobs_are_applied(
    serve: Serve, wait_until: Callable[..., None], workload: str, knob: str, value: object
) -> None:
    running = serve(f"workload.id={workload}")
    running.child.send("set", knob=knob, value=value)

    wait_until(applied(running, knob))

    assert running.get()[0] == 200
    assert running.of("error") == []


@pytest.mark.parametrize(
    ("knob", "value", "words"),
    [
        ("dispatch.tokens", 0, "must be from 1 to 1,000 threads"),
        ("server.port", 80, "restart"),
        ("workload.colour", "red", "There is no knob 'workload.colour'"),
        ("nonsense", 1, "cannot change"),
    ],
)
def test_what_cannot_be_set_is_a_sentence_and_the_server_goes_on(
    serve: Serve, wait_until: Callable[..., None], knob: str, value: object, words: str
) -> None:
    running = serve("workload.seconds=0.001")
    running.child.send("set", knob=knob, value=value)

    wait_until(lambda: running.of("error"))

    error = running.of("error")[0]
    assert words in error["sentence"]
    assert error["where"] == knob
    assert running.get()[0] == 200
