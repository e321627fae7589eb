"""A lesson from its first step to its last, with a real run; its keys, a taken port, a folder that is changed."""

import socket
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from explorer.desktop.app import Application
from explorer.desktop.lessons.lesson_view import LessonView
from explorer.desktop.lessons.page import LessonPage
from explorer.desktop.lessons.stages.server import ServerStage
from explorer.desktop.lessons.state import LOOK, PREDICT, PREDICT_FIRST, REVEAL, RUN, RUN_NOW, TRY
from explorer.desktop.lessons.words import number, told
from explorer.desktop.timeline.rows import RowKind
from tests.desktop.lessons import short
from tests.desktop.lessons.short import opened, press
from tests.desktop.window.conftest import Drive, until
from tests.desktop.window.conftest import drive as drive

DOWN, UP, SPACE, ESC = Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Space, Qt.Key.Key_Escape


def stage_of(view: LessonView) -> ServerStage:
    """The stage of a lesson about a server."""
    stage = view.stage
    assert isinstance(stage, ServerStage)
    return stage


def said(view: LessonView) -> float | None:
    """The number that was predicted; None also where nobody knows."""
    return view.state.prediction.value if view.state.prediction is not None else None


def test_five_steps_by_keys_reveal_what_a_real_run_measured(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page, view = await opened(application)
        state = view.state
        assert state.step == LOOK
        assert page.text.text.markdown == "Four **tokens**."
        assert [box.marked for box in page.code.boxes] == [0, 14]
        press(application, DOWN)
        assert state.step == PREDICT
        nothing_runs_without_a_prediction(application, view)
        press(application, Qt.Key.Key_1)
        assert state.prediction is not None
        assert state.prediction.value == pytest.approx(0.1)
        assert page.text.answers.buttons[0].isChecked()
        assert page.bar.forward.isEnabled()
        assert [mark.words for mark in stage_of(view).marks.marks] == ["you 0.10 s"]
        press(application, SPACE)
        assert state.step == RUN
        await until(lambda: application.control.state == "running", "the run")
        await until(lambda: state.step == REVEAL, "the end of the run")
        what_is_shown_is_what_was_measured(application, view)
        the_lanes_show_what_is_watched(view)
        press(application, DOWN)
        assert state.step == TRY
        await a_further_run_stands_beside_the_first(application, view)
        assert short.ID in application.state.lessons
        press(application, ESC)
        assert application.window.labs.shown == "lessons"

    with short.lesson():
        drive(scene)


def nothing_runs_without_a_prediction(application: Application, view: LessonView) -> None:
    assert not view.page.bar.forward.isEnabled()
    press(application, SPACE)
    assert view.state.step == PREDICT
    assert not view.state.going
    assert application.control.state == "empty"


def what_is_shown_is_what_was_measured(application: Application, view: LessonView) -> None:
    page, figures = view.page, view.state.figures["main"]
    measured = figures["makespan_s"]
    assert figures["requests_total"]["ok"] == 8
    assert page.text.number.words == f"{number(measured)} s"
    rows = page.text.bars.rows
    assert [row.name for row in rows] == ["you", "law", "measured"]
    assert [row.value for row in rows] == [pytest.approx(0.1), pytest.approx(0.2), pytest.approx(measured)]
    assert page.text.formula.lines == ("⌈N / T⌉ · S", "⌈8 / 4⌉ · 0.10", "= 0.20 s")
    assert [(text, holds) for text, holds, _ in page.text.claims.shown] == [
        ("All eight were answered.", True),
        ("All eight again.", None),
    ]
    marks = stage_of(view).marks.marks
    assert [mark.words for mark in marks] == ["you 0.10 s", "law 0.20 s", told(measured, "s")]
    assert (page.resource.total, page.resource.used) == (4, figures["thread_pool"]["peak"])
    assert page.code.spot is not None
    assert stage_of(view).standing[1] <= 4
    assert application.control.state == "stopped"


def the_lanes_show_what_is_watched(view: LessonView) -> None:
    lanes = stage_of(view).lanes
    scene = lanes.view.scene
    first = view._control.statistics.load.first_send
    assert scene.view.begin <= first
    assert scene.view.length == pytest.approx(0.4e9, rel=0.1)
    assert scene.zero == first
    faded = set(lanes.faded)  # type: ignore[union-attr]  # a lesson's own lanes
    requests = [row for row in scene.rows if row.kind is RowKind.REQUEST]
    assert requests
    assert not faded & {row.key for row in requests}
    assert faded


async def a_further_run_stands_beside_the_first(application: Application, view: LessonView) -> None:
    tries = view.page.text.tries
    assert [row.run for row in tries.rows] == ["main", "more"]
    assert list(tries.buttons) == ["more"]
    assert view.page.resource.isVisible()
    QTest.mouseClick(tries.buttons["more"], Qt.MouseButton.LeftButton)
    await until(lambda: "more" in view.state.figures, "the further run")
    results = [row.result for row in tries.rows]
    wanted = [view.state.figures[run]["makespan_s"] for run in ("main", "more")]
    assert results == [told(value, "s") for value in wanted]
    assert all(holds for _, holds, _ in view.page.text.claims.shown)
    assert not view.page.resource.isVisible(), "its four tokens are not those of this run"
    assert [mark.words for mark in stage_of(view).marks.marks][1:] == [f"first {results[0]}", results[1]]


def test_a_prediction_is_typed_dragged_moved_by_arrows_or_not_known(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page, view = await opened(application)
        state = view.state
        press(application, DOWN)
        press(application, Qt.Key.Key_0)
        assert state.prediction is not None
        assert said(view) is None
        assert page.text.answers.unknown.isChecked()
        assert page.bar.forward.isEnabled()
        assert not stage_of(view).marks.marks
        press(application, Qt.Key.Key_7)  # no answer has this digit: a number is being typed
        assert page.text.answers.field.line.hasFocus()
        QTest.keyClicks(page.text.answers.field.line, ".5")
        assert said(view) == pytest.approx(7.5)
        QTest.keyClick(page.text.answers.field.line, Qt.Key.Key_Return)
        assert not page.text.answers.field.line.hasFocus()
        ghost = stage_of(view).ghost
        place = QPoint(round(ghost.x_of(0.2)), ghost.height() // 2)
        QTest.mouseClick(ghost, Qt.MouseButton.LeftButton, pos=place)
        assert said(view) == pytest.approx(0.2, abs=0.01)
        assert not any(button.isChecked() for button in page.text.answers.buttons)
        before = said(view) or 0.0
        press(application, Qt.Key.Key_Right)
        assert said(view) == pytest.approx(before + 0.02)
        press(application, UP)
        assert state.step == LOOK
        assert state.prediction is not None

    with short.lesson():
        drive(scene)


@pytest.mark.long
def test_a_port_that_is_taken_is_said_in_the_timelines_place_and_the_prediction_is_kept(drive: Drive) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        async def scene(application: Application) -> None:
            page, view = await opened(application)
            state = view.state
            press(application, DOWN, Qt.Key.Key_2, SPACE)
            await until(lambda: state.trouble is not None, "what is the matter")
            assert state.trouble is not None
            assert state.trouble.port == port
            assert page.card.isVisible()
            assert page.card.title.text() == f"Port {port} is taken"
            assert state.step == PREDICT
            assert state.prediction is not None
            assert state.prediction.value == pytest.approx(0.2)
            assert page._middle.geometry().translated(page._body.pos()).contains(page.card.geometry())
            press(application, Qt.Key.Key_Return)
            await until(lambda: state.step == REVEAL, "a run at a free port")
            assert page.card.isHidden()
            assert state.prediction.value == pytest.approx(0.2)

        with short.lesson(port):
            drive(scene)


@pytest.mark.long
def test_a_run_that_is_stopped_goes_back_to_the_question(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        _, view = await opened(application)
        state = view.state
        press(application, DOWN, Qt.Key.Key_1, SPACE)
        assert state.step == RUN
        press(application, UP)
        assert state.step == RUN  # out of a run nobody goes but by stopping it
        stage_of(view).stop()
        await until(lambda: not state.going, "the end")
        if state.step == PREDICT:  # it may have been over already
            assert state.prediction is not None
            assert not state.figures

    with short.lesson():
        drive(scene)


def test_what_is_changed_in_the_folder_is_shown_without_a_restart(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page, view = await opened(application)
        short.write(title="Another wall", text=short.TEXT.replace("Four **tokens**.", "Four *hooks*."))
        await until(lambda: page.text.text.markdown == "Four *hooks*.", "the changed text")
        assert view.state.lesson is not None
        assert view.state.lesson.title == "Another wall"
        assert page._title.text() == "Another wall"

    with short.lesson():
        drive(scene)


@pytest.mark.long
def test_a_lesson_that_cannot_run_here_says_why_and_does_not_run(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    reason = "It needs a free-threaded Python, and none was found. Install one."

    async def scene(application: Application) -> None:
        monkeypatch.setattr(application.window.home, "lacking", lambda lesson: reason)
        page, view = await opened(application)
        it_says_why_and_asks_for_no_key(page, view, reason)
        press(application, DOWN, Qt.Key.Key_1, SPACE)
        assert view.state.step == PREDICT
        assert not page.bar.forward.isEnabled()
        assert page.bar.forward.text() == "Cannot run here"
        assert page.bar.forward.isVisible()
        it_says_why_and_asks_for_no_key(page, view, reason)
        press(application, Qt.Key.Key_Return)
        assert application.control.state == "empty"
        assert page.card.isVisible()

    with short.lesson():
        drive(scene)


def it_says_why_and_asks_for_no_key(page: LessonPage, view: LessonView, reason: str) -> None:
    assert page.card.isVisible()
    assert (page.card.title.text(), page.card.sentence.text()) == ("This lesson cannot run here", reason)
    assert not page.card.again.isVisible()
    assert not page.card.free.isVisible()
    assert view.state.hint == ""
    assert not stage_of(view).ghost.card_shown
    assert "Space" not in stage_of(view).ghost.accessibleName()


def test_what_there_is_to_do_is_said_until_it_is_done(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        _, view = await opened(application)
        ghost = stage_of(view).ghost
        assert ghost.accessibleName() == f"8 requests are ready. {PREDICT_FIRST}"
        press(application, DOWN, Qt.Key.Key_0)
        assert ghost.accessibleName() == f"8 requests are ready. {RUN_NOW}"
        view.state.lacking = "No Python was found."
        view._show_step()
        assert not ghost.card_shown

    with short.lesson():
        drive(scene)


@pytest.mark.long
def test_below_1100_pixels_the_code_stands_under_the_text(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page, _ = await opened(application)
        assert page.side.isAncestorOf(page.code)
        application.window.resize(1040, 700)
        await until(lambda: page.text.isAncestorOf(page.code), "the code to move")
        assert page.beside.isHidden()
        assert page.code.isVisible()
        application.window.resize(1280, 720)
        await until(lambda: page.side.isAncestorOf(page.code), "the code to move back")

    with short.lesson():
        drive(scene)


def test_another_lesson_ends_the_run_of_the_one_before_and_makes_its_own(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        _, view = await opened(application)
        state, first = view.state, view.state.lesson
        assert first is not None
        other = replace(first, id="other", title="Another", values={**first.values, "N": 8})
        press(application, DOWN, Qt.Key.Key_1, SPACE)
        await until(lambda: control.state == "running", "the run")
        store = control.store
        state.open(other)
        assert not state.going
        state.go(PREDICT)
        state.choose(1)
        state.run()
        assert state.running == "main"
        await until(lambda: state.step == REVEAL, "the end of the run")
        assert control.store is not store, "what is shown was measured for this lesson"
        assert state.lesson is other
        assert state.figures["main"]["requests_total"]["ok"] == 8
        assert state.trouble is None

    with short.lesson():
        drive(scene)


def test_a_run_that_has_not_begun_yet_does_not_either(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        _, view = await opened(application)
        state = view.state
        assert state.lesson is not None
        press(application, DOWN, Qt.Key.Key_1, SPACE)
        state.open(replace(state.lesson, id="other"))
        assert not state.going
        await until(lambda: control.state in ("stopped", "empty") and control.session is not None, "its end")
        assert not control.statistics.load.first_send, "nothing was sent"
        assert state.step == LOOK
        assert not state.figures

    with short.lesson():
        drive(scene)
