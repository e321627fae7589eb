"""After a crash the last run is offered again; all kept runs can be listed, opened and deleted."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from explorer.desktop.app import Application
from explorer.desktop.file_names import file_stem, stem_on_screen
from explorer.desktop.gallery.card_button import CardButton
from explorer.desktop.gallery.cards import RECENT
from explorer.desktop.gallery.page import GalleryPage
from explorer.desktop.kept_runs import CUT_SHORT, GIB, size_words
from explorer.desktop.titles import title_of
from explorer.paths import remove_run_folder
from explorer.recording import owner, retention
from explorer.recording.file_source import FileSource
from explorer.recording.writer import RecordingWriter
from tests.desktop.window.conftest import Drive, until
from tests.unit.recording.runs import batches, read_all, run_json
from tests.unit.recording.test_retention import gone

__all__ = ["gone"]


def recorded(name: str, *, began_s: float, pid: int, end: bool) -> Path:
    """A kept run; without `end` it was cut short, `pid` being that of its recorder."""
    folder = retention.runs_folder() / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    run_json(folder, anchor={"monotonic_ns": 1_000, "wall_ns": round(began_s * 1e9)})
    writer = RecordingWriter(folder)
    for part in batches(50):
        writer.feed(part)
    writer.close()
    log = folder / "events.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    lines[0] |= {"pid": pid}
    log.write_text("".join(json.dumps(line) + "\n" for line in (lines if end else lines[:-1])))
    return folder


@pytest.fixture
def crashed(gone: int) -> Iterator[Path]:
    """A run that a crash cut short, and a newer one that ended well."""
    now = time.time()
    other = recorded("20991231-120001-b", began_s=now, pid=gone, end=True)
    yield recorded("20991231-120000-a", began_s=now - 60, pid=gone, end=False)
    for folder in (other, retention.runs_folder() / "20991231-120000-a"):
        remove_run_folder(folder)
    (retention.runs_folder().parent / retention.LIMIT_FILE).unlink(missing_ok=True)


def recent_cards(application: Application) -> list[CardButton]:
    """The cards of runs on the start page."""
    application.window.home.show()
    page = application.window.labs.made["lessons"]
    assert isinstance(page, GalleryPage)
    return [one for one in page.board.buttons if one.card.section == RECENT]


def test_the_last_run_is_offered_again_until_it_was_seen(drive: Drive, crashed: Path, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.kept.refresh(started=True)
        assert any("what was recorded until then is kept" in sentence for sentence in window.messages.sentences)
        first = recent_cards(application)[0]
        assert first.text().startswith("Recovered run: "), "first, although another is newer"
        first.click()
        assert not window.labs.shown
        await until(lambda: control.ended_ns, "the run")
        assert not window.compare.shown, "its folder is no duel's"
        assert control.store.count == 350
        assert control.state == "viewing"
        assert window.messages.sentences == []
        assert owner.held(crashed), "nobody else deletes it meanwhile"
        run = next(one for one in retention.recent() if one.path == crashed)
        when = datetime.fromtimestamp(run.started)
        assert stem_on_screen(control) == file_stem(title_of(control.catalog, control.scenario), when)
        control.save(tmp_path / "recovered.cxrec")
        await until((tmp_path / "recovered.cxrec").exists, "the file")
        assert sum(len(batch.spans) for batch in read_all(FileSource(tmp_path / "recovered.cxrec"))) == 350
        window.kept.refresh(started=True)
        assert not any("is kept" in sentence for sentence in window.messages.sentences)

    drive(scene)


def test_dismissed_it_is_told_no_more_but_listed(drive: Drive, crashed: Path) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        window.kept.refresh(started=True)
        [shown] = [one for one in window.messages._shown if one[0] == CUT_SHORT]
        dismiss = shown[2].buttons[-1]
        assert dismiss.text() == "Dismiss"
        dismiss.click()
        assert CUT_SHORT not in [one[0] for one in window.messages._shown]
        window.kept.refresh(started=True)
        assert CUT_SHORT not in [one[0] for one in window.messages._shown]
        titles = [card.text() for card in recent_cards(application)]
        assert any(title.startswith("Recovered run: ") for title in titles)

    drive(scene)


def test_runs_are_listed_opened_and_deleted(drive: Drive, crashed: Path) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.actions_.trigger("recent")
        dialog = window.kept.dialog
        assert dialog is not None
        rows = {run.path.name: (name, delete) for run, name, delete in dialog.rows}
        name, _ = rows[crashed.name]
        name.click()
        await until(lambda: control.source_path == crashed and control.ended_ns, "the run")
        assert window.kept.dialog is None
        window.kept.show()
        dialog = window.kept.dialog
        assert dialog is not None
        rows = {run.path.name: (name, delete) for run, name, delete in dialog.rows}
        assert not rows[crashed.name][1].isEnabled(), "what is on the screen stays"
        other = next(each for each in rows if each != crashed.name and (retention.runs_folder() / each).is_dir())
        delete = rows[other][1]
        delete.click()
        assert (retention.runs_folder() / other).is_dir(), "it asks first"
        assert delete.text() == "Delete for good"
        delete.click()
        assert not (retention.runs_folder() / other).exists()
        assert other not in {run.path.name for run, _, _ in dialog.rows}
        dialog.accept()

    drive(scene)


def test_the_space_for_runs_is_chosen_and_holds_at_once(drive: Drive, crashed: Path) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        assert retention.limit() == retention.LIMIT_BYTES
        window.kept.show()
        dialog = window.kept.dialog
        assert dialog is not None
        assert dialog.limit.current() == "5"
        dialog.limited.emit(0)
        assert retention.limit() == 0
        assert not crashed.exists(), "the newest run alone is left"
        dialog.limited.emit(20)
        assert retention.limit() == 20 * GIB
        dialog.accept()

    drive(scene)


def test_sizes_in_words() -> None:
    assert [size_words(n) for n in (0, 1 << 19, 340 << 20, 3 << 30)] == ["0.0 MiB", "0.5 MiB", "340 MiB", "3.0 GiB"]
