"""A run on the loop of a window: its freeze is seen while it lasts; closing the window ends the run in good order."""

import os
import signal
from pathlib import Path

import pytest

from explorer.option_error import OptionError
from explorer.records.clock import now_ns
from explorer.records.states import Kind, Role, State, TrackKind
from explorer.session import events
from tests.integration.session.stage import Stage
from tests.unit.supervise.fake_python import fake_python

WINDOW = "model.id=window_loop"
# As a person would with the mouse: the window gets a request to close.
CLOSES_WHEN_ASKED = """
import signal

def close(*_):
    from PySide6.QtWidgets import QApplication
    for widget in QApplication.topLevelWidgets():
        widget.close()

signal.signal(signal.SIGUSR1, close)
"""


async def test_the_hand_waits_on_the_lane_while_the_handler_blocks(stage: Stage) -> None:
    await stage.start(WINDOW, "load.users=0", "dispatch.id=blocking_coroutine", "workload.seconds=30")
    stage.session.send(1)
    await stage.until(lambda: stage.first_open(TrackKind.LOOP, "time.sleep"), what="the sleep on the loop's lane")
    await stage.until(lambda: stage.first_open(TrackKind.WINDOW, "waits for the loop"), what="the hand's wait")

    wait = stage.first_open(TrackKind.WINDOW, "waits for the loop")
    assert wait is not None
    assert (wait[0].kind, wait[0].state, wait[0].request) == (Kind.FRAME, State.QUEUED, 0)
    assert wait[0].start <= now_ns(), "not the wait that is only to come"
    (server,) = stage.pids(Role.SERVER)
    assert stage.tracks[wait[0].track].pid == server

    await stage.session.stop()
    assert not any(process.died for process in stage.children)
    assert stage.tally.read + stage.tally.lost == stage.tally.written


async def test_a_run_goes_over_to_the_window_and_back_without_a_failed_request(stage: Stage) -> None:
    await stage.start("load.users=4", "workload.seconds=0.01")
    url = stage.session.url
    await stage.until(lambda: stage.answered >= 20, what="answers of the first server")
    for place, model in enumerate((WINDOW, "model.id=event_loop"), 2):
        await stage.change(model)
        before = stage.answered
        await stage.until(lambda before=before: stage.answered >= before + 20, what=f"answers of {model}")  # type: ignore[misc]  # the default makes it the present value
        assert stage.session.epoch == place
    await stage.session.stop()

    assert stage.failures == {}
    assert [event.url for event in stage.said(events.Serving)] == [url] * 3
    assert {track.epoch for track in stage.tracks.values() if track.kind is TrackKind.WINDOW} == {2}
    assert stage.tally.lost == 0
    assert stage.tally.read == stage.tally.written


async def test_a_closed_window_ends_its_server_with_a_sentence(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(CLOSES_WHEN_ASKED)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    await stage.start(WINDOW, "load.users=2", "workload.seconds=0.01")
    await stage.until(lambda: stage.answered >= 10, what="answers")
    (server,) = stage.pids(Role.SERVER)

    os.kill(server, signal.SIGUSR1)

    await stage.until(lambda: stage.said(events.Died), what="the server's end")
    (died,) = stage.said(events.Died)
    assert died.sentence.startswith("The demonstration window was closed, and the server with it.")
    assert (died.role, died.pid, died.fatal) == ("server", server, True)
    await stage.session.stop()
    assert [(marker.kind, marker.text) for marker in stage.markers] == [
        ("begin", "Load begins"),
        ("change", "Server ends"),
        ("end", "Load ends"),
    ]
    assert not stage.processes[server].died


async def test_of_uvloop_the_session_says_that_it_has_no_effect(stage: Stage) -> None:
    await stage.start(WINDOW, "load.users=2", "workload.seconds=0.01", "server.loop=uvloop")
    await stage.until(lambda: stage.answered >= 10, what="answers")
    await stage.session.stop()

    (warning,) = stage.said(events.Warned)
    assert warning.where == "server.loop"
    assert warning.sentence == "Window loop serves on the loop of Qt, so that the choice of uvloop has no effect."
    assert stage.count(Kind.SELECT) > 0


async def test_an_interpreter_without_qt_is_refused_before_anything_starts(stage: Stage, tmp_path: Path) -> None:
    python = fake_python(tmp_path / "python", absent=["qasync"])

    with pytest.raises(OptionError, match="package qasync is missing; install with:") as refused:
        await stage.start(WINDOW, f"server.interpreter={python}")

    assert refused.value.where == "server.interpreter"
    assert stage.said(events.Serving) == []
