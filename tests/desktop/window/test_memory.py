"""How much of a run is kept in memory is chosen beside the space on disk, remembered, and offered where it is short."""

from pathlib import Path

from explorer.desktop.app import Application
from explorer.desktop.memory_choice import NOT_ALL
from explorer.desktop.state import WindowState
from explorer.desktop.widgets.button import Button
from explorer.recording.writer import RecordingWriter
from explorer.store.budget import DEFAULT_GIB, GIB
from tests.desktop.window.conftest import Drive, until
from tests.unit.recording.runs import batches, run_json

SPANS = 350
SHORT = 45_000
"""Bytes: less than these spans take."""


def recorded(folder: Path) -> Path:
    """The folder of a run with `SPANS` spans in one row."""
    writer = RecordingWriter(run_json(folder))
    for part in batches(50):
        writer.feed(part)
    writer.close()
    return folder


def offered(application: Application) -> Button:
    """What can be done about a recording that did not fit."""
    [shown] = [one for one in application.window.messages._shown if one[0] == NOT_ALL]
    return shown[2].buttons[0]


def test_a_recording_that_did_not_fit_is_offered_again_with_more_memory(drive: Drive, tmp_path: Path) -> None:
    run = recorded(tmp_path / "run")

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.allow(SHORT)
        control.open(run)
        await until(lambda: control.state == "viewing" and not control.reading, "the recording")
        assert control.store.dropped
        assert f"Of {SPANS} spans the newest {control.store.count}" in window.messages.sentences[0]
        more = offered(application)
        assert more.text() == "More memory"
        more.click()
        dialog = window.kept.dialog
        assert dialog is not None
        dialog.memory.combo.chosen.emit("1")
        dialog.accept()
        assert control.memory == GIB
        assert application.state.memory_gib == 1.0
        again = offered(application)
        assert again.text() == "Open it again"
        again.click()
        await until(lambda: control.store.count == SPANS, "all of it")
        assert window.messages.sentences == []

    drive(scene)


def test_it_is_shown_as_it_is_and_told_in_spans(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        application.window.kept.show()
        dialog = application.window.kept.dialog
        assert dialog is not None
        assert dialog.memory.combo.currentText() == f"{DEFAULT_GIB:g} GiB"
        assert "11 million spans" in dialog.memory._words.text()
        dialog.accept()

    drive(scene)


def test_it_is_remembered_and_a_file_that_says_nonsense_is_not(tmp_path: Path) -> None:
    state = WindowState(tmp_path)
    assert state.memory_gib == DEFAULT_GIB
    state.memory_gib = 1.0
    state.save()
    assert WindowState(tmp_path).memory_gib == 1.0
    (tmp_path / "window.json").write_text('{"memory_gib": "much"}')
    assert WindowState(tmp_path).memory_gib == DEFAULT_GIB
