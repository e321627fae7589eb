"""Predictions in a real window: the law follows the knobs, the guess stays, and the run is held against both."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.analysis.predict.calibration import Calibration
from explorer.desktop.app import Application
from explorer.desktop.panels.prediction.page import HIDDEN, NO_LAW
from explorer.desktop.widgets.chart import LineChart
from explorer.desktop.widgets.label import Label
from tests.desktop.window.conftest import Drive, until


def words(application: Application) -> list[str]:
    panel = application.window.predicting.panel
    return [label.text() for label in panel.findChildren(Label) if not label.isHidden()]


def test_the_law_follows_the_knobs_at_once(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control, panel = application.control, application.window.predicting.panel
        control.change("load", "users", 100)
        assert panel.section.head.text() == "Prediction: 200/s · 500 ms"
        control.change("dispatch", "tokens", 20)
        assert panel.section.head.text() == "Prediction: 100/s · 1 s"
        panel.section.set_open(True)
        assert "min(100, 20) / 200 ms = 100/s" in words(application)
        control.change("workload", "id", "file_io")
        assert NO_LAW in words(application)
        assert application.window.predicting.predictions.shown("throughput").law is None

    drive(scene)


def test_a_key_opens_it_and_a_guess_is_typed(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        window.actions_.trigger("prediction")
        assert window.predicting.panel.section.is_open
        entry = window.focusWidget()
        assert entry is not None
        QTest.keyClicks(entry, "120")
        QTest.keyClick(entry, Qt.Key.Key_Return)
        assert window.predicting.predictions.shown("throughput").yours == 120

    drive(scene)


def test_predict_first_hides_the_law_until_the_run(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control, predicting = application.control, application.window.predicting
        predicting.panel.section.set_open(True)
        control.change("load", "users", 8)
        control.change("dispatch", "tokens", 4)
        predicting.predictions.predict_first(True)
        assert HIDDEN in words(application)
        assert predicting.panel.section.head.text() == "Prediction"
        assert predicting.predictions.shown("throughput").law is None
        predicting.predictions.expect("throughput", 30.0)
        control.run()
        await until(lambda: predicting.predictions.shown("throughput").measured, "figures of the run")
        assert predicting.predictions.shown("throughput").law == pytest.approx(20)
        asked = control.scenario.to_dict(masked=True)
        await until(lambda: not control.statistics.window(asked, "").invalid_reason, "a run that is long enough")
        control.stop()
        await until(lambda: predicting.predictions.concluded, "the run to be over")
        shown = predicting.predictions.shown("throughput")
        assert shown.yours == 30
        assert shown.law == pytest.approx(20)
        assert shown.measured
        tile = next(one for one in application.window.metrics.findChildren(LineChart) if one.isVisible())
        await until(lambda: tile._data is not None and len(tile._data.marks) == 2, "lines of the law and the guess")

    drive(scene)


def test_a_line_dragged_on_a_chart_is_the_guess(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        window.metrics.expected.emit("latency", 250.0)
        assert window.predicting.predictions.shown("latency").yours == pytest.approx(0.25)
        window._chart.expected.emit("throughput", 70.0)
        assert window.predicting.predictions.shown("throughput").yours == 70

    drive(scene)


def test_what_was_measured_here_bounds_what_computes(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control, predicting = application.control, application.window.predicting
        control.change("workload", "id", "cpu_python")
        known = Calibration(serving_s=0.005, cores=2.0)
        assert predicting.measuring.wanted
        predicting.predictions.keep(control.scenario, known)
        assert not predicting.measuring.wanted
        assert predicting.predictions.shown("throughput").law == pytest.approx(1 / 0.025)

    drive(scene)


@pytest.mark.long
def test_it_measures_what_serving_costs_and_a_run_ends_that(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        control, predicting = application.control, application.window.predicting
        control.change("workload", "id", "timers")
        predicting.measuring.measure()
        assert predicting.measuring.busy
        control.run()
        await until(lambda: not predicting.measuring.busy, "the measuring to be ended by the run")
        assert predicting.predictions.calibration is None
        await until(lambda: control.state == "running", "the run")
        control.stop()
        await until(lambda: control.state == "stopped", "the run to be over")
        predicting.measuring.measure()
        await until(lambda: predicting.predictions.calibration, "what serving costs", 60.0)
        calibration = predicting.predictions.calibration
        assert calibration is not None
        assert calibration.serving_s > 0

    drive(scene)


@pytest.mark.long
def test_a_recording_is_held_against_the_law_of_its_setup(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        control, predictions = application.control, application.window.predicting.predictions
        control.change("dispatch", "tokens", 4)
        control.run()
        await until(lambda: predictions.shown("throughput").measured, "figures of the run")
        control.stop()
        await until(lambda: control.state == "stopped", "the run to be over")
        assert control.session is not None
        saved = await control.session.save(tmp_path / "run.cxrec")
        control.change("dispatch", "tokens", 9)
        control.open(saved.path)
        await until(lambda: control.state == "viewing" and not control.reading, "the recording")
        await until(lambda: predictions.shown("throughput").measured, "figures of the recording")
        assert predictions.shown("throughput").law == pytest.approx(20)

    drive(scene)
