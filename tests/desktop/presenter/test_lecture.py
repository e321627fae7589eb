"""The wall and the speaker view with real runs: keys, covers, marks, one screen and two, and what goes wrong."""

import socket
from collections.abc import Sequence
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from explorer.desktop.app import Application
from explorer.desktop.gallery.cards import lesson_cards
from explorer.desktop.gallery.home import GALLERY
from explorer.desktop.presenter import engine
from explorer.desktop.presenter import lecture as lecture_file
from explorer.desktop.presenter.deck import Build
from explorer.desktop.presenter.entry import Presenter
from explorer.desktop.presenter.exhibit import Exhibit
from explorer.desktop.presenter.grid import placed
from explorer.desktop.presenter.lecture import Lecture
from explorer.desktop.presenter.marks import STAYS_S
from explorer.desktop.presenter.numbers import figure
from explorer.desktop.presenter.results import Result
from explorer.desktop.presenter.slide_view import Standing
from explorer.desktop.presenter.wall import Wall
from explorer.lessons.lesson import Lesson
from tests.desktop.presenter.short import lesson
from tests.desktop.window.conftest import Drive, drive, until

__all__ = ["drive"]

SCREEN = QRect(0, 0, 1280, 720)
OTHER = QRect(0, 0, 640, 360)


@pytest.fixture(autouse=True)
def short_lessons(monkeypatch: pytest.MonkeyPatch) -> list[Lesson]:
    """These are all the lessons there are."""
    lessons = [lesson(), lesson("other")]
    monkeypatch.setattr(engine, "readable", lambda library: list(lessons))
    return lessons


def present(
    application: Application, screens: Sequence[QRect] = (SCREEN,), wanted: Sequence[str] = ("short",)
) -> tuple[Presenter, Lecture, Wall]:
    presenter = application.window.presenter
    presenter.screens = lambda: (screens, 0)
    assert presenter.present(wanted)
    assert presenter.lecture is not None
    assert presenter.wall is not None
    return presenter, presenter.lecture, presenter.wall


def build(lecture: Lecture) -> Build:
    """How much of the slide is shown now."""
    return lecture.deck.build


