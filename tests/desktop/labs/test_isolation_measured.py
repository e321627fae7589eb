"""The Matrix and Compare tabs on a real SQLite: what is measured there can be opened and compared."""

from dataclasses import replace

from psutil import Process
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.desktop.app import Application
from explorer.desktop.labs.isolation.compare.view import CompareView
from explorer.desktop.labs.isolation.matrix.view import MatrixView
from explorer.desktop.labs.isolation.page import IsolationPage
from explorer.desktop.labs.isolation.parts import real_parts
from explorer.labs.isolation.library import shipped
from explorer.labs.isolation.target import SQLITE, Target
from tests.desktop.window.conftest import Drive, drive, until

__all__ = ["drive"]


def test_the_matrix_of_sqlite_is_measured_opened_and_compared(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        few = {name: one for name, one in shipped().items() if name in ("G1a", "P4", "G2-item", "retry")}
        parts = replace(real_parts(), first=lambda: Target(SQLITE), schedules=lambda: few)
        application.window._theme.set_options(reduced_motion=True)
        page = IsolationPage(application.window._theme, application.control, parts)
        page.resize(1280, 720)
        page.show()
        view = page.show_tab("matrix")
        assert isinstance(view, MatrixView)
        await until(lambda: view.model.levels and not page.session.busy, "the database")
        view.space()
        await until(lambda: not view.measuring.running, "the matrix")
        assert view.measuring.complete
        assert view.measuring.matrix is not None
        happened = {key: cell.verdict.happened for key, cell in view.measuring.matrix.cells.items() if cell.verdict}
        assert all(happened["AUTOCOMMIT", one.id] for one in view.model.schedules)
        assert not any(happened[level, "P4"] for level in ("DEFERRED", "IMMEDIATE"))
        assert page.session.verdicts["P4", "DEFERRED"].codes == ("SQLITE_BUSY",)
        view.grid.go("DEFERRED", "P4")
        assert view.focusProxy() is view.grid
        QTest.keyClick(view.grid, Qt.Key.Key_Return)
        assert page.tab == "run"
        assert (page.run.runner.schedule.id, page.run.runner.level) == ("P4", "DEFERRED")
        page.show_tab("matrix")
        view.compare_levels()
        compare = page.view
        assert isinstance(compare, CompareView)
        assert [side.level for side in compare.sides] == ["DEFERRED", "IMMEDIATE"]
        assert compare.results[0].text[2] == "150", "it was measured already"
        compare.show_schedule("retry")
        compare.space()
        await until(lambda: not compare.running and not page.session.busy, "both runs")
        assert [result.text[2] for result in compare.results] == ["170", "170"]
        assert compare.found, "one is aborted and begins again, the other waits at BEGIN"
        lab = page.session.lab
        Process(lab._lab._child.pid).kill()  # type: ignore[union-attr]  # the child is the lab's own affair
        await until(lambda: page.session.lab is not lab and not page.session.busy, "the end to be noticed")
        assert view.measuring.complete, "what was measured stays when the database has died"
        page.close()

    drive(scene)
