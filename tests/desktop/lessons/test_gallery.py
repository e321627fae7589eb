"""The start page: its cards, keyboard and search, one click to a running timeline, and folders that change or break."""

import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from explorer.desktop.app import Application
from explorer.desktop.gallery import card_button
from explorer.desktop.gallery.card_button import CardButton
from explorer.desktop.gallery.cards import LABS, LESSONS, RECENT, SCENARIOS
from explorer.desktop.gallery.page import GalleryPage
from explorer.desktop.labs.locks.page import LocksPage
from explorer.desktop.view_settings import SCALES
from explorer.paths import resources
from tests.desktop.lessons import short
from tests.desktop.window.conftest import Drive, until
from tests.desktop.window.conftest import drive as drive


async def shown(application: Application) -> GalleryPage:
    """The start page, as the program opens with it."""
    application.window.home.show()
    page = application.window.labs.made["lessons"]
    assert isinstance(page, GalleryPage)
    await until(page.isVisible, "the start page")
    return page


def card(page: GalleryPage, section: str, key: str = "") -> CardButton:
    """A card of a section: the one with this key, else the first."""
    return next(one for one in page.board.buttons if one.card.section == section and key in ("", one.card.key))


def test_one_click_on_a_scenario_leads_to_its_running_timeline(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        page = await shown(application)
        one = card(page, SCENARIOS, "waiting-is-cheap")
        assert one.card.bars
        page.area.ensureWidgetVisible(one)
        one.setFocus(Qt.FocusReason.MouseFocusReason)
        QTest.mouseClick(one, Qt.MouseButton.LeftButton)
        assert window.labs.shown != "lessons"
        await until(lambda: control.state == "running", "the run")
        await until(window.timeline.isVisible, "the timeline")
        assert control.scenario.name == one.card.title
        assert not isinstance(window.focusWidget(), QAbstractButton)  # Space stops, and presses nothing else
        QTest.keyClick(window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
        assert window.labs.shown == "lessons"  # and the way back, while it goes on
        assert control.state == "running"

    drive(scene)


def test_arrows_enter_and_search_do_without_a_mouse(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        page = await shown(application)
        board = page.board
        assert board.current is board.buttons[0]
        assert board.buttons[0].hasFocus()
        QTest.keyClick(board.buttons[0], Qt.Key.Key_Right)
        assert board.buttons[1].hasFocus()
        here = board.buttons[1]
        QTest.keyClick(here, Qt.Key.Key_Down)
        below = board.current
        assert below is not None
        assert below.y() > here.y()
        QTest.keyClick(below, Qt.Key.Key_Up)
        assert board.current is here
        QTest.keyClick(window, Qt.Key.Key_Slash)
        assert page.search.line.hasFocus()
        QTest.keyClicks(page.search.line, "short wall")
        assert [one.card.key for one in board.buttons] == [short.ID]
        QTest.keyClick(page.search.line, Qt.Key.Key_Return)
        assert window.labs.shown == "lesson"
        QTest.keyClick(window, Qt.Key.Key_Escape)
        assert window.labs.shown == "lessons"
        assert page.search.text() == "short wall"
        page.search.line.setFocus()
        QTest.keyClick(page.search.line, Qt.Key.Key_Escape)
        assert not page.search.text()
        assert len(board.buttons) > 1
        QTest.keyClick(window, Qt.Key.Key_Escape)
        assert not window.labs.shown  # free exploration
        assert window._empty.isVisible()

    with short.lesson():
        drive(scene)


def test_sections_and_search_choose_among_the_cards(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await shown(application)
        sections = {one.card.section for one in page.board.buttons}
        assert {LESSONS, SCENARIOS, LABS} <= sections
        page.which.set_current(LABS)
        page.which.chosen.emit(LABS)
        assert [one.card.key for one in page.board.buttons] == ["lab_locks", "lab_isolation", "lab_parallelism"]
        page.search.set_text("nothing has this name")
        page.search.changed.emit("nothing has this name")
        assert not page.board.buttons
        assert page.board._nothing.text() == "Nothing is called 'nothing has this name'."

    with short.lesson():
        drive(scene)


def test_a_changed_folder_shows_up_and_a_broken_one_says_where(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await shown(application)
        assert card(page, LESSONS, short.ID).card.title == "The short wall"
        short.write(title="The wall again")
        await until(lambda: card(page, LESSONS, short.ID).card.title == "The wall again", "the new title")
        toml = short.folder() / "lesson.toml"
        toml.write_text(toml.read_text(encoding="utf-8").replace("[values]", "[values"), encoding="utf-8")
        await until(lambda: any(one.card.broken for one in page.board.buttons), "the broken lesson")
        broken = next(one.card for one in page.board.buttons if one.card.broken)
        assert broken.title == short.ID
        assert "lesson.toml, line" in broken.words
        assert broken.reason
        shutil.rmtree(short.folder())
        await until(lambda: not any(one.card.broken for one in page.board.buttons), "its card to go")

    with short.lesson():
        drive(scene)


def test_what_is_opened_or_begun_elsewhere_is_seen(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        await shown(application)
        window.open(resources() / "scenarios" / "garbage.toml")
        assert window.labs.shown != "lessons"
        assert control.scenario.name == "Garbage"
        assert window.home.show_lesson(short.ID)
        control.change("load", "users", 3)
        assert window.labs.shown != "lesson"
        for _ in range(2):  # asked for again, it stays
            window.home.show()
            assert window.labs.shown == "lessons"

    with short.lesson():
        drive(scene)


def test_a_run_behind_the_page_is_told_led_back_to_and_stopped(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        page = await shown(application)
        assert not page.going.isVisible()
        window.labs.leave()
        control.run()
        await until(lambda: control.state == "running", "the run")
        assert not page.going.isVisible()
        await shown(application)
        line = page.going
        assert line.isVisible()
        assert line.state.text() == "Running"
        assert line.title.text() == window.top.name == "Event loop, thread pool, sleep"
        before = line.clock.text()
        await until(lambda: line.clock.text() > before, "the clock to go on")
        line.back.click()
        assert not window.labs.shown
        await until(window.timeline.isVisible, "the timeline")
        assert control.state == "running"
        await shown(application)
        line.stop.click()
        await until(lambda: control.state == "stopped", "its end")
        assert not line.isVisible()
        assert page.isVisible()

    drive(scene)


def test_a_run_that_ends_by_itself_takes_its_line_along(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.run()
        await until(lambda: control.state == "running", "the run")
        page = await shown(application)
        assert page.going.isVisible()
        assert control.session is not None
        control.bridge.failed.emit("The server is gone.", "")
        await until(lambda: control.state == "stopped", "its end")
        assert not page.going.isVisible()
        assert window.labs.shown == "lessons"

    drive(scene)


def test_back_to_it_leads_to_where_it_was_begun(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.labs.toggle("lab_locks")
        lab = window.labs.made["lab_locks"]
        assert isinstance(lab, LocksPage)
        lab.run.run()
        await until(lambda: lab.run.going and control.state == "running", "the lab's run")
        window.labs.toggle("lessons")
        page = await shown(application)
        page.going.back.click()
        assert window.labs.shown == "lab_locks"
        control.stop()
        await until(lambda: control.state == "stopped", "its end")
        _, view = await short.opened(application)
        short.press(application, Qt.Key.Key_PageDown, Qt.Key.Key_1, Qt.Key.Key_Space)
        assert view.state.going
        window.labs.toggle("lessons")
        assert page.going.title.text() == "The short wall"
        page.going.back.click()
        assert window.labs.shown == "lesson"
        await until(lambda: not view.state.going, "its end")

    with short.lesson():
        drive(scene)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_on_a_card_is_cut_at_any_scale(drive: Drive, theme: str) -> None:
    long = [
        ("Recovered run: Process per connection, blocking coroutine, Python work, 09 Nov 08:00, 1:05 min", Path("/a")),
        ("an_app_of_mine_with_a_name_that_is_wider_than_a_card.module:application, 14:05, 20 s", Path("/b")),
    ]

    async def scene(application: Application) -> None:
        window = application.window
        if application.theme.name != theme:
            window.actions_.trigger("theme")
        window.show_recent(long)
        toml = short.folder() / "lesson.toml"
        toml.write_text(toml.read_text(encoding="utf-8").replace("[values]", "[values"), encoding="utf-8")
        page = await shown(application)
        assert {one.card.section for one in page.board.buttons} == {LESSONS, SCENARIOS, LABS, RECENT}
        assert any(one.card.broken for one in page.board.buttons)
        for size in ((1280, 720), (1920, 1080)):
            window.resize(*size)
            for scale in SCALES:
                window.view_settings.set_scale(scale)
                await until(lambda: not cut_above(page), f"a place for all above the cards, at {size}, {scale}")
                await until(lambda: page.board.width() == page.area.viewport().width(), "the cards to be placed")
                for one in page.board.buttons:
                    said = drawn(one)
                    for words in (one.card.title, one.card.words, one.card.reason if one.card.broken else ""):
                        assert bare(words) in said, (size, scale, words, said)

    with short.lesson():
        drive(scene)


def cut_above(page: GalleryPage) -> list[QWidget]:
    """What of the head of the page has no room for its words."""
    found: list[QWidget] = []
    for part in (page._heading, page._sentence, page.run, page.explore, page.which, page.groups, page.search):
        inside = page._above.rect().contains(QRect(part.mapTo(page._above, QPoint()), part.size()))
        if not inside or part.width() < part.minimumSizeHint().width():
            found.append(part)
    for label in (page._heading, page._sentence):
        if label.height() < label.heightForWidth(label.width()) - 1:  # rounding takes a pixel, and no letter
            found.append(label)
    return found


def drawn(card: CardButton) -> str:
    """All that a card draws inside itself, without spaces."""
    seen = Words()
    picture = QPixmap(card.size())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(card_button, "draw_lines", seen.lines)
        card.render(picture)
    bottom, right = card.height() - card._theme.px(8), card.width() - card._theme.px(8)
    assert all(box.bottom() <= bottom and box.right() <= right and box.top() >= 0 for box in seen.boxes), (
        card.card.title
    )
    for one, other in itertools.combinations(seen.boxes, 2):
        assert not one.adjusted(0, 0.5, 0, -0.5).intersects(other), card.card.title
    return bare("".join(seen.all))


class Words:
    """Notes what is drawn, and where."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self.boxes: list[QRectF] = []

    def lines(
        self, painter: QPainter, left: float, top: float, lines: Sequence[str], font: QFont, color: QColor
    ) -> None:
        metrics = QFontMetricsF(font)
        self.all += lines
        for at, line in enumerate(lines):
            self.boxes.append(
                QRectF(left, top + at * metrics.height(), metrics.horizontalAdvance(line), metrics.height())
            )


def bare(words: str) -> str:
    return "".join(words.split())


@pytest.mark.long
def test_recent_runs_are_cards_and_open(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.run()
        await until(lambda: control.state == "running", "a run")
        await until(lambda: control.store.count > 20, "records")
        control.stop()
        await until(lambda: control.state == "stopped", "its end")
        assert control.session is not None
        saved = tmp_path / "run.cxrec"
        control.save(saved)
        await until(saved.exists, "the file")
        window.show_recent([("A run of mine, 14:05, 20 s", saved)])
        page = await shown(application)
        one = card(page, RECENT)
        assert (one.card.title, one.card.words) == ("A run of mine", "14:05, 20 s")
        one.click()
        await until(lambda: control.state == "viewing", "the recording")
        assert not window.labs.shown

    drive(scene)
