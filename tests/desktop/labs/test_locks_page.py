"""The page of the locks lab: its states, its keys, its verdicts, and a real deadlock found, named and released."""

import socket

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.desktop.app import Application
from explorer.desktop.labs.locks.page import LocksPage
from explorer.desktop.labs.locks.verdict_card import Tone
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


def test_all_of_the_page_is_reached_by_keys_and_the_window_has_its_own_back(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        lab = entered(application)
        page, run = lab, lab.run
        assert page.place == "empty"
        assert page.isVisible()
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
        assert not window.actions_.action("question_1").isEnabled()
        QTest.keyClick(page, Qt.Key.Key_Escape)
        assert not window.labs.shown
        assert window.actions_.action("question_1").isEnabled()
        assert application.control.scenario.workload.id == "sleep"  # nothing was run

    drive(scene)


def test_each_scenario_shows_its_knobs_and_its_source(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        lab = entered(application)
        for identity, scenario in scenarios().items():
            lab.run.choose(identity)
            assert set(lab.head.knobs) == set(scenario.shown)
            assert lab.list.current() == identity
            assert lab.code.lines.numbers
        lab.run.choose(DEADLOCK)
        knobs = lab.head.knobs
        assert knobs["workload.timeout"].isHidden()
        lab.run.set_cured(True)
        lab.run.change("workload", "cure", "timeout")
        assert not knobs["workload.timeout"].isHidden()
        knobs["workload.hold"].step(10)
        assert lab.run.served.workload.knobs.model_dump()["hold"] == pytest.approx(0.06)
        lab.run.change("workload", "hold", -1)
        assert knobs["workload.hold"].error()

    drive(scene)


def test_a_port_in_use_is_said_on_the_page_and_nothing_goes_on(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        lab = entered(application)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            lab.run.change("server", "port", port)
            QTest.keyClick(lab, Qt.Key.Key_Space)
            await until(lambda: lab.messages.sentences, "the message")
            assert str(port) in lab.messages.sentences[0]
            assert lab.place == "empty"
            assert lab.head.run_button.text() == "Run"

    drive(scene)


def test_a_deadlock_is_found_named_and_released(drive: Drive) -> None:
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

    drive(scene)
