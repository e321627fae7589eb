"""The window exports what is on its screen, without standing still meanwhile."""

import base64
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QFileDialog

from explorer.desktop.app import Application
from explorer.desktop.timeline.rows import RowKind
from explorer.export.format import Format, formats
from explorer.export.job import Job
from explorer.recording import copies
from explorer.recording.archive import Saved
from explorer.recording.writer import RecordingWriter
from explorer.records.states import State
from tests.desktop.window.conftest import Drive, until
from tests.unit.recording.importers.opened import slice_, trace
from tests.unit.recording.runs import batches, run_json


def recording(folder: Path) -> Path:
    """A run folder with 140 invented spans, read by `open` as a file is."""
    writer = RecordingWriter(run_json(folder), free=lambda path: 1 << 40)
    for batch in batches(20):
        writer.feed(batch)
    writer.close()
    return folder


async def opened(application: Application, folder: Path) -> None:
    """Show a recording and wait until it is all there."""
    application.control.open(recording(folder))
    await until(lambda: application.control.ended_ns, "the recording")


def of(identity: str) -> Format:
    """A format by its id."""
    return next(one for one in formats() if one.id == identity)


def test_with_nothing_on_the_screen_it_says_so(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        application.window.actions_.trigger("export")
        [sentence] = application.window.messages.sentences
        assert sentence == "Run something or open a recording first; then it can be exported."
        assert application.window.findChild(QFileDialog) is None

    drive(scene)


def test_the_dialog_offers_every_format_and_its_suffix(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        await opened(application, tmp_path / "run")
        window.actions_.trigger("export")
        dialog = window.findChild(QFileDialog)
        assert dialog is not None
        kinds = dialog.nameFilters()
        assert [kind.split(" – ")[0] for kind in kinds] == [one.title for one in formats()]
        assert Path(dialog.selectedFiles()[0]).name == "run.pftrace"
        chosen = next(kind for kind in kinds if kind.startswith("CSV"))
        dialog.selectNameFilter(chosen)
        dialog.filterSelected.emit(chosen)
        assert Path(dialog.selectedFiles()[0]).name == "run.csv"
        dialog.fileSelected.emit(str(tmp_path / "run.csv"))
        dialog.reject()
        await until(lambda: not window.export.work.busy, "the export")
        assert window.messages.sentences == [f"The export is in {tmp_path / 'run.csv'}."]
        assert len((tmp_path / "run.csv").read_text().splitlines()) == 142  # with one that had not ended

    drive(scene)


@pytest.mark.parametrize(("name", "begins"), [("run.csv", b"start_s,"), ("run.SVG", b"<?xml"), ("run.txt", b"\n")])
@pytest.mark.long
def test_the_name_says_the_format_whatever_is_preselected(
    drive: Drive, tmp_path: Path, name: str, begins: bytes
) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        await opened(application, tmp_path / "run")
        window.actions_.trigger("export")
        dialog = window.findChild(QFileDialog)
        assert dialog is not None
        assert dialog.selectedNameFilter().startswith("Perfetto")
        dialog.fileSelected.emit(str(tmp_path / name))
        dialog.reject()
        await until(lambda: not window.export.work.busy, "the export")

    drive(scene)
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_picture_shows_what_the_window_shows(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        await opened(application, tmp_path / "run")
        size, legend = window.timeline.size(), window.legend.height()
        for kind in ("png", "svg"):
            window.messages.clear()  # they take room from the lanes
            window.export.export(of(kind), tmp_path / f"run.{kind}")
            await until(lambda: not window.export.work.busy, "the picture")
        picture = QImage(str(tmp_path / "run.png"))
        assert picture.width() == 2 * size.width()
        assert picture.height() == 2 * (size.height() + legend)
        drawing = QSvgRenderer(str(tmp_path / "run.svg"))
        assert drawing.isValid()
        assert drawing.viewBox().width() == size.width()
        running = application.theme.state(State.RUNNING).fill
        assert any(
            picture.pixelColor(x, y) == running for x in range(0, picture.width(), 2) for y in range(picture.height())
        )

    drive(scene)


@pytest.mark.long
def test_a_report_has_the_window_in_both_themes_and_leaves_it_in_its_own(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window, theme = application.window, application.theme
        await opened(application, tmp_path / "run")
        theme.use("light")  # not the one that is drawn last
        lanes = window.timeline.lanes.grab().toImage()
        window.export.export(of("html"), tmp_path / "run.html")
        assert theme.name == "light"
        await until(lambda: not window.export.work.busy, "the report")
        sources = re.findall(r'="data:image/png;base64,([^"]+)"', (tmp_path / "run.html").read_text())
        dark, light = (QImage.fromData(base64.b64decode(source)) for source in sources)
        assert dark.pixelColor(4, 4).lightness() < 60 < 200 < light.pixelColor(4, 4).lightness()
        window.messages.clear()
        assert window.timeline.lanes.grab().toImage().pixelColor(4, 4) == lanes.pixelColor(4, 4)

    drive(scene)


def test_a_picture_says_how_many_lanes_are_out_of_sight(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        await opened(application, tmp_path / "run")
        room = window.timeline.lanes.height()
        window.timeline.setFixedHeight(window.timeline.height() - room + 30)
        QApplication.processEvents()
        scene = window.timeline.scene
        number = sum(one.row.kind is not RowKind.GROUP for one in scene.layout.placed if one.bottom > scene.room)
        assert number > 1
        said = f"{number} more lanes are not in this picture, which shows the lanes in sight."
        window.export.export(of("svg"), tmp_path / "run.svg")
        await until(lambda: not window.export.work.busy, "the picture")
        assert window.messages.sentences == [f"The export is in {tmp_path / 'run.svg'}. {said}"]
        assert said in (tmp_path / "run.svg").read_text()
        window.messages.clear()
        window.export.export(of("csv"), tmp_path / "run.csv")
        await until(lambda: not window.export.work.busy, "the table")
        assert window.messages.sentences == [f"The export is in {tmp_path / 'run.csv'}."]

    drive(scene)


def test_an_export_shows_how_far_it_is_and_can_be_cancelled(drive: Drive, tmp_path: Path) -> None:
    ended = threading.Event()

    def write(job: Job, file: BinaryIO) -> None:
        try:
            while True:
                job.tell(0.5, 0, 1_000)
                file.write(b"x")
                ended.wait(0.001)
        finally:
            ended.set()

    async def scene(application: Application) -> None:
        window = application.window
        await opened(application, tmp_path / "run")
        endless = Format("endless", "Endless", ".endless", "Never ends.", 99, write)
        window.export.export(endless, tmp_path / "run.endless")
        await until(lambda: window.export.work.box is not None, "the bar")
        box = window.export.work.box
        assert box is not None
        assert box.isVisible()
        await until(lambda: box.said == "50%", "its figure")
        box.cancel.click()
        await until(lambda: not window.export.work.busy, "its end")
        assert ended.is_set()
        assert [each.name for each in tmp_path.iterdir()] == ["run"]
        assert window.messages.sentences == ["You ended the export; no file was left."]

    drive(scene)


@pytest.mark.long
def test_saving_shows_how_far_it_is_and_can_be_cancelled(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "kept.cxrec"

    def endless(run: Path, path: Path, *, progress: Callable[[float], None]) -> Saved:
        while True:
            progress(0.25)

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        await opened(application, tmp_path / "run")
        assert not {offer.key: offer for offer in window.offers.all("")}["save"].reason
        with monkeypatch.context() as patched:
            patched.setattr(copies, "save", endless)
            control.save(target)
            await until(lambda: window.files.work.box is not None, "the bar")
            box = window.files.work.box
            assert box is not None
            await until(lambda: box.said == "25%", "its figure")
            control.save(target)
            assert window.messages.sentences == ["Wait until it is written, or cancel it."]
            box.cancel.click()
            await until(lambda: not window.files.work.busy, "its end")
        assert "You ended it; no file was left." in window.messages.sentences
        control.save(target)  # and closes the window, which waits for it

    drive(scene)
    assert target.is_file()


def test_what_cannot_be_written_is_a_message(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        await opened(application, tmp_path / "run")
        window.export.export(of("csv"), tmp_path / "missing" / "run.csv")
        await until(lambda: window.messages.sentences, "the sentence")
        assert str(tmp_path / "missing" / "run.csv") in window.messages.sentences[0]

    drive(scene)


def test_a_trace_is_not_written_over_by_what_was_made_of_it(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        path = trace(tmp_path / "a.json", [slice_("f", 0, 1)])
        before = path.read_bytes()
        control.open(path)
        await until(lambda: control.ended_ns, "the trace")
        window.export.export(of("chrome"), tmp_path / "." / "a.json")
        assert not window.export.work.busy
        assert "is what is on the screen" in window.messages.sentences[0]
        assert path.read_bytes() == before

    drive(scene)


def test_a_window_that_closes_ends_its_export(drive: Drive, tmp_path: Path) -> None:
    ended = threading.Event()

    def write(job: Job, file: BinaryIO) -> None:
        try:
            while True:
                job.tell(0.5, 0, 1_000)
        finally:
            ended.set()

    async def scene(application: Application) -> None:
        await opened(application, tmp_path / "run")
        endless = Format("endless", "Endless", ".endless", "Never ends.", 99, write)
        application.window.export.export(endless, tmp_path / "run.endless")

    drive(scene)
    assert ended.is_set()
    assert [each.name for each in tmp_path.iterdir()] == ["run"]
