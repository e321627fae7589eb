"""The duel in the window: choosing, a real run that is cancelled, duels on disk, and whose keys act meanwhile."""

import json
import os
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from explorer.catalog import Catalog
from explorer.desktop.app import Application
from explorer.desktop.bridge import Bridge
from explorer.desktop.control import Control
from explorer.desktop.duel.run import DuelRun
from explorer.session import duel_file
from explorer.session.duel_plan import plan
from tests.desktop.duel.sample import duel, told
from tests.desktop.window.conftest import Drive, drive, until
from tests.unit.export.html.test_page import Document

__all__ = ["drive"]

NONE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
BURST = """
dispatch = "coroutine"
[workload]
id = "sleep"
seconds = 0.02
[load]
mode = "burst"
requests = 6
"""


@pytest.mark.long
def test_what_is_compared_is_chosen_on_a_page_of_its_own(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        compare = window.compare
        before = compare.page.setup.plan
        control.change("load", "users", 7)
        assert compare.page.setup.plan is before, "nobody looks at it"
        QTest.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        assert compare.shown
        setup = compare.page.setup
        assert [combo.current() for combo in setup.combos] == ["present", "dispatch:blocking_coroutine"]
        assert setup.sentence == "All get A's load, 7 users for 15 s with seed 1. 10 runs, about 3:00 min."
        setup.add()
        setup.choose(2, "model:prefork")
        assert setup.plan is not None
        assert [one.model.id for one in setup.plan.scenarios] == ["event_loop", "event_loop", "prefork"]
        setup.add()
        setup.add()
        assert len(setup.combos) == 4, "four are the most"
        for place in (3, 2, 1):
            setup.remove(place)
        assert len(setup.combos) == 2, "two are the least"
        look_at_files(application, tmp_path)
        await look_at_folders(application, tmp_path)
        control.change("load", "users", 0)
        assert setup.plan is None
        assert "no users" in setup.sentence
        before = setup._words.width()
        QTest.keyClick(window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: setup._words.width() > before, "a wider page")
        QTest.keyClick(window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
        for key in (Qt.Key.Key_Space, Qt.Key.Key_N, Qt.Key.Key_E):
            QTest.keyClick(window, key)
        assert control.state == "empty", "letters and Space do not reach the window behind"
        assert not window.events.isVisible()
        QTest.keyClick(compare.page, Qt.Key.Key_Escape)
        assert not compare.shown
        assert all(window.actions_.action(one).isEnabled() for one in window.actions_.commands)

    drive(scene)


def test_what_a_duel_has_no_use_for_says_so_and_the_sheet_lists_what_acts(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        page = window.compare.page
        window.compare.enter()
        for key, held, said in (
            (
                Qt.Key.Key_E,
                Qt.KeyboardModifier.ControlModifier,
                "Run a duel or open one first; then it can be exported.",
            ),
            (Qt.Key.Key_J, NONE, "J, Next slower request, is for one run. Ctrl+D leads back to it."),
            (Qt.Key.Key_Less, Qt.KeyboardModifier.ShiftModifier, "<, Slower, is for one run. Ctrl+D leads back to it."),
        ):
            QTest.keyClick(page, key, held)
            assert page.messages.sentences[0] == said
        window.actions_.trigger("keys")
        lines = [line.split("  ")[-1] for line in window._keys.text.splitlines()]
        assert "Run the duel, or run it again" in lines
        assert "Export" in lines
        assert "Next slower request" not in lines
        window._keys.hide()

    drive(scene)


@pytest.mark.long
def test_a_duel_is_exported_as_an_html_report(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        page, target = window.compare.page, tmp_path / "duel.html"
        window.compare.enter()
        page.show_result(duel(), "")
        QTest.keyClick(page, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
        dialog = window.findChild(QFileDialog)
        assert dialog is not None
        assert re.fullmatch(
            r"Duel Blocking coroutine or thread pool \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.html", selected(dialog)
        )
        dialog.fileSelected.emit(str(target))
        dialog.reject()
        window.compare.export(tmp_path / "duel.csv")
        refused, said = page.messages.sentences
        assert said == f"The report is in {target}."
        assert "give it a name that ends in .html" in refused
        document = Document(target.read_text(encoding="utf-8"))
        images = [attributes["src"] or "" for name, attributes in document.elements if name == "img"]
        assert [len(image) > 10_000 for image in images] == [True, True]
        assert page.result.duel is not None
        assert page.result.duel.told["verdict"] in document.words

    drive(scene)
    assert [file.name for file in tmp_path.iterdir()] == ["duel.html"]


def selected(dialog: QFileDialog) -> str:
    """The name that a dialog proposes."""
    [path] = dialog.selectedFiles()
    return Path(path).name


def test_another_theme_finds_choices_that_a_new_setup_has_made_impossible(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        setup = window.compare.page.setup
        taken = next(one for one in setup._chosen if one.startswith("dispatch:")).partition(":")[2]
        assert control.change("dispatch", "id", taken)  # what was to be compared is what there is now
        window.actions_.trigger("theme")
        window.compare.enter()
        assert len(set(setup._chosen)) == len(setup._chosen)

    drive(scene)


def look_at_files(application: Application, folder: Path) -> None:
    """A scenario's file takes a run's place; one that cannot be used is said."""
    setup = application.window.compare.page.setup
    broken, good = folder / "broken.toml", folder / "good.toml"
    broken.write_text("dispatch = 7")
    setup.take_file(1, broken)
    assert setup.plan is None
    assert "dispatch" in setup.sentence
    good.write_text('dispatch = "coroutine"\n[load]\nusers = 1\n')
    setup.take_file(1, good)
    assert setup.plan is not None
    assert "what B says of the load does not count" in setup.sentence


async def look_at_folders(application: Application, folder: Path) -> None:
    """What is no duel, not whole or damaged is a sentence."""
    compare = application.window.compare
    for data, said in (
        (None, "holds no duel"),
        (told(), "is missing, which belongs to this duel"),
        (told() | {"runs": 7}, "damaged"),
    ):
        if data is not None:
            (folder / duel_file.NAME).write_text(json.dumps(data))
        compare.open_duel(folder)
        await until(lambda: not compare.run.running, "its end")
        assert any(said in one for one in compare.page.messages.sentences)
        assert compare.page.place == "setup"


def test_a_duel_runs_in_the_window_is_kept_and_can_be_cancelled(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        compare = window.compare
        burst = tmp_path / "burst.toml"
        burst.write_text(BURST)
        window.open(burst)
        compare.enter()
        one = control.scenario
        compare.start(plan(control.catalog, [one, one.changed(control.catalog, "dispatch", "id", "thread_pool")], 1))
        assert compare.page.place == "progress"
        compare.leave()
        assert compare.shown, "the machine is the duel's"
        await until(lambda: not compare.run.running, "both runs")
        assert compare.page.place == "result"
        duel = compare.page.result.duel
        assert duel is not None
        assert [len(lane.requests) for lane in duel.lanes] == [6, 6]
        assert [lane.title for lane in duel.lanes] == ["Coroutine", "Thread pool"]
        compare.save(tmp_path / "kept")
        await until(lambda: not compare.page._save.isEnabled(), "the copy")
        saved = compare.page.result.duel
        assert saved is not None
        assert saved.folder == tmp_path / "kept"
        compare.save(tmp_path / "kept")
        await until(lambda: any("holds a duel already" in one for one in compare.page.messages.sentences), "the no")
        window.open(tmp_path / "kept")
        await until(lambda: not compare.run.running, "the recordings")
        again = compare.page.result.duel
        assert again is not None
        assert again.told == duel.told
        assert [lane.requests.tolist() for lane in again.lanes] == [lane.requests.tolist() for lane in duel.lanes]

        compare.open_duel(tmp_path / "kept")
        assert compare.page.place == "progress"
        compare.page.progress._cancel.click()
        await until(lambda: not compare.run.running, "its end")
        assert any("you ended that" in sentence for sentence in compare.page.messages.sentences)
        assert compare.page.place == "result", "the duel before is shown again"

        compare.start(plan(control.catalog, [one, one], 2))
        await until(lambda: compare.page.progress.title.startswith("Run 1 of 4: A"), "the first run")
        compare.run.cancel()
        await until(lambda: not compare.run.running, "its end")
        assert any("nothing to compare" in sentence for sentence in compare.page.messages.sentences)
        assert compare.page.place == "result", "the duel before is shown again"
        assert control.state == "empty"
        compare.leave()
        assert not compare.shown

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
    half, left = tmp_path / "half", tmp_path / "left"
    for folder in (half, left):
        folder.mkdir()
    os.utime(left, (10**9, 10**9))
    run._trim()
    assert half.is_dir(), "another window may be at it"
    assert not left.exists(), "a crash has left it long ago"
    found = run.recent()
    assert [folder.name for _, folder in found] == ["new", "old"]
    assert all(name.startswith("Blocking coroutine or Thread pool, ") for name, _ in found)
