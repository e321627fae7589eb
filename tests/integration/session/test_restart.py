"""A knob that needs a new server: the run goes on, the URL stays, and no request fails that need not."""

import socket
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.option_error import OptionError
from explorer.records.states import Kind, Role, TrackKind
from explorer.session import events
from tests.integration.session.stage import Stage, status


async def test_a_restart_under_load_fails_no_request(stage: Stage) -> None:
    await stage.start("load.users=8", "workload.seconds=0.02", "dispatch.tokens=4")
    url = stage.session.url
    await stage.until(lambda: stage.answered >= 50, what="answers of the first server")
    await stage.change("server.http=h11")
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 100, what="answers of the second server")
    await stage.session.stop()

    assert stage.failures == {}
    assert status(stage.spans(Kind.CLIENT_REQUEST)) - {0} == {200}
    first, second = stage.said(events.Serving)
    assert (first.url, second.url) == (url, url)
    assert (first.epoch, second.epoch) == (1, 2)
    assert first.pids != second.pids
    assert [event.reason for event in stage.said(events.Restarting)] == ["HTTP parser httptools → h11"]
    assert [marker.text for marker in stage.markers if marker.kind == "restart"] == ["HTTP parser httptools → h11"]
    assert [marker for marker in stage.markers if marker.kind == "death"] == []
    loops = {track.epoch: track.pid for track in stage.tracks.values() if track.kind is TrackKind.LOOP}
    assert loops == {1: first.pids[0], 2: second.pids[0]}
    assert stage.pids(Role.SERVER) == [first.pids[0], second.pids[0]]
    assert all(not process.died for process in stage.children)
    assert stage.tally.read + stage.tally.lost == stage.tally.written


@pytest.mark.long
async def test_another_model_dispatch_and_workload_take_over(stage: Stage) -> None:
    await stage.start("load.users=4", "workload.seconds=0.01")
    await stage.until(lambda: stage.answered >= 10, what="answers of the first server")
    await stage.change(
        "model.id=prefork", "dispatch.id=process_pool", "workload.id=cpu_python", "workload.seconds=0.01"
    )
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 20, what="answers of the second server")
    await stage.session.stop()

    assert stage.failures == {}
    assert len(stage.pids(Role.WORKER)) == 2
    assert len(stage.pids(Role.POOL)) == 4
    pool = {track.number for track in stage.tracks.values() if track.pid in stage.pids(Role.POOL)}
    jobs, waits = stage.spans(Kind.JOB), stage.spans(Kind.POOL_WAIT)
    there = jobs[np.isin(jobs["track"], list(pool))]
    assert len(there) > 0
    # The request's number goes along to the process that works for it.
    assert set(there["request"].tolist()) <= set(stage.spans(Kind.CLIENT_REQUEST)["request"].tolist())
    assert set(there["request"].tolist()) <= set(waits["request"].tolist())
    assert [marker.text for marker in stage.markers if marker.kind == "restart"] == [
        "Prefork, Process pool, Python work"
    ]


async def test_a_second_workload_comes_and_goes_without_a_failed_request(stage: Stage) -> None:
    before = await stage.start("load.users=4", "workload.seconds=0.01")
    both = stage.scenario(
        "load.users=4",
        "workload.seconds=0.01",
        also=[{"workload": {"id": "sleep", "seconds": 0.01}, "share": 0.5}],
    )
    await stage.until(lambda: stage.answered >= 10, what="answers")
    await stage.session.change(both)
    await stage.until(lambda: stage.count(Kind.REQUEST, "GET /also/1/job") >= 10, what="the second workload")
    await stage.session.change(before)
    answered = stage.answered
    await stage.until(lambda: stage.answered >= answered + 20, what="answers of the third server")
    await stage.session.stop()

    assert stage.failures == {}
    assert stage.session.epoch == 3
    assert status(stage.spans(Kind.CLIENT_REQUEST)) - {0} == {200}
    assert [marker.text for marker in stage.markers if marker.kind == "restart"] == ["Second workload"] * 2


async def test_another_port_moves_the_server_and_its_load(stage: Stage) -> None:
    await stage.start("load.users=4", "workload.seconds=0.01")
    await stage.until(lambda: stage.answered >= 10, what="answers")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
        with pytest.raises(OptionError, match=f"Port {port} is in use"):
            await stage.change(f"server.port={port}")
    await stage.change(f"server.port={port}")
    answered = stage.answered
    await stage.until(lambda: stage.answered >= answered + 20, what="answers at the other port")
    await stage.session.stop()

    first, second = stage.said(events.Serving)
    assert first.url != second.url == f"http://127.0.0.1:{port}"
    assert stage.failures == {}


