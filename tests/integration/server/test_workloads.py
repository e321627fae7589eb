"""What is special in each workload, seen by a client of the server."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from tests.integration.server.conftest import Running, Serve
from tests.waiting import wait_until


def together(running: Running, count: int) -> list[tuple[int, dict[str, Any]]]:
    """Status and answer of so many requests at once."""
    with ThreadPoolExecutor(count) as clients:
        answers = list(clients.map(lambda _: running.get(), range(count)))
    return [(status, json.loads(body)) for status, body in answers]


# -- a shared counter --------------------------------------------------------------------------------------------------

RACE = ("workload.id=shared_counter", "workload.increments=5", "workload.seconds=0.002")


@pytest.mark.parametrize("dispatch", ["thread_pool", "coroutine"])
def test_updates_are_lost_without_a_lock_and_none_with_one(serve: Serve, dispatch: str) -> None:
    running = serve(*RACE, f"dispatch.id={dispatch}", "workload.lock=true")
    assert {answer["lost_updates"] for _, answer in together(running, 6)} == {0}

    running.child.send("set", knob="workload.lock", value=False)
    wait_until(lambda: running.of("applied"), what="the change")
    lost = [answer["lost_updates"] for _, answer in together(running, 6)]

    assert max(lost) > 0
    # Six times five updates were made; of those that met, one counts.
    assert max(lost) < 30


def test_a_coroutine_that_never_awaits_loses_nothing(serve: Serve) -> None:
    running = serve(*RACE, "dispatch.id=blocking_coroutine")
    assert {answer["lost_updates"] for _, answer in together(running, 4)} == {0}


# -- a queue -----------------------------------------------------------------------------------------------------------


def test_one_consumer_takes_one_item_after_the_other(serve: Serve) -> None:
    running = serve("workload.id=queue", "workload.consumers=1", "workload.seconds=0.05", "dispatch.id=coroutine")
    began = time.monotonic()
    assert together(running, 5) == [(200, {"answer": "done"})] * 5
    assert time.monotonic() - began >= 5 * 0.05


def test_consumers_are_added_and_taken_away_live(serve: Serve) -> None:
    running = serve("workload.id=queue", "workload.consumers=1", "workload.seconds=0.01", "dispatch.id=coroutine")
    for consumers in (4, 1, 2):
        before = len(running.of("applied"))
        running.child.send("set", knob="workload.consumers", value=consumers)
        wait_until(lambda: len(running.of("applied")) > before, what="the change")  # noqa: B023  # called at once
        assert together(running, 6) == [(200, {"answer": "done"})] * 6


# -- timers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dispatch", ["coroutine", "thread_pool", "process_pool"])
def test_a_timer_tells_how_late_it_was(serve: Serve, dispatch: str) -> None:
    running = serve("workload.id=timers", "workload.seconds=0.02", f"dispatch.id={dispatch}")
    answers = [answer for _, answer in together(running, 3)]
    assert all(0 <= answer["late_ms"] < 10_000 for answer in answers)


def test_a_loop_that_is_kept_makes_timers_late(serve: Serve) -> None:
    also = {"workload": {"id": "sleep", "seconds": 0.3}, "dispatch": "blocking_coroutine", "share": 0.5}
    running = serve("workload.id=timers", "workload.seconds=0.05", "dispatch.id=coroutine", also=(also,))

    def late() -> list[float]:
        with ThreadPoolExecutor(3) as clients:
            answers = [clients.submit(running.get, path) for path in ("/job", "/also/1/job", "/job")]
            bodies = [json.loads(answer.result()[1]) for answer in answers]
        return [body["late_ms"] for body in bodies if "late_ms" in body]

    # Which of them comes first is not ours to say: sooner or later the one that blocks comes between.
    wait_until(lambda: max(late()) > 50, what="a timer that is late")


# -- background work ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dispatch", ["coroutine", "thread_pool", "process_pool", "blocking_coroutine"])
def test_the_answer_does_not_wait_for_the_work(serve: Serve, dispatch: str) -> None:
    few: Sequence[str] = ("dispatch.processes=1",) if dispatch == "process_pool" else ()
    running = serve("workload.id=background", "workload.seconds=60", f"dispatch.id={dispatch}", *few)
    assert running.get(timeout=20) == (200, '{"answer":"done"}')


# -- an upstream -------------------------------------------------------------------------------------------------------

UPSTREAM = ("workload.id=http_upstream", "workload.seconds=0.3")


@pytest.mark.parametrize("dispatch", ["coroutine", "thread_pool", "process_pool"])
def test_an_upstream_that_is_too_slow_or_gone_is_answered_for(serve: Serve, dispatch: str) -> None:
    few: Sequence[str] = ("dispatch.processes=1",) if dispatch == "process_pool" else ()
    running = serve(*UPSTREAM, "workload.timeout=0.05", f"dispatch.id={dispatch}", *few)

    assert running.get() == (504, '{"answer":"The upstream did not answer within 0.05 s."}')

    running.services["upstream"].kill()
    running.services["upstream"].wait(10)
    status, body = running.get()
    assert status == 502
    assert json.loads(body)["answer"].startswith("The upstream cannot be asked: ")


def test_the_upstream_answers_on_loopback_only_and_ends_when_it_is_told(serve: Serve) -> None:
    running = serve(*UPSTREAM, "workload.seconds=0.01", "dispatch.id=coroutine")
    assert running.get()[0] == 200
    upstream = running.services["upstream"]
    listening = [c for c in psutil.Process(upstream.pid).net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert [c.laddr.ip for c in listening] == ["127.0.0.1"]

    upstream.stop(5)
    assert upstream.wait(20) == 0


# -- garbage -----------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_garbage_is_bounded_by_what_is_kept(serve: Serve) -> None:
    running = serve("workload.id=gc_pressure", "workload.objects=20000", "workload.kept=5", "dispatch.id=thread_pool")
    for _ in range(20):
        assert running.get()[0] == 200
    settled = psutil.Process(running.child.pid).memory_info().rss
    for _ in range(150):
        running.get()
    # 150 times 20,000 objects need 300 MB if nobody collects them.
    assert psutil.Process(running.child.pid).memory_info().rss - settled < 100_000_000


# -- a fan-out ---------------------------------------------------------------------------------------------------------


def test_a_fan_out_takes_as_long_as_its_slowest(serve: Serve) -> None:
    running = serve("dispatch.id=coroutine", "workload.id=fan_out", "workload.awaits=400", "workload.seconds=0.3")
    began = time.monotonic()
    # One after the other they would take more than a minute.
    assert running.get(timeout=20)[0] == 200
    assert time.monotonic() - began >= 0.3
