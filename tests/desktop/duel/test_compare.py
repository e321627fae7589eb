"""The duel in the window: choosing, a real run that is cancelled, duels on disk, and whose keys act meanwhile."""

import json
import os
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.catalog import Catalog
from explorer.desktop.app import Application
from explorer.desktop.bridge import Bridge
from explorer.desktop.control import Control
from explorer.desktop.duel.run import DuelRun
from explorer.session import duel_file
from tests.desktop.duel.sample import told
from tests.desktop.window.conftest import Drive, drive, until

__all__ = ["drive"]


def test_the_page_offers_other_dispatches_and_says_what_is_compared(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        compare = window.compare
        QTest.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        assert compare.shown
        setup = compare.page.setup
        assert [combo.current() for combo in setup.combos] == ["present", "dispatch:blocking_coroutine"]
        assert setup.sentence == "All get A's load, 10 users for 15 s with seed 1. 10 runs, about 3:00 min."
        setup.add()
        setup.choose(2, "model:prefork")
        assert setup.plan is not None
        assert [one.model.id for one in setup.plan.scenarios] == ["event_loop", "event_loop", "prefork"]
        setup.add()
        setup.add()
        assert len(setup.combos) == 4, "four are the most"
        setup.remove(3)
        setup.remove(2)
        setup.remove(1)
        assert len(setup.combos) == 2, "two are the least"
        application.control.change("load", "users", 0)
        assert setup.plan is None
        assert "no users" in setup.sentence

    drive(scene)


def test_letters_and_space_do_not_reach_the_window_behind(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.compare.enter()
        control.change("load", "users", 0)  # so that Space has nothing to start here either
        for key in (Qt.Key.Key_Space, Qt.Key.Key_N, Qt.Key.Key_E):
            QTest.keyClick(window, key)
        assert control.state == "empty"
        QTest.keyClick(window.compare.page, Qt.Key.Key_Escape)
        assert not window.compare.shown
        QTest.keyClick(window, Qt.Key.Key_E)
        assert all(window.actions_.action(one).isEnabled() for one in window.actions_.commands)

    drive(scene)


def test_a_duel_runs_in_the_window_and_can_be_cancelled(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        compare = window.compare
        compare.enter()
        compare.page.setup.start()
        assert compare.page.place == "progress"
        await until(lambda: compare.page.progress.title.startswith("Run 1 of 10: A"), "the first run")
        compare.leave()
        assert compare.shown, "the machine is the duel's"
        compare.run.cancel()
        await until(lambda: not compare.run.running, "its end")
        assert compare.page.place == "setup"
        assert any("nothing to compare" in one for one in compare.page.messages.sentences)
        assert control.state == "empty"
        compare.leave()
        assert not compare.shown

    drive(scene)


def test_a_file_that_is_no_scenario_and_a_folder_without_a_duel_are_a_sentence(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        compare = application.window.compare
        compare.enter()
        broken = tmp_path / "broken.toml"
        broken.write_text("dispatch = 7")
        compare.page.setup.take_file(1, broken)
        assert compare.page.setup.plan is None
        assert "dispatch" in compare.page.setup.sentence
        good = tmp_path / "good.toml"
        good.write_text('dispatch = "coroutine"\n[load]\nusers = 1\n')
        compare.page.setup.take_file(1, good)
        assert compare.page.setup.plan is not None
        assert "what B says of the load does not count" in compare.page.setup.sentence
        compare.open_duel(tmp_path)
        await until(lambda: not compare.run.running, "its end")
        assert any("holds no duel" in one for one in compare.page.messages.sentences)
        (tmp_path / "duel.json").write_text(json.dumps(told()))
        compare.open_duel(tmp_path)
        await until(lambda: not compare.run.running, "its end")
        assert any("is missing, which belongs to this duel" in one for one in compare.page.messages.sentences)
        (tmp_path / "duel.json").write_text(json.dumps(told() | {"runs": 7}))
        compare.open_duel(tmp_path)
        await until(lambda: not compare.run.running, "its end")
        assert any("damaged" in one for one in compare.page.messages.sentences)

    drive(scene)


def test_duels_on_disk_are_offered_newest_first(qapp: QApplication, tmp_path: Path) -> None:
    run = DuelRun(Control(Catalog(), Bridge(1), 1 << 20), tmp_path)
    for age, name in enumerate(("new", "old")):
        folder = tmp_path / name
        folder.mkdir()
        duel_file.write(folder, told())
        os.utime(folder / duel_file.NAME, (10**9 - age, 10**9 - age))
        for badge in "AB":
            (folder / f"{badge}.cxrec").touch()
    (tmp_path / "half").mkdir()
    found = run.recent()
    assert [folder.name for _, folder in found] == ["new", "old"]
    assert all(name.startswith("Blocking coroutine or Thread pool, ") for name, _ in found)
