"""Long work leaves the window alone, shows how far it is, ends when nobody wants it and tells what came of it."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from explorer.desktop.long_work import LongWork
from explorer.desktop.messages import Messages
from explorer.desktop.theme import Theme
from explorer.option_error import OptionError
from explorer.paths import resources
from explorer.progress import Cancelled, Progress

PATIENCE_MS = 20_000


@pytest.fixture
def messages(qapp: object) -> Iterator[Messages]:
    made = Messages(Theme(resources()))
    yield made
    made.deleteLater()


@pytest.fixture
def work(messages: Messages) -> Iterator[LongWork]:
    made = LongWork(Theme(resources()), messages)
    yield made
    made.close()
    made.deleteLater()


def test_short_work_tells_its_result_and_shows_nothing(work: LongWork, messages: Messages, qtbot: QtBot) -> None:
    with qtbot.waitSignal(work.done, timeout=PATIENCE_MS) as told:
        work.start("Counting", "", lambda progress: 42)
    assert told.args == [42]
    assert not work.busy
    assert messages.isHidden()


def test_longer_work_shows_how_far_it_is_until_it_is_done(work: LongWork, messages: Messages, qtbot: QtBot) -> None:
    go_on = threading.Event()

    def count(progress: Progress) -> str:
        progress(3, 12)
        assert go_on.wait(20)
        return "twelve"

    work.start("Counting", "sheep", count)
    qtbot.waitUntil(lambda: work.box is not None and work.box.said == "3 of 12 sheep, 25%", timeout=PATIENCE_MS)
    assert not messages.isHidden()
    with qtbot.waitSignal(work.done, timeout=PATIENCE_MS):
        go_on.set()
    assert work.box is None
    assert messages.isHidden()


def test_cancel_ends_it_at_its_next_word(work: LongWork, qtbot: QtBot) -> None:
    ended = threading.Event()

    def count(progress: Progress) -> None:
        try:
            while True:
                progress(1, 2)
                ended.wait(0.001)
        except Cancelled:
            ended.set()
            raise

    work.start("Counting", "", count)
    qtbot.waitUntil(lambda: work.box is not None, timeout=PATIENCE_MS)
    with qtbot.waitSignal(work.cancelled, timeout=PATIENCE_MS):
        assert work.box is not None
        work.box.cancel.click()
    assert ended.is_set()
    assert not work.busy


def test_what_cannot_be_done_is_one_sentence(work: LongWork, qtbot: QtBot) -> None:
    def refuse(progress: Progress) -> None:
        raise OptionError("The disk is full. Free some space.")

    with qtbot.waitSignal(work.failed, timeout=PATIENCE_MS) as told:
        work.start("Counting", "", refuse)
    assert told.args == ["The disk is full. Free some space."]


@pytest.mark.expects_log("Long work failed")
def test_what_nobody_foresaw_is_said_and_logged(work: LongWork, qtbot: QtBot) -> None:
    def fail(progress: Progress) -> None:
        raise LookupError("nowhere")

    with qtbot.waitSignal(work.failed, timeout=PATIENCE_MS) as told:
        work.start("Counting", "", fail)
    assert "LookupError: nowhere" in told.args[0]


def test_closing_waits_for_the_thread_and_tells_nothing(work: LongWork, qtbot: QtBot) -> None:
    def count(progress: Progress) -> None:
        while True:
            progress(1, 2)

    work.start("Counting", "", count)
    told: list[object] = []
    work.cancelled.connect(lambda: told.append(None))
    work.close()
    assert not work.busy
    assert told == []


def test_who_waits_for_it_goes_on_when_it_is_closed(work: LongWork) -> None:
    async def scene() -> None:
        work.start("Reading", "", lambda progress: None)
        waits = asyncio.create_task(work.settled())
        await asyncio.sleep(0)
        work.close()
        await asyncio.wait_for(waits, 10)

    asyncio.run(scene())
