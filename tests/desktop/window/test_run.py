"""A run through the window: start, live change, restart, stop, save, open; and what goes wrong."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from explorer.collect.source import Batch, Marker
from explorer.desktop.app import Application
from explorer.desktop.widgets.banner import Banner
from explorer.desktop.widgets.knob import KnobField
from explorer.recording import owner
from explorer.records.states import Kind, Role, State
from explorer.scenario import Scenario
from explorer.session import events
from tests.desktop.window.conftest import Drive, until


def markers(application: Application, kind: str) -> list[Marker]:
    return [marker for marker in application.control.store.markers if marker.kind == kind]


async def running(application: Application) -> None:
    control = application.control
    await until(lambda: control.state == "running", "a run")
    await until(lambda: control.store.count > 50, "spans")


def test_space_runs_and_stops_and_the_run_can_be_saved_and_opened(drive: Drive, tmp_path: Path) -> None:
    file = tmp_path / "run.cxrec"

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        QTest.keyClick(window, Qt.Key.Key_Space)
        await running(application)
        assert window.timeline.isVisible()
        assert control.session is not None
        assert control.session.url.startswith("http://127.0.0.1:")
        QTest.keyClick(window, Qt.Key.Key_Space)
        await until(lambda: control.state == "stopped", "the end of the run")
        count, tally = control.store.count, control.store.tally
        assert tally.read + tally.lost == tally.written
        assert tally.lost == 0
        assert {process.role for process in control.store.processes.values()} >= {Role.SERVER, Role.LOAD, Role.SAMPLER}
        control.save(file)
        await until(file.exists, "the saved file")
        run = control.session.run
        assert owner.held(run)
        control.open(file)
        assert not owner.held(run)
        await until(lambda: control.state == "viewing" and control.ended_ns, "the recording")
        assert control.store.count == count
        assert window.top._name.text() == "run.cxrec"

    drive(scene)


def test_a_live_knob_reaches_the_server_and_stands_on_the_timeline(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        applied: list[str] = []
        control.bridge.applied.connect(lambda knob, pids: applied.append(knob))
        control.run()
        await running(application)
        assert control.change("dispatch", "tokens", 3)
        await until(lambda: "dispatch.tokens" in applied, "the tokens to be applied")
        await until(lambda: markers(application, "change"), "the marker")
        assert markers(application, "change")[0].text == "Tokens 40 → 3"
        assert control.session is not None
        assert control.session.epoch == 1

    drive(scene)


@pytest.mark.long
def test_a_knob_that_needs_a_restart_keeps_the_address_and_fails_no_request(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        control.run()
        await running(application)
        assert control.session is not None
        url = control.session.url
        failed: list[int] = []
        feed = control.statistics.feed

        def watch(batch: Batch) -> None:
            failed.extend(int(one["failed"]) for one in batch.events if one.get("failed"))
            feed(batch)

        control.statistics.feed = watch  # type: ignore[method-assign]  # a look at what passes by
        assert control.change("server", "http", "h11")
        await until(lambda: control.session is not None and control.session.epoch == 2, "the second epoch")
        before = control.store.count
        await until(lambda: control.store.count > before + 50, "spans of the second epoch")
        assert control.session.url == url
        assert markers(application, "restart")
        assert not failed

    drive(scene)


def test_send_one_starts_the_server_alone_and_one_request_is_seen(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        QTest.keyClick(window, Qt.Key.Key_N)
        await until(lambda: control.state == "running", "the server alone")
        assert control.scenario.load.users == 0

        def requests() -> int:
            store = control.store
            return sum(
                int((one.kind == Kind.REQUEST).sum())
                for number in store.tracks
                for one in store.slices(number, 0, 0, 1 << 62)
            )

        await until(lambda: requests() == 1, "one request")
        QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
        await until(lambda: requests() == 11, "ten more")

    drive(scene)


def test_a_request_is_seen_growing_while_its_handler_blocks_the_loop(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        control.change("dispatch", "id", "blocking_coroutine")
        control.change("workload", "seconds", 5.0)
        control.change("load", "users", 1)
        control.run()
        await until(lambda: control.state == "running", "a run")

        def blocked() -> list[int]:
            store = control.store
            tracks = store.tracks
            return [
                store.now - span.start
                for span in store.open_spans
                if span.track in tracks and span.state is State.BLOCKED and span.kind is Kind.CALL
            ]

        await until(blocked, "the open call")
        first = max(blocked())
        await until(lambda: blocked() and max(blocked()) > first + 200_000_000, "it to grow")
        control.stop()
        await until(lambda: control.state == "stopped", "the stop behind a blocked loop", 3.0)

    drive(scene)


def test_a_port_in_use_is_a_sentence_and_nothing_is_left_running(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            control.change("server", "port", port)
            control.run()
            await until(lambda: window.messages.sentences, "the message")
            assert str(port) in window.messages.sentences[0]
            assert control.state == "empty"
        control.change("server", "port", 0)
        control.run()
        await running(application)

    drive(scene)


def test_what_may_not_be_looked_at_is_said_with_the_command_that_allows_it(drive: Drive) -> None:
    sentence = "Not seen: thread states; CPU times stand in for them. Allow it with: sudo allow"

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.bridge.hear(events.Warned(sentence, "server.sampling", "sudo allow"))
        assert window.messages.sentences == [sentence]
        (banner,) = window.messages.findChildren(Banner)
        assert [button.text() for button in banner.buttons] == ["Copy command", "Dismiss"]
        banner.buttons[0].click()
        assert QGuiApplication.clipboard().text() == "sudo allow"
        banner.buttons[1].click()
        assert window.messages.sentences == []

    drive(scene)


@pytest.mark.long
def test_after_a_refused_start_the_frames_end_and_a_server_stands_by(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        with socket.create_server(("127.0.0.1", 0)) as taken:
            control.change("server", "port", taken.getsockname()[1])
            control.run()
            await until(lambda: application.window.messages.sentences, "the message")
        await until(lambda: control.standing_by, "a server that stands by")
        assert control.state == "empty"
        assert not application.bridge._timer.isActive()

    drive(scene)


@pytest.mark.long
def test_a_refused_change_is_marked_and_later_ones_take_effect(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        applied: list[str] = []
        control.bridge.applied.connect(lambda knob, pids: applied.append(knob))
        control.run()
        await running(application)
        before = control.scenario
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            control.change("server", "port", port)
            await until(lambda: window.messages.sentences, "the refusal")
            assert control.scenario == before
            blamed = [one for one in window.setup.findChildren(KnobField) if one.error()]
            assert [(one.value(), f"Port {port} is in use" in one.error()) for one in blamed] == [(0, True)]
            control.undo()
            assert control.scenario == before, "the refused change is nothing to take back"
            assert control.change("dispatch", "tokens", 3)
            await until(lambda: "dispatch.tokens" in applied, "the tokens to be applied")
        assert control.session is not None
        assert control.session.scenario == control.scenario

    drive(scene)


@pytest.mark.long
def test_what_is_changed_while_a_refusal_is_on_its_way_is_kept(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.run()
        await running(application)
        session = control.session
        assert session is not None
        change = session.change

        async def change_later(scenario: Scenario) -> object:
            monkeypatch.undo()
            control.change("server", "port", 0)
            control.change("load", "users", 3)
            return await change(scenario)

        with socket.create_server(("127.0.0.1", 0)) as taken:
            monkeypatch.setattr(session, "change", change_later)
            control.change("server", "port", taken.getsockname()[1])
            await until(lambda: window.messages.sentences, "the refusal")
        await until(lambda: session.scenario is not None and session.scenario.load.users == 3, "the later change")
        assert control.scenario == session.scenario

    drive(scene)


@pytest.mark.expects_log("A step of the window failed")
@pytest.mark.parametrize("step", ["start", "change", "stop"])
@pytest.mark.long
def test_what_nobody_foresaw_is_a_message(drive: Drive, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.prepare()
        assert control._spare is not None
        stop = control._spare.stop

        async def fail(*scenario: Scenario) -> None:
            monkeypatch.undo()
            if step != "change":  # as a session ends itself where it fails to start
                await stop()
            raise ZeroDivisionError("seven")

        monkeypatch.setattr(control._spare, step, fail)
        control.run()
        if step != "start":
            await running(application)
        if step == "change":
            control.change("dispatch", "tokens", 3)
        elif step == "stop":
            control.stop()
        await until(lambda: window.messages.sentences, "the message")
        assert "ZeroDivisionError: seven" in window.messages.sentences[0]
        await until(
            lambda: control.state == {"start": "empty", "change": "running", "stop": "stopped"}[step], "the state"
        )
        if step == "start":
            control.run()
            await running(application)

    drive(scene)


@pytest.mark.long
def test_without_a_place_for_runs_the_window_says_so(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        with monkeypatch.context() as patch:
            for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
                patch.setenv(name, str(tmp_path / "file" / "data"))
            control.prepare()
            control.run()
            await until(lambda: window.messages.sentences, "the message")
            assert "No folder for the run can be made" in window.messages.sentences[0]
            assert control.state == "empty"
        control.run()
        await running(application)

    drive(scene)


def test_a_window_that_is_closed_while_it_stops_leaves_nothing(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        application.control.run()
        await running(application)
        application.control.stop()
        await until(lambda: application.control.state == "stopping", "the stop to begin")

    drive(scene)


@pytest.mark.long
def test_an_address_that_others_can_reach_is_said_while_it_is_so(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        sentence = "The server can be reached from other machines: it listens at 0.0.0.0."
        control.change("server", "host", "0.0.0.0")
        control.run()
        await running(application)
        assert ("Open to other machines", sentence) in [shown[:2] for shown in window.messages._shown]
        control.change("server", "host", "127.0.0.1")
        await until(lambda: control.session is not None and control.session.epoch == 2, "the second epoch")
        await until(lambda: sentence not in window.messages.sentences, "the sentence to go")

    drive(scene)


def test_the_death_of_the_server_is_said_and_what_was_recorded_stays(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.run()
        await running(application)
        [pid] = [one.pid for one in control.store.processes.values() if one.role is Role.SERVER]
        os.kill(pid, signal.SIGKILL)
        await until(lambda: control.state == "stopped", "the end")
        assert any("signal 9" in sentence for sentence in window.messages.sentences)
        assert markers(application, "death")
        assert control.store.count > 50

    drive(scene)


@pytest.mark.parametrize("size", [(1024, 640), (1280, 720), (1920, 1080)])
@pytest.mark.long
def test_every_size_class_shows_its_parts(drive: Drive, size: tuple[int, int]) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        window.resize(*size)
        await asyncio.sleep(0)
        assert window.size().toTuple() == size
        assert window.top.isVisible()
        assert window.setup.isVisible() == (size[0] >= 1100)
        if window.setup.isVisible():
            assert window.setup.mapTo(window, window.setup.rect().topLeft()).x() == 0
        application.theme.toggle()
        await asyncio.sleep(0)
        assert not window.grab().isNull()

    drive(scene)