async def test_of_uvloop_the_session_says_what_is_missing(stage: Stage) -> None:
    await stage.start("load.users=2", "workload.seconds=0.01", "server.loop=uvloop")
    await stage.until(lambda: stage.answered >= 10, what="answers")
    await stage.session.stop()

    (warning,) = stage.said(events.Warned)
    assert warning.where == "server.loop"
    assert "only the steps of tasks" in warning.sentence
    assert stage.count(Kind.STEP) > 0
    assert stage.count(Kind.SELECT) == 0


async def test_a_change_that_cannot_work_is_refused_and_the_run_goes_on(stage: Stage) -> None:
    before = await stage.start("load.users=2", "workload.seconds=0.01")
    with pytest.raises(OptionError, match="/nowhere/python") as refused:
        await stage.change("server.interpreter=/nowhere/python")
    assert refused.value.where == "server.interpreter"
    answered = stage.answered
    await stage.until(lambda: stage.answered >= answered + 20, what="answers of the same server")
    await stage.session.stop()

    assert stage.session.scenario == before
    assert len(stage.pids(Role.SERVER)) == 1
    assert [marker.kind for marker in stage.markers] == ["begin", "end"]
    assert stage.failures == {}


async def test_a_server_that_does_not_start_anew_ends_the_run_with_a_sentence(stage: Stage, tmp_path: Path) -> None:
    await stage.start("load.users=2", "workload.seconds=0.01")
    await stage.until(lambda: stage.answered >= 5, what="answers")
    await stage.change(f"server.interpreter={answers_but_does_not_work(tmp_path)}")

    (failed,) = stage.said(events.Failed)
    assert "exit status 3: no server today" in failed.sentence
    assert isinstance(stage.heard[-1], events.Failed | events.Stopped)
    await stage.until(lambda: stage.said(events.Stopped), what="the end")
    assert all(process.ended_ns for process in stage.children)


def answers_but_does_not_work(folder: Path) -> Path:
    """A Python that has all packages, but runs no module."""
    python = folder / "python"
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exec "{sys.executable}" "$@"\necho "no server today" >&2\nexit 3\n')
    python.chmod(0o755)
    return python


async def test_another_address_of_the_same_port_while_the_server_serves(stage: Stage) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    await stage.start(f"server.port={port}", "load.users=2", "workload.seconds=0.01")
    await stage.until(lambda: stage.answered >= 10, what="answers of the first server")
    await stage.change("server.host=0.0.0.0")
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 20, what="answers of the second server")
    await stage.session.stop()

    assert [event.url for event in stage.said(events.Serving)] == [f"http://127.0.0.1:{port}"] * 2
    assert [event.sentence for event in stage.said(events.Warned)] == [
        "The server can be reached from other machines: it listens at 0.0.0.0."
    ]


@pytest.mark.parametrize("load", [("load.users=4",), ("load.mode=rate", "load.rate=80")], ids=["users", "rate"])
@pytest.mark.long
async def test_a_load_that_must_speak_otherwise_waits_for_the_new_server(stage: Stage, load: tuple[str, ...]) -> None:
    turns = (
        ("workload.id=sleep", "workload.seconds=0.005"),
        ("workload.id=websocket", "workload.seconds=0.005"),
        ("workload.id=sse", "workload.events=3", "workload.interval=0.001", "workload.seconds=0.001"),
        ("workload.id=sleep", "workload.seconds=0.005"),
    )
    await stage.start("dispatch.id=coroutine", *load, *turns[0])
    for words in turns[1:]:
        before = stage.answered
        await stage.until(lambda before=before: stage.answered >= before + 30, what="answers")  # type: ignore[misc]  # the default makes it the present value
        # What the change before had held back is through: a server that stops may cut off what is under way.
        await stage.until(lambda: stage.log("load")[-1]["in_flight"] <= 10, what="few under way")
        await stage.change(*words)
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 30, what="answers of the last server")
    await stage.session.stop()

    assert stage.failures == {}
    names = {stage.names[name] for name in set(stage.spans(Kind.CLIENT_REQUEST)["name"].tolist())}
    assert names == {"GET /job", "WEBSOCKET /job"}
    answered = stage.spans(Kind.CLIENT_REQUEST)
    assert status(answered) - {0} == {200, 101}


async def test_a_host_is_looked_up_on_another_thread_than_the_loops(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up, asked = socket.getaddrinfo, []

    def watched(host: Any, *words: Any, **more: Any) -> Any:
        if host == "localhost":
            asked.append(threading.current_thread())
        return look_up("127.0.0.1" if host == "localhost" else host, *words, **more)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    await stage.start("server.host=localhost", "load.users=0")
    await stage.change("server.http=h11")
    await stage.session.stop()

    assert asked
    assert threading.main_thread() not in asked
