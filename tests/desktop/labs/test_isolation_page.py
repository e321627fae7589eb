"""The isolation lab's page on a real SQLite: stepping, moving and editing steps, and what it says of a run."""

import re
from pathlib import Path

import pytest
from psutil import Process
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from explorer.desktop.app import Application
from explorer.desktop.labs.isolation import parts
from explorer.desktop.labs.isolation.compare.view import CompareView
from explorer.desktop.labs.isolation.page import IsolationPage, briefly
from explorer.desktop.labs.locks.verdict_card import Tone
from explorer.labs.isolation.engines import postgresql, sqlite
from explorer.labs.isolation.target import SQLITE, Target
from tests.desktop.window.conftest import Drive, drive, until

__all__ = ["drive"]

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
CTRL_SHIFT = CTRL | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(autouse=True)
def no_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without PostgreSQL: SQLite starts in a tenth of the time."""
    monkeypatch.setattr(parts, "find", lambda: iter(()))


async def opened(application: Application, identity: str = "P4", level: str = "") -> IsolationPage:
    """The page, with a schedule on SQLite."""
    QTest.keyClick(application.window, Qt.Key.Key_I, CTRL_SHIFT)
    page = application.window.labs.made["lab_isolation"]
    assert isinstance(page, IsolationPage)
    await page.session.change_target(Target(SQLITE))
    page.run.show_chosen(identity)
    if level:
        page.run.runner.set_level(level)
        await settled(page)
    return page


async def settled(page: IsolationPage) -> None:
    """All that was wished for is done."""
    await until(lambda: not page.run.runner.going, "the steps to be sent")


def dialogs(application: Application) -> list[QFileDialog]:
    """The dialogs that ask for a file."""
    return application.window.findChildren(QFileDialog)


def tone(page: IsolationPage) -> Tone:
    return page.run.side.card.tone


def press(page: IsolationPage, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(page.window(), key, modifiers)


def test_a_run_goes_forward_and_back_by_the_keyboard(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, level="AUTOCOMMIT")
        run, runner = page.run, page.run.runner
        assert runner.levels[0] == "AUTOCOMMIT"
        assert run.head.engine.words[0].startswith("SQLite")
        assert "own" in page.place.accessibleName()
        press(page, Qt.Key.Key_Right)
        await settled(page)
        press(page, Qt.Key.Key_Right)
        await settled(page)
        assert (runner.steps, run.transport.count.text()) == (2, "2 of 6")
        assert [chip.text for chip in run.ladder.ladder.cards[1].chips] == ["read 100"]
        assert tone(page) is Tone.QUIET
        press(page, Qt.Key.Key_Left)
        await settled(page)
        assert runner.steps == 1
        runner.go_to(6)
        await settled(page)
        assert runner.over
        assert run.side.card.text[0] == "Happened"
        assert tone(page) is Tone.BAD
        assert run.side.graph.picture.arrows
        assert run.side.final.tables[0].rows == (("Ann", "120"),)
        assert run.side.final.tables[0].fits is False
        assert page.session.verdicts["P4", "AUTOCOMMIT"].happened
        assert run.list.list.currentItem().text().startswith("Lost update, P4, happened at this level")
        press(page, Qt.Key.Key_Home)
        await settled(page)
        assert (runner.steps, runner.over) == (0, False)
        press(page, Qt.Key.Key_Escape)
        assert not application.window.labs.shown

    drive(scene)


def test_tabs_follow_what_another_looks_at(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, "G0")
        compare = page.show_tab("compare")
        assert isinstance(compare, CompareView)
        assert compare.schedule.id == "G0"
        compare.step(1)
        assert compare.schedule.id == "G1a"
        page.show_tab("run")
        assert page.run.runner.schedule.id == "G1a"
        assert page.run.runner.steps == 0, "it is shown, and not run"

    drive(scene)


@pytest.mark.long
def test_another_level_runs_again_to_the_same_step(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, level="AUTOCOMMIT")
        run, runner = page.run, page.run.runner
        runner.go_to(6)
        await settled(page)
        levels = run.head.levels
        assert levels is not None
        levels.chosen.emit("DEFERRED")
        await settled(page)
        assert runner.over
        busy = next(card for card in run.ladder.ladder.cards if card.failure is not None)
        assert (busy.label, busy.failed) == ("4", "Busy")
        assert tone(page) is Tone.GOOD
        await until(lambda: run.side.note.text(), "the level beside to be measured")
        assert run.side.note.text().startswith("At READ UNCOMMITTED the same six steps end with ")
        commit = next(card for card in run.ladder.ladder.cards if card.wait)
        assert commit.wait.startswith("blocked by B")
        assert run.transport.dots.blocked == {4}
        assert not run.side.retry.isHidden()
        run.side.retry.click()
        await settled(page)
        assert runner.retries
        assert any(card.attempt for card in run.ladder.ladder.cards)

    drive(scene)


def test_the_names_of_the_levels_come_before_the_words_of_the_switch(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        head = (await opened(application)).run.head
        assert head.levels is not None
        head.resize(head.levels.sizeHint().width() + 80, head.height())
        assert head.words.isHidden()
        head.resize(head.levels.sizeHint().width() + 300, head.height())
        assert not head.words.isHidden()
        assert not head.id.isHidden()
        application.window.labs.made["lab_isolation"].run.show_chosen("lock_order_deadlock")  # type: ignore[attr-defined]
        assert head.id.isHidden(), "it is the title once more"

    drive(scene)


@pytest.mark.long
def test_levels_are_measured_beside_until_one_differs(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, "PMP", "DEFERRED")
        page.run.runner.go_to(len(page.run.runner.schedule.steps))
        await settled(page)
        await until(lambda: page.run.side.note.text(), "the level beside to be measured")
        assert page.run.side.note.text().startswith("At READ UNCOMMITTED the same five steps")
        assert ("PMP", "IMMEDIATE") not in page.session.verdicts, "it was not needed"
        page = await opened(application, "PMP", "IMMEDIATE")
        page.run.runner.go_to(len(page.run.runner.schedule.steps))
        await settled(page)
        verdicts = page.session.verdicts
        await until(lambda: ("PMP", "READ UNCOMMITTED") in verdicts, "the level that is unlike, behind one that is not")
        assert verdicts["PMP", "DEFERRED"].happened is verdicts["PMP", "IMMEDIATE"].happened is False
        assert page.run.side.note.text().startswith("At READ UNCOMMITTED")

    drive(scene)


def test_a_blocked_statement_waits_before_the_eyes(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, level="IMMEDIATE")
        run, runner = page.run, page.run.runner
        runner.go_to(2)
        await settled(page)
        card = run.ladder.ladder.cards[1]
        assert card.waits
        assert card.wait.startswith("blocked by A")
        before = card.wait
        await until(lambda: run.ladder.ladder.cards[1].wait != before, "the wait to grow")
        look, strip = run.ladder, run.strip
        strip.chosen.emit(card.sent)
        assert look.card is not None
        assert look.card.sent == card.sent, "what is chosen on one is chosen on the other"
        assert run.stuck.isHidden()

    drive(scene)


def test_a_step_is_moved_where_it_may_go(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, level="AUTOCOMMIT")
        run, runner = page.run, page.run.runner
        runner.go_to(6)
        await settled(page)
        ladder = run.ladder
        ladder.setFocus()
        ladder.choose(ladder.ladder.by_step[2])
        QTest.keyClick(ladder, Qt.Key.Key_Up, ALT)
        await settled(page)
        assert [step.session for step in runner.schedule.steps] == ["A", "A", "B", "B", "A", "B"]
        assert runner.over
        assert run.side.card.text[0] != "Happened", "B reads what A has written"
        assert runner.edited
        assert ladder.card is not None
        assert (ladder.card.step, ladder._lit) == (1, 1), "the step that was moved stands out, not the one in its place"
        QTest.keyClick(ladder, Qt.Key.Key_Up, ALT)
        assert ladder.refusal is not None
        assert ladder.refusal[1] == "Step 2 needs step 1 of the same session first."
        press(page, Qt.Key.Key_Z, CTRL)
        await settled(page)
        assert not runner.edited
        assert run.side.card.text[0] == "Happened"

    drive(scene)


def test_a_step_is_dragged_and_comes_back_where_it_may_not_go(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, level="AUTOCOMMIT")
        run, runner = page.run, page.run.runner
        runner.go_to(6)
        await settled(page)
        ladder = run.ladder
        where = ladder.geometry_
        left, top, _, high = where.card(ladder.ladder.by_step[2])
        start = QPoint(round(left) + 30, round(top + high / 2))

        def drag_to(y: float, release: bool) -> None:
            QTest.mousePress(ladder, Qt.MouseButton.LeftButton, pos=start)
            QTest.mouseMove(ladder, start - QPoint(0, 12))
            QTest.mouseMove(ladder, QPoint(start.x(), round(y)))
            if release:
                QTest.mouseRelease(ladder, Qt.MouseButton.LeftButton, pos=QPoint(start.x(), round(y)))

        drag_to(where.tops[0], release=False)
        assert ladder.drag is not None
        assert ladder.drag.refusal == "Step 3 needs step 1 of the same session first."
        assert not ladder.grab().toImage().isNull(), "the sentence is painted"
        press(page, Qt.Key.Key_Escape)
        assert ladder.drag is None
        assert not runner.edited
        drag_to(where.tops[1], release=True)
        await settled(page)
        assert [step.session for step in runner.schedule.steps][:3] == ["A", "A", "B"]

    drive(scene)


def test_sql_is_edited_in_its_place_and_an_error_is_said_verbatim(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, level="AUTOCOMMIT")
        run, runner = page.run, page.run.runner
        runner.go_to(6)
        await settled(page)
        ladder = run.ladder
        ladder.setFocus()
        ladder.choose(ladder.ladder.by_step[2])
        QTest.keyClick(ladder, Qt.Key.Key_F2)
        assert ladder.editor.isVisible()
        assert ladder.editor.line.toPlainText().startswith("UPDATE account")
        ladder.editor.line.setPlainText("UPDATE acount SET balance = 1")
        QTest.keyClick(ladder.editor.line, Qt.Key.Key_Return)
        await settled(page)
        card = ladder.ladder.by_step[2]
        assert card.failure is not None
        assert "no such table: acount" in card.failure.message
        assert tone(page) is Tone.QUIET
        ladder.choose(card)
        QTest.keyClick(ladder, Qt.Key.Key_Return)
        assert f"{card.failure.code}: {card.failure.message}" in run.rows.text
        run.rows.hide()
        run.files.save()
        run.files.export()
        names = sorted(Path(name).name for dialog in dialogs(application) for name in dialog.selectedFiles())
        title = re.escape(run.runner.schedule.title.replace(":", ""))
        assert re.fullmatch(title + r" \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.toml", names[0]), names
        assert re.fullmatch(r"test_[a-z_]+_\d{4}(_\d\d){5}\.py", names[1]), names
        for dialog in dialogs(application):
            dialog.reject()
        run.files.write_toml(tmp_path / "mine.toml")
        assert "acount" in (tmp_path / "mine.toml").read_text()
        run.files.write_toml(tmp_path / "no" / "mine.toml")
        assert "cannot be written" in page.messages.sentences[0]
        run.head.shipped.click()
        await settled(page)
        assert not runner.edited
        QTest.keyClick(ladder, Qt.Key.Key_F2)
        ladder.editor.line.setPlainText("gone")
        QTest.keyClick(ladder.editor.line, Qt.Key.Key_Escape)
        assert not ladder.editor.isVisible()
        assert not runner.edited

    drive(scene)


def test_what_is_written_is_not_lost_and_what_reaches_further_is_not_sent(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, level="AUTOCOMMIT")
        runner, ladder = page.run.runner, page.run.ladder
        ladder.setFocus()
        ladder.choose(ladder.ladder.by_step[2])
        QTest.keyClick(ladder, Qt.Key.Key_F2)
        line = ladder.editor.line
        line.setPlainText("DROP TABLE account")
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert ladder.refusal is not None
        assert "A step cannot begin with DROP" in ladder.refusal[1]
        assert (ladder.editor.isVisible(), line.toPlainText()) == (True, "DROP TABLE account")
        assert not runner.edited
        line.setPlainText("UPDATE account SET owner = 'two  blanks' -- why\nWHERE balance = 0")
        ladder.resize(ladder.width(), ladder.height() + 40)
        for reason in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            QApplication.sendEvent(line, QFocusEvent(QEvent.Type.FocusOut, reason))
        assert ladder.editor.isVisible()
        page.run.list.setFocus(Qt.FocusReason.MouseFocusReason)
        assert not ladder.editor.isVisible()
        assert runner.schedule.steps[2].sql == "UPDATE account SET owner = 'two  blanks' -- why\nWHERE balance = 0"
        await settled(page)

    drive(scene)


def test_predicting_first_hides_what_comes_of_it_until_it_has_run(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, level="AUTOCOMMIT")
        run, runner = page.run, page.run.runner
        runner.go_to(6)
        await settled(page)
        run.head.predict.click()
        await settled(page)
        assert runner.steps == 0
        assert run.side.card.text[0] == "Predict first"
        assert "happened" not in run.list.list.currentItem().text()
        runner.go_to(3)
        await settled(page)
        assert run.side.graph.isHidden()
        assert not run.side.graph.picture.nodes
        runner.go_to(6)
        await settled(page)
        assert run.side.card.text[0] == "Happened"
        assert not run.side.graph.isHidden()

    drive(scene)


def test_a_scenario_is_found_and_chosen_by_the_keyboard(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application)
        run = page.run
        press(page, Qt.Key.Key_Slash)
        QTest.keyClicks(run.list.field.line, "G2-item")
        QTest.keyClick(run.list.field.line, Qt.Key.Key_Down)
        assert run.runner.schedule.id == "G2-item"
        QTest.keyClick(run.list.field.line, Qt.Key.Key_Escape)
        assert run.list.field.text() == ""
        left: list[bool] = []
        page.left.connect(lambda: left.append(True))
        press(page, Qt.Key.Key_Slash)
        QTest.keyClick(run.list.field.line, Qt.Key.Key_Escape)
        assert left == [], "an empty field is left, not the lab"
        first = run.runner.schedule.id
        press(page, Qt.Key.Key_PageDown)
        assert run.runner.schedule.id != first
        engine = run.head.engine
        engine.ask()
        panel = engine._server
        assert panel is not None
        panel.address.setText("http://db.example")
        panel.connect_()
        assert "must begin with postgresql://" in panel.fault
        panel.address.setText("postgresql://lab:secret@db.example/shop")
        panel.address.left.emit()
        assert (panel.address.text(), panel.password.text()) == ("postgresql://lab@db.example/shop", "secret")
        assert panel.password.echoMode() == panel.password.EchoMode.Password
        panel.hide()

    drive(scene)


def test_how_a_wait_is_known_fits_and_its_tooltip_has_all_of_it(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application)
        assert page.session.facts is not None
        application.window.resize(1280, 720)
        await until(lambda: page.watch.width() >= page.watch.sizeHint().width(), "the whole sentence")
        assert page.watch.toolTip() == page.session.facts.watch
        assert page.watch.accessibleName().endswith("whenever a lock is not to be had")

    for engine in (postgresql, sqlite):
        assert len(briefly(engine.WATCH)) <= 101, "what there is room for"
    assert briefly("It is asked.") == "It is asked"
    drive(scene)


def test_what_was_chosen_in_one_scenario_is_not_chosen_in_the_next(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, level="AUTOCOMMIT")
        run, runner = page.run, page.run.runner
        runner.go_to(6)
        await settled(page)
        run.ladder.choose(run.ladder.ladder.by_step[2])
        assert run.ladder._lit == 2
        page.show_run("G2-item", "AUTOCOMMIT")
        await settled(page)
        assert runner.over
        assert (run.ladder.card, run.ladder._lit) == (None, -1)

    drive(scene)


@pytest.mark.long
def test_a_database_that_cannot_be_had_leaves_the_present_one(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application)
        facts = page.session.facts
        assert not await page.session.change_target(Target("postgresql://lab:secret@127.0.0.1:1/none"))
        assert page.session.facts is facts
        assert page.messages.sentences
        assert "secret" not in page.messages.sentences[0]
        await page.session.change_target(Target(SQLITE, "wal"))
        assert not page.messages.sentences, "what was wrong with another database does not stay beside this one"
        page.run.runner.go_to(1)
        await settled(page)
        assert page.run.runner.steps == 1

    drive(scene)


def test_when_the_database_is_killed_it_is_said_and_the_next_step_begins_anew(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = await opened(application, level="AUTOCOMMIT")
        runner = page.run.runner
        runner.go_to(2)
        await settled(page)
        killed = page.session.lab
        Process(killed._lab._child.pid).kill()  # type: ignore[union-attr]  # the child is the lab's own affair
        await until(lambda: page.session.lab is not killed and not page.session.busy, "the end to be noticed")
        assert page.session.facts is None
        assert page.run.head.engine.words[0] == "No database"
        assert page.messages.sentences
        assert runner.steps == 0
        press(page, Qt.Key.Key_Right)
        await settled(page)
        assert runner.steps == 1
        assert page.session.facts is not None

    drive(scene)
