"""The app in this process, without a socket and without a run."""

import asyncio
import threading
from typing import Any

import pytest
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.scenario import Scenario, assign, default, parse
from explorer.server.app import make_app
from explorer.server.live import Live, apply_server_knobs, changed
from explorer.server.surroundings import Surroundings

CATALOG = Catalog()


def scenario(*settings: str, **more: Any) -> Scenario:
    """A scenario by its settings."""
    made = assign(CATALOG, default(CATALOG), settings)
    return parse(CATALOG, made.to_dict() | more)


async def status(app: FastAPI, path: str) -> int:
    """The status of one request that never leaves this process."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": [],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return int(sent[0]["status"])


async def test_a_handler_calls_the_work_of_its_own_part() -> None:
    also = [{"workload": {"id": "mixed", "seconds": 0.001, "wait": 0}, "dispatch": "coroutine", "share": 0.5}]
    app = make_app(scenario("dispatch.id=coroutine", "workload.seconds=0", also=also), CATALOG, Surroundings())
    called: list[str] = []

    async def first() -> None:
        called.append("first")

    async def second() -> None:
        called.append("second")

    app.state.parts[0].app.state.work = first
    app.state.parts[1].app.state.work = second
    async with app.router.lifespan_context(app):
        assert await status(app, "/also/1/job") == 200
        assert await status(app, "/job") == 200

    assert called == ["second", "first"]


async def test_tokens_are_set_at_the_start_and_live() -> None:
    chosen = scenario("dispatch.tokens=3")
    app = make_app(chosen, CATALOG, Surroundings())
    live = Live(app, CATALOG, chosen)
    done = asyncio.Event()
    failures: list[str] = []
    async with app.router.lifespan_context(app):
        limiter = current_default_thread_limiter()
        assert limiter.total_tokens == 3
        live.started(asyncio.get_running_loop())

        setting = threading.Thread(target=live.set, args=("dispatch.tokens", 5, done.set, failures.append))
        setting.start()
        await done.wait()
        setting.join()

        assert limiter.total_tokens == 5
        assert failures == []


async def test_the_main_part_decides_on_tokens() -> None:
    also = [{"workload": "sleep", "dispatch": {"id": "thread_pool", "tokens": 9}, "share": 0.5}]
    app = make_app(scenario("dispatch.tokens=3", also=also), CATALOG, Surroundings())

    async with app.router.lifespan_context(app):
        assert current_default_thread_limiter().total_tokens == 3


def test_a_live_change_replaces_the_work_and_checks_the_value() -> None:
    chosen = scenario("workload.seconds=1")
    app = make_app(chosen, CATALOG, Surroundings())
    live = Live(app, CATALOG, chosen)
    done: list[str] = []

    live.set("workload.seconds", 2, lambda: done.append("done"), done.append)

    assert app.state.work.keywords == {"seconds": 2.0}
    assert done == ["done"]
    with pytest.raises(OptionError, match="must be from 0 to 60"):
        live.set("workload.seconds", -1, lambda: done.append("wrong"), done.append)
    assert app.state.work.keywords == {"seconds": 2.0}
    assert done == ["done"]


async def test_a_change_that_cannot_be_made_is_answered_with_a_sentence() -> None:
    chosen = scenario("dispatch.tokens=3")
    app = make_app(chosen, CATALOG, Surroundings())
    live = Live(app, CATALOG, chosen)
    answers: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    raised: list[str] = []
    loop.set_exception_handler(lambda _, context: raised.append(type(context["exception"]).__name__))
    async with app.router.lifespan_context(app):
        live.started(loop)
        del app.state.limiters

        live.set("dispatch.tokens", 5, lambda: answers.put_nowait("done"), answers.put_nowait)

        assert (await answers.get()).startswith("dispatch.tokens could not be changed (AttributeError: ")
        assert raised == ["AttributeError"]


def test_a_second_workload_changes_by_its_number() -> None:
    also = [{"workload": "sleep", "dispatch": "coroutine", "share": 0.5}]
    chosen = scenario("workload.seconds=1", also=also)

    after = changed(CATALOG, chosen, "also.1.workload.seconds", 3)

    assert after.also[0].workload.knobs.model_dump() == {"seconds": 3.0}
    assert after.workload == chosen.workload
    with pytest.raises(OptionError, match=r"'also\.2\.workload\.seconds' cannot change"):
        changed(CATALOG, chosen, "also.2.workload.seconds", 3)


@pytest.mark.parametrize("knob", ["server.port", "model.workers", "load.users", "workload", "a.b.c", "workload.id.x"])
def test_only_parts_and_two_knobs_of_the_server_change_live(knob: str) -> None:
    with pytest.raises(OptionError, match="cannot change while the server runs") as caught:
        changed(CATALOG, scenario(), knob, 1)

    assert caught.value.where == knob


def test_the_interpreter_is_set_as_the_knobs_say(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    monkeypatch.setattr("sys.setswitchinterval", said.append)
    monkeypatch.setattr("gc.disable", lambda: said.append("off"))
    monkeypatch.setattr("gc.enable", lambda: said.append("on"))

    apply_server_knobs(scenario("server.gc=false", "server.switch_interval=0.25").server)
    apply_server_knobs(scenario().server)

    assert said == [0.25, "off", 0.005, "on"]


async def test_what_keeps_the_app_from_starting_is_kept() -> None:
    app = make_app(scenario("dispatch.id=process_pool"), CATALOG, Surroundings())

    async def fails(processes: int) -> None:
        raise OSError("no more processes")

    app.state.make_pool = fails
    with pytest.raises(OSError, match="no more processes"):
        async with app.router.lifespan_context(app):
            raise AssertionError("it has started")

    assert str(app.state.failure) == "no more processes"


async def test_a_change_before_the_start_counts_from_the_start() -> None:
    chosen = scenario("dispatch.tokens=3")
    app = make_app(chosen, CATALOG, Surroundings())

    Live(app, CATALOG, chosen).set("dispatch.tokens", 7, lambda: None, lambda sentence: None)

    async with app.router.lifespan_context(app):
        assert current_default_thread_limiter().total_tokens == 7
