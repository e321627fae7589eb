"""The Matrix and Compare tabs and the card without a database: by keyboard, by mouse, aloud, and as pixels."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QWidget

from explorer.desktop.labs.isolation import database_checks, no_database
from explorer.desktop.labs.isolation.compare.view import CompareView
from explorer.desktop.labs.isolation.database_checks import Checked
from explorer.desktop.labs.isolation.matrix.painting import badge_place
from explorer.desktop.labs.isolation.matrix.view import INVITATION, MatrixView
from explorer.desktop.labs.isolation.no_database import NoDatabase
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.theme import Theme
from explorer.labs.isolation.target import EMBEDDED, SQLITE, Target
from explorer.option_error import OptionError
from tests.desktop.labs import isolation_scripts as scripts
from tests.desktop.widgets.conftest import theme as theme
from tests.desktop.window.conftest import until

Scene = Callable[[], Coroutine[Any, Any, None]]


class Stage:
    """A view in a window of its own, on a scripted session."""

    def __init__(self) -> None:
        self.control = scripts.Control()
        self.labs: list[scripts.ScriptedLab] = []
        self.session: LabSession = scripts.session(self.control, self.labs, Target(EMBEDDED))

    @asynccontextmanager
    async def shown(self, view: QWidget) -> Any:
        view.resize(1280, 640)
        view.show()
        view.activateWindow()
        await until(view.isActiveWindow, "the window to be active")
        try:
            yield
        finally:
            await self.control.close()
            view.close()
            view.deleteLater()
            self.session.deleteLater()
            await asyncio.sleep(0)


@asynccontextmanager
async def matrix(theme: Theme, measure: scripts.Measure | None = None) -> Any:
    stage = Stage()
    view = MatrixView(theme, stage.session, measure or scripts.Measure())
    async with stage.shown(view):
        view.enter()
        await until(lambda: view.model.levels and not stage.session.busy, "the levels")
        yield view


@pytest.fixture
def on_loop(qapp: QApplication) -> Callable[[Scene], None]:
    return lambda scene: scripts.on_loop(qapp, scene)


async def measured(view: MatrixView) -> None:
    view.space()
    await until(lambda: not view.measuring.running and view.measuring.done, "the measurement")


def press(view: QWidget, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(QApplication.focusWidget() or view, key)


def spoken(view: MatrixView, level: str, schedule: str) -> str:
    return str(view.model.data(view.model.place(level, schedule), Qt.ItemDataRole.AccessibleTextRole))


def color_in(view: QWidget, box: QRectF, token: str, theme: Theme) -> bool:
    image = view.grab().toImage()
    return image.pixelColor(QPoint(round(box.left() + 9), round(box.top() + 5))) == theme.color(token)


def test_the_matrix_is_measured_read_and_opened(theme: Theme, on_loop: Callable[[Scene], None], tmp_path: Path) -> None:
    async def scene() -> None:
        async with matrix(theme) as view:
            assert view.side.sentence.text() == INVITATION
            await measured(view)
            assert view.measuring.complete
            assert spoken(view, "READ COMMITTED", "P4") == "Lost update at READ COMMITTED: happened."
            assert spoken(view, "SERIALIZABLE", "G2-item").endswith("cannot run. This scenario is for SQLite alone.")
            grid = view.grid.viewport()
            happened = view.grid.cell_box(view.model.place("READ COMMITTED", "P4"))
            prevented = view.grid.cell_box(view.model.place("SERIALIZABLE", "P4"))
            assert color_in(grid, happened, "danger_fill", theme)
            assert color_in(grid, prevented, "panel", theme)
            assert view.foot.said.text().startswith("Measured here just now, 11 runs in 6.0 s. At AUTOCOMMIT all")
            asked, compared = QSignalSpy(view.run_asked), QSignalSpy(view.compare_asked)
            view.grid.go("READ COMMITTED", "PMP")
            press(view, Qt.Key.Key_Down, Qt.Key.Key_Right)
            assert view.grid.current == ("REPEATABLE READ", "P4")
            assert view.side.title.text() == "Lost update"
            press(view, Qt.Key.Key_Return, Qt.Key.Key_C)
            assert list(asked.at(0)) == ["P4", "REPEATABLE READ"]
            assert list(compared.at(0)) == ["P4", "REPEATABLE READ", "SERIALIZABLE"]
            press(view, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return)
            assert asked.count() == 1, "what cannot run has no run to open"
            for kind in ("json", "csv", "png"):
                view.export_to(tmp_path / f"m.{kind}")
            levels = json.loads((tmp_path / "m.json").read_text())["levels"]
            assert levels["SERIALIZABLE"]["P4"]["codes"] == ["40001"]
            assert (
                "PMP,Phantom,happened,happened,prevented: an old version was read (differs from"
                in (tmp_path / "m.csv").read_text()
            )
            assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")
            failed = QSignalSpy(view._session.went_wrong)
            view.export_to(tmp_path / "none" / "m.csv")
            assert "cannot be written" in failed.at(0)[0]

    on_loop(scene)


def test_a_low_table_scrolls_beside_its_last_column(theme: Theme, on_loop: Callable[[Scene], None]) -> None:
    async def scene() -> None:
        async with matrix(theme) as view:
            await measured(view)
            grid = view.grid
            for high in (160, 128, 110, 100, 90):  # banners take their room
                grid.setMinimumHeight(0)
                grid.setFixedHeight(theme.px(high))
                await asyncio.sleep(0)
                last = len(view.model.levels) - 1
                edge = grid.columnViewportPosition(last) + grid.columnWidth(last)
                assert edge <= grid.viewport().width(), high
                assert not grid.horizontalScrollBar().maximum(), high
            assert grid.verticalScrollBar().maximum() > 0, "rows that do not fit are scrolled to"
            assert grid.verticalScrollBar().isVisible()
            grid.setFixedWidth(theme.px(400))
            await until(lambda: grid.horizontalScrollBar().isVisible(), "the sign that there is more at the right")
            grid.go("SERIALIZABLE", "PMP")
            assert grid.horizontalScrollBar().value() == grid.horizontalScrollBar().maximum() > 0
            last = view.model.place("SERIALIZABLE", "PMP")
            assert grid.viewport().rect().contains(grid.visualRect(last)), "where the keyboard is, is seen"
            assert grid.verticalHeader().isVisible(), "and whose row it is"

    on_loop(scene)


def test_a_difference_opens_its_reason(theme: Theme, on_loop: Callable[[Scene], None]) -> None:
    async def scene() -> None:
        async with matrix(theme) as view:
            await measured(view)
            index = view.model.place("REPEATABLE READ", "PMP")
            at = badge_place(theme, view.grid.cell_box(index)).toPoint()
            QTest.mouseClick(view.grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
            assert view.reason is not None
            assert view.reason.isVisible()
            assert view.reason.accessibleName() == "Phantom at REPEATABLE READ"
            assert [one.accessibleDescription() for one in view.side.reasons] == [
                "A snapshot holds for conditions too."
            ]
            view.reason.close()
            await until(lambda: view.reason is None, "the reason to be closed")
            view.grid.go("SERIALIZABLE", "PMP")
            press(view, Qt.Key.Key_D)
            assert view.reason is None, "no difference, no reason"
            view.grid.go("REPEATABLE READ", "PMP")
            press(view, Qt.Key.Key_D)
            assert view.reason is not None
            view.reason.close()

    on_loop(scene)


def test_a_measurement_is_followed_and_can_be_ended(theme: Theme, on_loop: Callable[[Scene], None]) -> None:
    async def scene() -> None:
        measure = scripts.Measure(freely=False)
        async with matrix(theme, measure) as view:
            view.space()
            view.space()  # ended before it has come to its first step
            await until(lambda: not view.measuring.running, "the end of what had hardly begun")
            view.space()
            await until(lambda: view.measuring.cell is not None, "the first cell")
            assert spoken(view, "AUTOCOMMIT", "PMP") == "Phantom at AUTOCOMMIT: being measured."
            measure.step()
            await until(lambda: view.measuring.done == 1, "a cell")
            assert spoken(view, "AUTOCOMMIT", "PMP") == "Phantom at AUTOCOMMIT: happened, so the detector works."
            assert view.foot.said.text() == "1 of 12 runs: Phantom at READ COMMITTED"
            assert view.foot.bar.share == pytest.approx(1 / 12)
            assert not view.head.export.isEnabled()
            assert view.head.measure.text() == "Cancel"
            view.space()
            await until(lambda: not view.measuring.running, "the end")
            assert "It was ended early" in view.foot.said.text()
            assert spoken(view, "READ COMMITTED", "PMP").endswith("not measured.")
            assert view.head.export.isEnabled()

    on_loop(scene)


def test_after_a_database_was_killed_the_next_measurement_has_another(
    theme: Theme, on_loop: Callable[[Scene], None]
) -> None:
    async def scene() -> None:
        stage, measure, deaths = Stage(), scripts.Measure(), ["The database has ended."]

        async def dying(lab: Any, *rest: Any) -> Any:
            if deaths:
                lab.lost = deaths.pop()
                raise OptionError(lab.lost)
            return await measure(lab, *rest)

        view = MatrixView(theme, stage.session, dying)
        said = QSignalSpy(stage.session.went_wrong)
        async with stage.shown(view):
            view.enter()
            await until(lambda: view.model.levels and not stage.session.busy, "the levels")
            view.space()
            await until(lambda: stage.labs[0].discarded, "the dead one to be cleared away")
            assert said.at(0)[0] == "The database has ended."
            await measured(view)
            assert view.measuring.complete
            assert len(stage.labs) == 2

    on_loop(scene)


def test_predictions_hide_results_and_are_scored(theme: Theme, on_loop: Callable[[Scene], None]) -> None:
    async def scene() -> None:
        async with matrix(theme) as view:
            await measured(view)
            view.grid.go("REPEATABLE READ", "P4")
            press(view, Qt.Key.Key_G)
            assert view.predicting
            assert not view.grid.isVisible()
            assert not view.side.isVisible()
            assert view.head.title.text() == "What will REPEATABLE READ let through?"
            view.head.resize(919, view.head.height())  # what there is in the smallest window
            await until(lambda: view.head.title.shown_text() == view.head.title.text(), "the whole question")
            assert view.predict.side.promise.text().startswith("REPEATABLE READ in PostgreSQL takes one snapshot")
            press(view, Qt.Key.Key_H, Qt.Key.Key_H, Qt.Key.Key_H, Qt.Key.Key_Backspace)
            assert view.predict.count.text() == "2 of 3 marked"
            assert view.predict.rows.item(0).text().startswith("Phantom. You say it can happen.")
            press(view, Qt.Key.Key_Up, Qt.Key.Key_P)
            assert view.predict.rows.item(1).text().startswith("Lost update. You say it cannot happen.")
            press(view, Qt.Key.Key_Return)
            await until(lambda: not view.measuring.running, "the measurement")
            assert not view.predicting
            assert view.side.score.isVisible()
            assert view.side.score.score.sentence == "1 of 2 right"
            assert view.grid.current == ("REPEATABLE READ", "PMP"), "the first miss"
            assert "You predicted that it can happen, which is wrong." in spoken(view, "REPEATABLE READ", "PMP")
            assert view.model.look(view.model.place("REPEATABLE READ", "P4")).guess == "right"
            await measured(view)
            assert not view.side.score.isVisible(), "nothing is kept after the run"
            view.set_predicting(True)
            assert view.predict.count.text() == "0 of 3 marked"
            assert view.take_back()
            assert not view.predicting

    on_loop(scene)


def test_two_levels_side_by_side(theme: Theme, on_loop: Callable[[Scene], None]) -> None:
    async def scene() -> None:
        stage = Stage()
        view = CompareView(theme, stage.session)
        async with stage.shown(view):
            view.enter()
            await until(lambda: view.sides[0].level and not stage.session.busy, "the levels")
            assert [side.level for side in view.sides] == ["READ COMMITTED", "REPEATABLE READ"]
            view.show_schedule("P4", ("REPEATABLE READ", "SERIALIZABLE"))
            view.space()
            view.space()  # ended before it has come to its first step
            await until(lambda: not view.running, "the end of what had hardly begun")
            view.space()
            await until(lambda: not view.running and view.sides[1].trace, "both runs")
            assert [result.text for result in view.results] == [
                ("Prevented", "B began again.", "150"),
                ("Happened", "B began again.", ""),
            ]
            assert [(one.step, one.attempt) for one in view.found] == [(5, 0), (1, 1), (3, 1), (5, 1)]
            assert view.said.text().endswith("what is the same is dimmed")
            view.board.setFocus()
            press(view, Qt.Key.Key_Down)
            assert view.said.text() == "Step 6. Left: rolls back. Right: not sent."
            press(view, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up)
            assert view.board.current == 0
            view.step(1)
            assert view.schedule.id == "G2-item"
            assert view.results[0].text[0] == "Not run yet"

    on_loop(scene)


def test_a_side_on_another_database_has_it_to_itself(theme: Theme, on_loop: Callable[[Scene], None]) -> None:
    async def scene() -> None:
        stage = Stage()
        view = CompareView(theme, stage.session)
        async with stage.shown(view):
            view.enter()
            await until(lambda: view.sides[0].level and not stage.session.busy, "the levels")
            other = next(one for one in view.databases() if one.target == Target(SQLITE))
            view.use(1, other)
            await until(lambda: view.sides[1].target is not None, "the other database")
            assert view.sides[1].level == "DEFERRED"
            assert view.choosers[1].accessibleName() == "Right: DEFERRED, SQLite 3.50"
            view.space()
            await until(lambda: not view.running and view.sides[1].trace, "both runs")
            assert view.said.text() == "the same six steps on two databases; what is the same is dimmed"
            assert [lab.running for lab in stage.labs] == [True, True]
            view.use(1, view.databases()[0])
            await until(lambda: not stage.labs[1].running, "its database to end")
            assert stage.labs[1].discarded
            assert view.sides[1].level not in ("", "DEFERRED")
        assert not stage.labs[0].running

    on_loop(scene)


def test_three_ways_on_without_postgresql(
    theme: Theme, on_loop: Callable[[Scene], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        stage = Stage()
        card = NoDatabase(theme, stage.session)
        card.show_schedule("Lost update")
        chosen = QSignalSpy(card.chosen)
        async with stage.shown(card):
            await until(lambda: card.checked is not None, "what is there")
            assert card.said.text() == nothing.sentence
            assert card.sqlite.hasFocus()
            press(card, Qt.Key.Key_Return)
            assert chosen.at(0)[0] == Target(SQLITE)
            card.copy.click()
            assert QGuiApplication.clipboard().text() == database_checks.how_to_get()
            card.enter_url()
            assert card._server is not None
            assert card._server.isVisible()
            card._server.hide()
            found.append(Checked(package=True, programs=Path("/pg"), on_path=False, answers=()))
            card.again.click()
            await until(lambda: chosen.count() == 2, "the embedded server to be taken")
            assert chosen.at(1)[0] == Target(EMBEDDED)

    nothing = Checked(package=False, programs=None, on_path=False, answers=())
    found = [nothing]

    async def check() -> Checked:
        return found[-1]

    monkeypatch.setattr(no_database, "check", check)
    on_loop(scene)
