"""Opening a trace in the window: what shows meanwhile, what shows afterwards, and how to end it."""

import json
from pathlib import Path

import pytest

from explorer.desktop import control as control_module
from explorer.desktop.app import Application
from explorer.desktop.timeline.rows import RowKind
from explorer.recording.importers import chrome
from tests.desktop.window.conftest import Drive, until

RECORDED = Path(__file__).parents[2] / "recordings" / "viztracer.json"


def spans(path: Path, count: int) -> Path:
    """A trace with so many spans on one thread."""
    events = [
        {"ph": "X", "name": "f", "ts": n * 10, "dur": 5, "pid": 7, "tid": 1, "args": {"n": 1}} for n in range(count)
    ]
    path.write_text(json.dumps(events))
    return path


def test_a_trace_shows_threads_with_a_row_for_each_depth(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.open(RECORDED)
        await until(lambda: control.state == "viewing" and not control.reading, "the trace")
        control.bridge.framed.emit()
        rows = window.timeline.scene.rows
        assert [row.title for row in rows if row.kind is RowKind.GROUP] == ["MainProcess"]
        assert [row.title for row in rows if row.kind is RowKind.LANE] == [
            "MainThread",
            "worker-0",
            "worker-1",
            "worker-2",
        ]
        assert sum(row.kind is RowKind.DEPTH for row in rows) > 12
        assert "does not say what a thread did" in window.messages.sentences[0]

    drive(scene)


def test_a_trace_claims_nothing_that_it_does_not_tell(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.open(RECORDED)
        await until(lambda: control.state == "viewing" and not control.reading, "the trace")
        control.bridge.framed.emit()
        window.metrics.frame(control.store.now + 10**9)
        figures = [tile._figure.text() for tile in window.metrics._tiles]
        assert figures == ["–"] * 4
        assert window.served_by.words() == ""
        window.top.refresh()
        assert window.top._clock.text() == "", "no run's time goes on here"
        assert window.events._empty(False, 0) == "There is no event in this recording."
        window.actions_.trigger("slower")
        assert any("There is no request that is over" in sentence for sentence in window.messages.sentences)

    drive(scene)


def test_arguments_are_shown_for_a_chosen_span(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.open(spans(tmp_path / "a.json", 3))
        await until(lambda: not control.reading, "the trace")
        span = control.store.find(1, 0, (control.store.first or 0) + 1)
        assert span is not None
        assert ("Arguments", "n: 1") in window.inspector._span_facts(span)

    drive(scene)


def test_progress_shows_after_half_a_second_and_cancel_after_two(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_module, "READ_S", 0.0)
    monkeypatch.setattr(chrome, "POLL_EVENTS", 10)

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        opening, now = window._opening, [0.0]
        opening._clock = lambda: now[0]
        window.open(spans(tmp_path / "a.json", 1_000))
        control.bridge.pause()

        def at(seconds: float) -> None:
            now[0] = seconds
            control.bridge.framed.emit()

        at(10.0)
        at(10.4)
        assert opening.box is None
        at(10.5)
        assert opening.box is not None
        assert "MB" in opening.box.said
        assert opening.box.cancel.isHidden()
        at(12.1)
        assert not opening.box.cancel.isHidden()
        assert control.reading
        opening.box.cancel.click()
        assert not control.reading
        control.bridge.framed.emit()
        assert opening.box is None
        assert control.state == "empty"

    drive(scene)


def test_what_was_read_before_cancel_stays(drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "READ_S", 0.0)
    monkeypatch.setattr("explorer.recording.importers.arrange.BATCH_SPANS", 100)

    async def scene(application: Application) -> None:
        control = application.control
        control.open(spans(tmp_path / "a.json", 1_000))
        control.bridge.pause()
        while not control.store.count:
            control.bridge.framed.emit()
        control.stop_reading()
        assert control.state == "viewing"
        assert 0 < control.store.count < 1_000
        assert control.ended_ns == control.store.last

    drive(scene)


def test_a_trace_that_turns_out_to_be_none_is_said(drive: Drive, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"ph": "X"}]')

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.open(path)
        await until(lambda: window.messages.sentences, "the sentence")
        assert "holds no event that could be shown" in window.messages.sentences[0]
        assert not control.reading

    drive(scene)