def press(wall: Wall, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(wall, key)


def seen(wall: Wall) -> QImage:
    return wall.grab().toImage()


async def measured(lecture: Lecture) -> None:
    await until(lambda: lecture.view().standing is Standing.DONE, "the run of the slide")


def test_a_lecture_by_its_keys_with_real_runs(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        before = control.scenario
        presenter, lecture, wall = present(application)
        assert not window.isVisible()
        assert lecture.view().standing is Standing.ASKED
        assert control.state == "empty", "nothing runs before the room was asked"
        assert wall.windowTitle() == "Slide 1 / 3: Eight at once. Four tokens. Asked."
        press(wall, Qt.Key.Key_PageDown)
        await measured(lecture)
        picture = lecture.view().picture
        assert picture.rows == 8
        press(wall, Qt.Key.Key_N)
        view = lecture.view()
        took = control.statistics.figures(before.to_dict())["makespan_s"]
        assert took is not None
        assert view.number == figure(took)
        assert view.law is None
        press(wall, Qt.Key.Key_Down)
        assert lecture.view().law == ("⌈N / T⌉ · S", "0.20 s")
        press(wall, Qt.Key.Key_Right, Qt.Key.Key_Right)
        assert build(lecture) is Build.SHOW
        await measured(lecture)
        assert lecture.view().run == "Eight tokens"
        known = lecture.results.figures("short")
        ratio = known["main"]["makespan_s"] / known["more"]["makespan_s"]
        assert lecture.view().number == figure(ratio)
        press(wall, Qt.Key.Key_Right)
        assert lecture.deck.words == "3 / 3", "forward at the end stays there"
        press(wall, Qt.Key.Key_PageUp, Qt.Key.Key_Up)
        assert (lecture.deck.sheet.name, build(lecture)) == ("short:2", Build.LAW)
        assert lecture.view().picture is picture, "what was measured is shown again"
        press(wall, Qt.Key.Key_Escape)
        assert window.isVisible()
        assert not presenter.presenting
        await until(lambda: control.scenario == before, "the setup as it was")
        await until(window.isActiveWindow, "the window in front")
        QTest.keyClick(window, Qt.Key.Key_F5)
        assert presenter.wall is not None
        assert presenter.wall.windowTitle().startswith("Slide 2 / 3: Four at a time. Four tokens. ")
        assert build(lecture) is Build.LAW
        press(presenter.wall, Qt.Key.Key_F5)
        assert window.isVisible()

    drive(scene)


@pytest.mark.long
def test_run_again_makes_another_run_and_stops_the_one_that_goes_on(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        _, lecture, wall = present(application)
        press(wall, Qt.Key.Key_R)
        assert build(lecture) is Build.SHOW, "a run that was not made yet begins"
        await until(lambda: lecture.view().standing is Standing.LIVE, "the run")
        first = control.store
        press(wall, Qt.Key.Key_R)
        await until(lambda: control.store is not first, "another run")
        await measured(lecture)
        press(wall, Qt.Key.Key_Escape)
        await until(lambda: control.state == "stopped", "the end")

    drive(scene)


@pytest.mark.long
def test_another_slide_cuts_the_run_before_it(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        _, lecture, _ = present(application)
        lecture.forward()
        await until(lambda: lecture.view().standing is Standing.LIVE, "the run")
        assert lecture.go("short:3", 1)
        await measured(lecture)
        assert lecture.results.done(("short", "more"))
        assert lecture.results.done(("short", "main")), "its number compares with the main run, which was made as well"

    drive(scene)


def test_the_wall_is_covered_and_uncovered(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        presenter, lecture, wall = present(application)
        presenter.room = None  # nobody could be let in
        for key, color in ((Qt.Key.Key_B, "#000000"), (Qt.Key.Key_Period, "#000000"), (Qt.Key.Key_W, "#ffffff")):
            press(wall, key)
            image = seen(wall)
            assert {image.pixelColor(x, y).name() for x in range(0, 1280, 40) for y in range(0, 720, 40)} == {color}
            press(wall, key)
            assert lecture.cover == ""
        press(wall, Qt.Key.Key_B, Qt.Key.Key_PageDown)
        assert lecture.cover == ""
        assert build(lecture) is Build.ASK, "what is under a cover was not seen: forward only uncovers"
        press(wall, Qt.Key.Key_Q)
        assert wall.windowTitle() == "Audience."
        asked: list[float] = []
        application.window.presenter.places.paint_room = lambda painter, scale, page: asked.append(scale)
        seen(wall)
        assert asked, "the QR slide is painted by whoever has one"
        press(wall, Qt.Key.Key_Q)
        assert wall.windowTitle().startswith("Slide 1 / 3")

    drive(scene)


def test_light_slides_are_pure_white_and_all_is_scaled_as_a_whole(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        application.theme.use("light")
        _, _, wall = present(application)
        assert seen(wall).pixelColor(1270, 100) == QColor("white")
        small = seen(wall).scaled(320, 180, mode=Qt.TransformationMode.SmoothTransformation)
        wall.showNormal()
        wall.resize(1920, 1080)
        assert placed(wall.size()).scale == pytest.approx(1.5)
        large = seen(wall).scaled(320, 180, mode=Qt.TransformationMode.SmoothTransformation)
        apart = [
            abs(small.pixelColor(x, y).lightness() - large.pixelColor(x, y).lightness())
            for x in range(320)
            for y in range(180)
        ]
        assert sum(apart) / len(apart) < 2, "the same picture, one and a half times as large"
        wall.resize(1280, 1024)
        lies = placed(wall.size())
        assert (lies.scale, lies.left, lies.top) == (1.0, 0.0, 152.0)

    drive(scene)


@pytest.mark.long
def test_pen_and_pointer_leave_marks_that_fade(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    async def scene(application: Application) -> None:
        application.window.presenter._clock = lambda: now[0]
        _, lecture, wall = present(application)
        pen = application.theme.color("pen")
        press(wall, Qt.Key.Key_P)
        QTest.mousePress(wall, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
        lecture.marks.draw((400, 300))
        QTest.mouseRelease(wall, Qt.MouseButton.LeftButton, pos=QPoint(400, 300))
        assert build(lecture) is Build.ASK, "with the pen in hand a click does not go on"
        assert seen(wall).pixelColor(350, 300) == pen
        press(wall, Qt.Key.Key_L)
        shift = Qt.KeyboardModifier.ShiftModifier
        QTest.mouseClick(wall, Qt.MouseButton.LeftButton, shift, QPoint(600, 300))
        now[0] += STAYS_S + 1
        image = seen(wall)
        assert image.pixelColor(350, 300) != pen
        assert image.pixelColor(600, 300) == pen, "with Shift it stays"
        press(wall, Qt.Key.Key_E)
        assert not lecture.marks.all
        press(wall, Qt.Key.Key_L)
        QTest.mouseClick(wall, Qt.MouseButton.LeftButton, pos=QPoint(600, 300))
        assert build(lecture) is Build.SHOW, "with empty hands a click goes on"
        await measured(lecture)

    drive(scene)


def test_labels_grow_and_shrink(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        _, lecture, wall = present(application)
        sizes = [lecture.view().size]
        for key in (Qt.Key.Key_Plus,) * 3 + (Qt.Key.Key_Minus,) * 3:
            press(wall, key)
            sizes.append(lecture.view().size)
        assert sizes == [1.0, 1.15, 1.3, 1.3, 1.15, 1.0, 1.0]

    drive(scene)


@pytest.mark.long
def test_with_two_screens_the_speaker_has_one(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        presenter, lecture, wall = present(application, (SCREEN, OTHER))
        speaker = presenter.speaker
        assert speaker is not None
        assert wall.geometry().size() == OTHER.size()
        assert wall.told
        assert "Ask the room." in speaker.notes.text()
        assert "When is the **last** answer back?" in speaker.notes.text()
        QTest.keyClick(speaker, Qt.Key.Key_PageDown)
        await measured(lecture)
        assert "When is" not in speaker.notes.text()
        QTest.keyClick(speaker, Qt.Key.Key_PageDown)
        QTest.keyClick(speaker, Qt.Key.Key_S)
        assert presenter.speaker is speaker
        assert speaker.figures.rows[0][0] == "on the wall"
        assert speaker.figures.rows[0][2] == "law 0.20"
        assert speaker.different.text() == "It may lean."
        assert speaker.font().pixelSize() < speaker.notes.font().pixelSize() >= 20
        presenter.act("leave")
        assert not speaker.isVisible()

    drive(scene)


def test_with_one_screen_the_speaker_view_is_a_window_that_comes_and_goes(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        presenter, _, wall = present(application)
        assert presenter.speaker is None
        press(wall, Qt.Key.Key_S)
        assert presenter.speaker is not None
        assert presenter.speaker.isVisible()
        QTest.keyClick(presenter.speaker, Qt.Key.Key_S)
        assert presenter.speaker is None
        assert wall.isVisible()

    drive(scene)


@pytest.mark.long
def test_a_taken_port_is_told_to_the_speaker_only(drive: Drive, short_lessons: list[Lesson]) -> None:
    async def scene(application: Application) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            short_lessons[0] = lesson(port=taken.getsockname()[1])
            _, lecture, wall = present(application)
            warn = application.theme.color("warn")
            press(wall, Qt.Key.Key_PageDown)
            await until(lambda: lecture.notices.all, "the message")
            assert lecture.view().standing is Standing.KEPT
            assert "in use" in lecture.notices.all[0].sentence
            assert lecture.notices.offer == lecture_file.FREE_PORT
            assert QApplication.activeModalWidget() is None
            dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
            assert not dialogs
            image = seen(wall)
            assert image.pixelColor(2, 300) == warn, "with one screen an edge says that there is a message"
            assert image.pixelColor(6, 300) != warn
            QTest.keyClick(wall, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
            assert wall.reading
            press(wall, Qt.Key.Key_Return)
            await measured(lecture)
            assert not lecture.notices.all
            assert seen(wall).pixelColor(2, 300) != warn

    drive(scene)


@pytest.mark.long
def test_when_the_server_dies_the_wall_keeps_its_figures_and_is_live_no_more(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        _, lecture, wall = present(application)
        lecture.forward()
        await measured(lecture)
        lecture.forward()
        number, picture = lecture.view().number, lecture.view().picture
        lecture.again()
        await until(lambda: lecture.view().standing is Standing.LIVE, "another run")
        control.bridge.died.emit("server", 1, "The server died.", True)
        await until(lambda: lecture.view().standing is Standing.KEPT, "its end")
        assert "live" not in wall.windowTitle()
        assert lecture.notices.all[0].sentence == "The server died."
        assert number
        assert picture.rows

    drive(scene)


@pytest.mark.long
def test_an_exhibit_goes_round_by_itself(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control = application.control
        lecture = Lecture(control, [lesson()])
        lecture.enter()
        exhibit = Exhibit(lecture, asks_ms=1, shows_ms=1)
        await until(lambda: exhibit.rounds == 1, "a round")
        await until(lambda: lecture.deck.sheet.name == "short:2", "the next round")
        exhibit.close()
        lecture.stop()
        await until(lambda: control.state in ("stopped", "empty"), "the end")

    drive(scene)


def test_lessons_are_chosen_and_ordered_by_keyboard(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        presenter = window.presenter
        presenter.screens = lambda: ((SCREEN,), 0)
        QTest.keyClick(window, Qt.Key.Key_F5)
        dialog = presenter.dialog
        assert dialog is not None, "nothing was presented before: it asks"
        rows = dialog.list
        QTest.keyClick(rows, Qt.Key.Key_Return)
        assert not presenter.presenting, "nothing is chosen yet"
        QTest.keyClick(rows, Qt.Key.Key_Down)
        QTest.keyClick(rows, Qt.Key.Key_Space)
        QTest.keyClick(rows, Qt.Key.Key_Down)
        QTest.keyClick(rows, Qt.Key.Key_Space)
        assert dialog.chosen == ["other", "short"]
        QTest.keyClick(rows, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        assert dialog.chosen == ["short", "other"]
        QTest.keyClick(rows, Qt.Key.Key_Return)
        assert presenter.presenting
        assert presenter.lecture is not None
        assert presenter.lecture.deck.words == "1 / 6"
        assert presenter.kept.lessons == ["short", "other"]

    drive(scene)


def test_the_open_lesson_is_presented_before_the_last_lecture(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        presenter = window.presenter
        presenter.screens = lambda: ((SCREEN,), 0)
        presenter.kept.lessons = ["short"]
        presenter.open_lessons = lambda: ["other"]
        QTest.keyClick(window, Qt.Key.Key_F5)
        assert presenter.lecture is not None
        assert [one.id for one in presenter.lecture.lessons] == ["other"]

    drive(scene)


def test_a_card_that_somebody_went_to_is_presented_before_the_last_lecture(
    drive: Drive, short_lessons: list[Lesson], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        presenter, home = window.presenter, window.home
        presenter.screens = lambda: ((SCREEN,), 0)
        monkeypatch.setattr(home, "cards", lambda: lesson_cards(short_lessons, lambda lesson: None, []))
        presenter.kept.lessons = ["short"]
        home.show()
        page = window.labs.made[GALLERY]
        board = page.board  # type: ignore[attr-defined]
        await until(page.isVisible, "the start page")
        assert board.current.card.key == "short"
        assert home.open_lessons() == [], "it is only the first: nobody went to it"
        board.set_current(board.buttons[0], focus=True)
        QTest.keyClick(board.buttons[0], Qt.Key.Key_Right)
        assert home.open_lessons() == ["other"]
        QTest.keyClick(window, Qt.Key.Key_F5)
        assert presenter.lecture is not None
        assert [one.id for one in presenter.lecture.lessons] == ["other"]
        assert presenter.wall is not None
        presenter.lecture.forward()
        await measured(presenter.lecture)
        press(presenter.wall, Qt.Key.Key_Escape)
        await until(lambda: not home.resting, "the setup as it was")
        assert page.isVisible(), "the runs of a lecture do not lead away from the start page"
        presenter.kept.lessons = ["short", "other"]
        await until(window.isActiveWindow, "the window in front")
        QTest.keyClick(window, Qt.Key.Key_F5)
        assert [one.id for one in presenter.lecture.lessons] == ["short", "other"], "back to the lecture that was left"

    drive(scene)


def test_without_a_lecture_the_selected_card_is_presented(
    drive: Drive, short_lessons: list[Lesson], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        window.presenter.screens = lambda: ((SCREEN,), 0)
        monkeypatch.setattr(window.home, "cards", lambda: lesson_cards(short_lessons, lambda lesson: None, []))
        window.home.show()
        QTest.keyClick(window, Qt.Key.Key_F5)
        assert window.presenter.lecture is not None
        assert [one.id for one in window.presenter.lecture.lessons] == ["short"]

    drive(scene)


def test_figures_that_are_not_valid_are_told_to_the_speaker_and_not_shown_as_measured(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        _, lecture, wall = present(application)
        lecture.deck.go("short:2")
        key, reason = ("short", "main"), "Answers are missing."
        figures = {"valid": False, "invalid_reason": reason, "makespan_s": 0.2}
        lecture.runner.ended.emit(key, Result(figures, standing=Standing.DONE))
        view = lecture.view()
        assert view.standing is Standing.KEPT
        assert view.number == ""
        assert not lecture.results.done(key), "it is run again where it is needed"
        assert [(one.title, one.sentence) for one in lecture.notices.all] == [(lecture_file.NOT_VALID, reason)]
        assert lecture.notices.offer == lecture_file.AGAIN
        assert "measured" not in wall.windowTitle()

    drive(scene)


def test_a_run_that_never_settles_has_its_number_all_the_same(drive: Drive, short_lessons: list[Lesson]) -> None:
    async def scene(application: Application) -> None:
        made = short_lessons[0]
        short_lessons[0] = replace(made, runs=(replace(made.runs[0], settles=False), *made.runs[1:]))
        _, lecture, wall = present(application)
        lecture.deck.go("short:2")
        reason = "The run was too short: warm-up and five responses take 19.1 s, it lasted 5.0 s."
        figures = {"valid": False, "invalid_reason": reason, "makespan_s": 0.2}
        lecture.runner.ended.emit(("short", "main"), Result(figures, standing=Standing.DONE))
        view = lecture.view()
        assert (view.standing, view.number) == (Standing.DONE, "0.20")
        assert not lecture.notices.all
        assert "measured" in wall.windowTitle()

    drive(scene)
