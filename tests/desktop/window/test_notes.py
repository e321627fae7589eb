"""Notes in the window: they outlive the run, the recording that is opened, and a place that cannot be written."""

import asyncio
import os
from pathlib import Path

import pytest

from explorer.desktop.app import Application
from explorer.recording import note_files
from explorer.recording.archive import save
from explorer.recording.notes import Notes
from explorer.recording.writer import RecordingWriter
from tests.desktop.window.conftest import Drive, until
from tests.unit.recording.runs import batches, run_json
from tests.unit.recording.test_notes import read


def archive(folder: Path) -> Path:
    """A small recording."""
    writer = RecordingWriter(run_json(folder / "run"))
    for batch in batches(40):
        writer.feed(batch)
    writer.close()
    save(folder / "run", folder / "a.cxrec")
    return folder / "a.cxrec"


async def opened(application: Application, path: Path) -> None:
    application.window.open(path)
    control = application.control
    await until(lambda: control.source_path == path and control.ended_ns, "the recording")


def texts(notes: Notes) -> list[str]:
    return [note.text for note in notes.shown]


async def replay_meanwhile(application: Application) -> None:
    """The run goes on while its past is replayed, and following it where that ends."""
    window, control = application.window, application.control
    player = window.timeline.replay
    await until(lambda: window.timeline.scene.follow.horizon > (control.store.first or 1 << 62), "a past")
    window.actions_.trigger("replay")
    window.actions_.trigger("replay_play")
    assert player.clock is not None
    at, count = player.clock.moment, control.store.count
    await until(lambda: control.store.count > count + 20, "more records")
    assert (player.clock.moment, window.timeline.scene.follow.now) == (at, at)
    window.actions_.trigger("follow")
    assert window.timeline.following
    assert window.timeline.scene.follow.now > at
    window.actions_.trigger("replay")


@pytest.mark.long
def test_a_run_keeps_its_notes_and_so_does_what_is_saved_of_it(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        put = window.note_tools.keeping.put
        control.run()
        await until(lambda: control.state == "running" and control.store.count > 20, "a run")
        assert put(control.store.now, "while it runs") is not None
        session = control.session
        assert session is not None
        await until(lambda: texts(read(session.run)) == ["while it runs"], "it to be in the log")
        control.save(tmp_path / "going.cxrec")
        await until((tmp_path / "going.cxrec").exists, "the file")
        assert texts(read(tmp_path / "going.cxrec")) == ["while it runs"]
        await replay_meanwhile(application)
        control.stop()
        await until(lambda: control.state == "stopped", "its end")
        assert application.bridge._timer.isActive(), "the replay goes on"
        assert window.timeline.clear()
        assert not application.bridge._timer.isActive()
        put(control.store.now, "when it was over")
        await window.note_tools.keeping.settled()
        control.save(tmp_path / "over.cxrec")
        await until((tmp_path / "over.cxrec").exists, "the file")
        await opened(application, tmp_path / "over.cxrec")
        assert texts(control.notes) == ["while it runs", "when it was over"]
        assert window.note_tools.list.text() == "2"

    drive(scene)


def test_notes_of_a_recording_are_in_it_when_it_is_opened_again(drive: Drive, tmp_path: Path) -> None:
    path = archive(tmp_path)

    async def scene(application: Application) -> None:
        keeping = application.window.note_tools.keeping
        await opened(application, path)
        for number in range(5):
            keeping.put(number * 1_000, f"note {number}")
        await keeping.settled()
        assert note_files.read_aside(note_files.key_of(path)) == [], "they are in the file"
        first = keeping.notes.shown[0]
        keeping.put(first.time, "", first.id)
        await keeping.settled()
        assert texts(read(path)) == [f"note {number}" for number in range(1, 5)]
        await opened(application, path)
        assert texts(application.control.notes) == [f"note {number}" for number in range(1, 5)]

    drive(scene)


def test_a_recording_that_cannot_be_written_is_said_once_and_nothing_is_lost(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path)
    before = path.read_bytes()

    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        keeping = window.note_tools.keeping
        await opened(application, path)
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", _only_below(tmp_path, refuse))
            for number in range(2):
                keeping.put(number, f"note {number}")
                await keeping.settled()
        assert path.read_bytes() == before
        assert [s for s in window.messages.sentences if "cannot be written (Permission denied)" in s]
        assert len(window.messages.sentences) == 1
        await opened(application, path)
        assert texts(control.notes) == ["note 0", "note 1"]
        control.save(tmp_path / "copy.cxrec")
        await until((tmp_path / "copy.cxrec").exists, "the copy")
        assert texts(read(tmp_path / "copy.cxrec")) == ["note 0", "note 1"]
        note_files.forget_aside(note_files.key_of(path))
        await asyncio.sleep(0)

    drive(scene)


def _only_below(folder: Path, refuse):  # type: ignore[no-untyped-def]
    """`os.replace` that refuses in one folder."""
    really = os.replace

    def replace(source: Path, target: Path) -> None:
        (refuse if Path(target).parent == folder else really)(source, target)

    return replace
