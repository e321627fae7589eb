"""The parallelism lab's page: choosing, a real sweep with its tasks on the lanes, cancelling, and whose keys act."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.desktop.app import Application
from explorer.desktop.labs.parallelism.chart import ScalingChart, Series
from explorer.desktop.labs.parallelism.page import BUSY, HINT, ParallelismPage
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.rows import RowKind
from explorer.labs.parallelism.fits import fit
from explorer.labs.parallelism.options import ParallelismKnobs
from explorer.paths import resources
from explorer.records.states import Kind
from tests import leaks
from tests.desktop.window.conftest import Drive, drive, until

__all__ = ["drive"]

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def opened(application: Application) -> ParallelismPage:
    QTest.keyClick(application.window, Qt.Key.Key_P, CTRL_SHIFT)
    page = application.window.labs.made["lab_parallelism"]
    assert isinstance(page, ParallelismPage)
    return page


def choose(page: ParallelismPage, *runners: str, **values: object) -> None:
    for name, switch in page.controls.switches.items():
        if switch.isEnabled():
            switch.setChecked(name in runners)
    for key, value in values.items():
        page.controls._change(key, value)


def test_what_runs_is_chosen_on_a_page_of_its_own(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        page = opened(application)
        assert window.labs.shown == "lab_parallelism"
        controls = page.controls
        assert controls.planned is not None
        assert page.headline.text() == HINT
        assert len(controls.form) == len(ParallelismKnobs.model_fields)
        assert controls.switches["coroutine"].isChecked()
        assert not controls.switches["coroutine"].isEnabled(), "all are compared with it"
        controls._change("job", "text")
        assert "needs" not in controls._reasons["numpy"].text()
        assert controls._reasons["numpy"].text().startswith("Words are Python objects")
        assert not controls.switches["numpy"].isEnabled()
        assert controls.knobs.size == 12_000, "a job has a size of its own"
        controls._change_workers("0")
        assert controls.planned is None
        page.start()
        assert not page.run.running
        assert "names no numbers of workers" in page._foot.text()
        controls._change_workers("1-2")
        assert controls.planned is not None
        for key in (Qt.Key.Key_N, Qt.Key.Key_E):
            QTest.keyClick(window, key)
        assert application.control.state == "empty", "letters do not reach the window behind"
        assert not window.events.isVisible()
        QTest.keyClick(page, Qt.Key.Key_Escape)
        assert not window.labs.shown
        assert all(window.actions_.action(one).isEnabled() for one in window.actions_.commands)
        QTest.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        assert window.compare.shown
        QTest.keyClick(window, Qt.Key.Key_P, CTRL_SHIFT)
        assert not window.labs.shown, "one page at a time"

    drive(scene)


def test_a_sweep_shows_its_points_and_its_tasks(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        before = leaks.processes()
        page = opened(application)
        choose(page, "threads", size=32, grain=4, repeat=1)
        page.controls._change_workers("1-2")
        QTest.keyClick(page, Qt.Key.Key_Space)
        assert page.run.running
        assert page.busy == BUSY
        QTest.keyClick(page, Qt.Key.Key_Escape)
        assert application.window.labs.shown, "it has the machine for itself"
        await until(lambda: not page.run.running, "the end of the sweep")
        assert leaks.processes() == before
        assert [(cells[0], cells[1], cells[7]) for cells in page.points.cells] == [
            ("One coroutine", "1", "same"),
            ("Threads", "1", "same"),
            ("Threads", "2", "same"),
        ]
        assert page.headline.text() == page.told["sentence"]
        assert page.told["cores_sentence"] in page.details.text()
        assert [cells[0] for cells in page.parts.cells] == ["One coroutine", "Threads"]
        store = page.run.store
        jobs = [
            int((piece.kind == Kind.JOB).sum())
            for track in store.tracks
            for piece in store.slices(track, 0, store.first or 0, (store.last or 0) + 1)
        ]
        assert sum(jobs) == 4 * 8, "the coroutine at both ends, threads twice"
        rows = page.timeline.scene.rows
        heads = [row.title for row in rows if row.kind is RowKind.GROUP]
        assert heads == ["lab", "Tasks"]
        page.choose("threads")
        point = page.chart.place(1, page.told["points"][0]["speedup"])
        chosen: list[str] = []
        page.chart.chosen.connect(chosen.append)
        QTest.mouseClick(page.chart, Qt.MouseButton.LeftButton, pos=QPoint(round(point.x()), round(point.y())))
        assert chosen
        application.window.labs.leave()
        assert not application.window.labs.shown

    drive(scene)


def test_a_cancelled_sweep_leaves_nothing_running(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        before = leaks.processes()
        page = opened(application)
        choose(page, "threads", size=32, repeat=10)
        page.start()
        await until(lambda: page.told.get("points"), "the first point")
        assert page.progress is not None
        page.progress.cancel.click()
        await until(lambda: not page.run.running, "the end of the sweep")
        assert leaks.processes() == before
        assert "The sweep was cancelled; this is what was measured by then." in page.details.text()
        assert page.progress is None

    drive(scene)


def test_a_window_that_is_closed_during_a_sweep_leaves_nothing_running(drive: Drive) -> None:
    before = leaks.processes()

    async def scene(application: Application) -> None:
        page = opened(application)
        choose(page, "process_pool", size=64, repeat=50)
        page.start()
        await until(lambda: page.run.store.count, "the first task")

    drive(scene)
    assert leaks.processes() == before


def test_the_chosen_runner_is_drawn_with_the_band_of_its_law(qapp: QApplication) -> None:
    theme = Theme(resources())
    chart = ScalingChart(theme)
    chart.resize(440, 300)
    n = np.repeat([1, 2, 3, 4], 3)
    t = 0.4 * (0.3 + 0.7 / np.minimum(n, 4)) * np.tile([1.0, 1.01, 0.99], 4)
    found = {"process_pool": fit(n.tolist(), t.tolist(), 4)}
    series = [Series("process_pool", "Process pool", [1, 2, 3, 4], (0.4 / t[::3]).tolist())]
    amdahl = found["process_pool"].amdahl
    assert amdahl is not None

    def seen(chosen: str) -> list[int]:
        """How far the paint on the law's curve is from the accent, at its nearest of three pixels."""
        chart.show_points(series, found, 4, 4, chosen, 0.4)
        at = [chart.place(n / 10, float(amdahl.speedup(n / 10, 4)) * 0.4 / amdahl.one) for n in range(12, 40)]
        image, accent = chart.grab().toImage(), theme.color("accent")
        near = [[image.pixelColor(int(point.x()), int(point.y()) + dy) for dy in (-1, 0, 1)] for point in at]
        return [min(difference(color, accent) for color in three) for three in near]

    assert max(seen("process_pool")) < 60
    assert min(seen("")) > 60


def difference(one: QColor, other: QColor) -> int:
    """How far apart two colours are."""
    return abs(one.red() - other.red()) + abs(one.green() - other.green()) + abs(one.blue() - other.blue())


def test_a_sweep_in_place_of_another_tells_of_itself_alone(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        page = opened(application)
        run = page.run
        page.controls._change_workers("1-2")
        choose(page, "threads", job="mandelbrot", size=64, repeat=9)
        first = page.controls.planned
        choose(page, "threads", size=16, repeat=1)
        second = page.controls.planned
        assert first is not None
        assert second is not None
        told: list[object] = []
        run.finished.connect(lambda result: told.append(result.plan))
        run.failed.connect(lambda sentence, where: told.append(sentence))
        run.start(first)
        await until(lambda: run.store.count, "its records")
        run.start(second)
        assert run.running
        assert not run.store.count, "the records of the first are not those of the second"
        await until(lambda: told, "the end")
        assert told == [second]
        assert not run.running
        run.start(first)
        await until(lambda: run.store.count, "its records")
        run.drop()
        assert not run.running
        run.start(second)
        await until(lambda: len(told) == 2, "the end")
        assert told == [second, second]

    drive(scene)
