"""The page of the locks lab: its states, its keys, its verdicts, and a real deadlock found, named and released."""

import socket
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.desktop.app import Application
from explorer.desktop.labs.locks.page import LocksPage
from explorer.desktop.labs.locks.rows import LOCKS_KEY
from explorer.desktop.labs.locks.verdict_card import Tone
from explorer.desktop.panels.keys import KeySheet
from explorer.labs.locks.scenarios import scenarios
from tests.desktop.window.conftest import Drive, until
from tests.desktop.window.conftest import drive as drive

DEADLOCK = "lock_order_deadlock"


def entered(application: Application) -> LocksPage:
    """The lab, reached by its key."""
    QTest.keyClick(application.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert application.window.labs.shown == "lab_locks"
    page = application.window.labs.made["lab_locks"]
    assert isinstance(page, LocksPage)
    return page


def test_the_page_is_reached_and_used_by_keys_and_says_why_a_run_cannot_start(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = entered(application)
        keys_choose_scenario_and_cure(page)
        each_scenario_has_its_knobs_and_its_source(page)
        await a_port_in_use_is_said(page)
        window = application.window
        assert not window.actions_.action("question_1").isEnabled()
        the_sheet_has_the_keys_of_the_page(application)
        shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(page, Qt.Key.Key_P, shift)
        assert window.labs.shown == "lab_parallelism"
        the_sheet_has_no_keys_of_the_other_lab(application)
        entered(application)
        QTest.keyClick(page, Qt.Key.Key_Escape)
        assert not window.labs.shown
        assert window.actions_.action("question_1").isEnabled()

    drive(scene)


def sheet_of(application: Application) -> list[str]:
    """The lines of the sheet of keys, opened and closed again by its command."""
    application.window.actions_.trigger("keys")
    [sheet] = application.window.findChildren(KeySheet)
    text = sheet.text
    application.window.actions_.trigger("keys")
    return [" ".join(line.split()) for line in text.splitlines()]


def the_sheet_has_the_keys_of_the_page(application: Application) -> None:
    lines = sheet_of(application)
    for line in (
        "C As written or cured",
        "R Release one who is stuck",
        "PgUp, PgDn Scenario before, next",
        "Ctrl+Shift+P Parallelism lab",
        "Ctrl+S Save",
    ):
        assert line in lines
    assert "R Replay" not in lines


def the_sheet_has_no_keys_of_the_other_lab(application: Application) -> None:
    lines = sheet_of(application)
    assert "Space Run or cancel the sweep" in lines
    assert "Ctrl+L Locks lab" in lines
    assert "C As written or cured" not in lines
    assert "R Replay" not in lines


def keys_choose_scenario_and_cure(page: LocksPage) -> None:
    run = page.run
    assert page.place == "empty"
    assert [row.key for row in page.list._list.rows() if not row.heading] == list(scenarios())
    QTest.keyClick(page, Qt.Key.Key_PageDown)
    assert run.scenario.id == "check_then_act"
    QTest.keyClick(page, Qt.Key.Key_PageUp)
    assert run.scenario.id == "lost_update"
    assert page.side.card.text[2] == run.scenario.written
    QTest.keyClick(page, Qt.Key.Key_C)
    assert run.cured
    assert page.side.card.text[2] == run.scenario.cured
    assert page.side.cure.isHidden()
    assert run.served.workload.knobs.model_dump()["cured"] is True
    assert any(line.differs for line in page.code.lines._rows if line is not None)


def each_scenario_has_its_knobs_and_its_source(page: LocksPage) -> None:
    run = page.run
    for identity, scenario in scenarios().items():
        run.choose(identity)
        assert set(page.head.knobs) == set(scenario.shown)
        assert page.list.current() == identity
        assert page.code.lines.numbers
    run.choose(DEADLOCK)
    knobs = page.head.knobs
    assert knobs["workload.timeout"].isHidden()
    run.set_cured(True)
    run.change("workload", "cure", "timeout")
    assert not knobs["workload.timeout"].isHidden()
    knobs["workload.hold"].step(10)
    assert run.served.workload.knobs.model_dump()["hold"] == pytest.approx(0.06)
    run.change("workload", "hold", -1)
    assert knobs["workload.hold"].error()


async def a_port_in_use_is_said(page: LocksPage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        page.run.change("server", "port", port)
        QTest.keyClick(page, Qt.Key.Key_Space)
        await until(lambda: page.messages.sentences, "the message")
        assert str(port) in page.messages.sentences[0]
        assert page.place == "empty"
        assert page.head.run_button.text() == "Run"


def test_a_deadlock_is_found_named_and_released_and_its_recording_shows_it_again(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        lab = entered(application)
        page, run = lab, lab.run
        run.choose(DEADLOCK)
        QTest.keyClick(page, Qt.Key.Key_Space)
        await until(lambda: page.side.card.tone is Tone.BAD and page.side.stuck.rows, "the deadlock on the page")
        title, since, sentence = page.side.card.text
        assert title == "Deadlock"
        assert since.startswith("for ")
        for words in ("holds A", "holds B", "waits for A", "waits for B", "body.py, line ", "nobody can go on"):
            assert words in sentence
        watched = run.watched
        assert watched is not None
        first = watched.deadlocks[0]
        graph = page.side.graph.picture
        assert len(graph.cycle) == 4
        assert "It is a circle" in page.side.graph.accessibleDescription()
        closed, found = page.lanes.marks.lines()
        assert 0 < closed < found < page.lanes.view.lanes.width()
        heading = page.lanes.view.scene.layout.find(LOCKS_KEY)
        assert heading is not None
        assert not heading.row.note, "the words at the lines would cover it"
        line = int(first.cycle.places[0].rpartition(":")[2])
        assert len(page.code.lines.badges[line]) == 2
        assert {row.badge for row in page.side.stuck.rows} == set(page.code.lines.badges[line])
        titles = [placed.row.title for placed in page.lanes.view.scene.layout.placed]
        assert {"A", "B", "Event loop", "Locks"} <= set(titles)
        assert page.side.release.text().startswith("Release Worker ")
        QTest.keyClick(page, Qt.Key.Key_R)
        await until(lambda: watched.deadlocks[0].ended is not None, "the circle to be broken")
        await until(lambda: watched.ask(lambda evidence: evidence.statuses[503]), "the answer 503")
        assert application.control.state == "running"
        QTest.keyClick(page, Qt.Key.Key_Space)
        await until(lambda: application.control.state == "stopped", "the end of the run")
        assert (DEADLOCK, False) in run.results
        assert page.place == "run"
        assert not page.side.stuck.isHidden()
        file = tmp_path / "run.cxrec"
        application.control.save(file)
        await until(file.exists, "the saved run")
        application.window.open(file)
        await until(lambda: application.control.state == "viewing" and not application.control.reading, "the recording")
        assert run.watched is not watched
        assert run.watched is not None
        before = [each.cycle.closed for each in watched.deadlocks]
        assert [each.cycle.closed for each in run.watched.deadlocks] == before
        assert abs(run.watched.deadlocks[0].found - first.found) < 1_000  # as it was noted
        assert page.side.card.text[0] == title
        assert len(page.side.graph.picture.cycle) == 4
        assert page.side.release.isHidden()

    drive(scene)
