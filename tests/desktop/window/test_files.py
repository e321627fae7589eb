"""Recordings that cannot be shown are a message, not a silence."""

import asyncio
import json
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import qasync
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QFileDialog

from explorer.collect.source import Batch
from explorer.desktop.app import Application
from explorer.recording.file_source import FileSource
from explorer.recording.writer import RecordingWriter
from tests.desktop.window.conftest import Drive, until
from tests.unit.recording.runs import run_json


def damaged(good: Path, bad: Path) -> None:
    """Copy a recording with its log cut into nonsense half-way."""
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "events.jsonl":
                lines = data.splitlines(keepends=True)
                data = b"".join(lines[: len(lines) // 2]) + b'{"type": "name", "number": "x"}\n' + b"".join(lines[5:])
            target.writestr(name, data)


def test_a_recording_that_is_damaged_in_the_middle_is_said(drive: Drive, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.cxrec", tmp_path / "bad.cxrec"

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.run()
        await until(lambda: control.state == "running" and control.store.count > 50, "a run")
        control.stop()
        await until(lambda: control.state == "stopped", "its end")
        control.save(good)
        await until(good.exists, "the file")
        damaged(good, bad)
        control.open(bad)
        await until(lambda: window.messages.sentences, "the sentence")

    drive(scene)


def test_a_damage_that_nobody_foresaw_is_said_once(
    drive: Drive, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = RecordingWriter(run_json(run_folder))
    writer.close()
    polls: list[FileSource] = []

    def poll(source: FileSource) -> Batch:
        polls.append(source)
        raise LookupError("nowhere")

    monkeypatch.setattr(FileSource, "poll", poll)

    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        refused: list[str] = []
        control.went_wrong.connect(lambda title, sentence: refused.append(sentence))
        control.open(run_folder)
        await until(lambda: window.messages.sentences, "the sentence")
        for _ in range(3):
            control.bridge.framed.emit()
        assert len(polls) == len(refused) == 1
        assert refused[0].startswith("run is damaged")
        assert "LookupError: nowhere" in refused[0]

    drive(scene)


def test_the_save_dialog_suggests_a_name(drive: Drive) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        window.actions_.trigger("save_scenario")
        dialog = window.findChild(QFileDialog)
        assert dialog is not None
        [name] = [Path(name).name for name in dialog.selectedFiles()]
        title, time = name.removesuffix(".scenario.toml").rsplit(" 2", 1)
        assert title == "Event loop, thread pool, sleep"
        assert datetime.strptime(f"2{time}", "%Y-%m-%d %H.%M.%S") <= datetime.now()
        assert dialog.defaultSuffix() == "scenario.toml"
        dialog.reject()
        assert control.state == "empty"

    drive(scene)


def test_a_recording_opens_the_machine_to_nobody_and_names_no_program(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        file = tmp_path / "theirs.cxrec"
        control.run()
        await until(lambda: control.state == "running" and control.store.count > 50, "a run")
        control.stop()
        await until(lambda: control.state == "stopped", "its end")
        control.save(tmp_path / "good.cxrec")
        await until((tmp_path / "good.cxrec").exists, "the file")
        own = control.scenario
        with zipfile.ZipFile(tmp_path / "good.cxrec") as source, zipfile.ZipFile(file, "w") as target:
            for name in source.namelist():
                data = source.read(name)
                if name == "run.json":
                    run = json.loads(data)
                    run["scenario"]["server"] |= {"host": "0.0.0.0", "port": 80, "interpreter": "/tmp/theirs"}
                    run["scenario"]["load"]["users"] = 3
                    data = json.dumps(run).encode()
                target.writestr(name, data)
        control.open(file)
        assert control.state == "viewing"
        assert control.scenario.server == own.server
        assert control.scenario.load.users == 3
        assert "Host and Port and Interpreter" in window.messages.sentences[0]
        await until(lambda: control.ended_ns, "the recording")

    drive(scene)


def test_a_recording_that_cannot_be_saved_is_said(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window, control = application.window, application.control
        control.run()
        await until(lambda: control.state == "running", "a run")
        control.save(tmp_path / "missing" / "run.cxrec")
        await until(lambda: window.messages.sentences, "the sentence")
        assert str(tmp_path / "missing") in window.messages.sentences[0]

    drive(scene)


def test_a_scenario_that_cannot_be_saved_is_said(drive: Drive, tmp_path: Path) -> None:
    async def scene(application: Application) -> None:
        window = application.window
        window.actions_.trigger("save_scenario")
        dialog = window.findChild(QFileDialog)
        assert dialog is not None
        file = tmp_path / "missing" / "my.toml"
        dialog.fileSelected.emit(str(file))
        [sentence] = window.messages.sentences
        assert sentence == f"{file} cannot be written (No such file or directory). Choose another place."
        dialog.reject()

    drive(scene)


def test_pythons_are_looked_for_beside_a_scenario_and_not_beside_a_recording(drive: Drive, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    scenario, recording = tmp_path / "mine" / "mine.toml", tmp_path / "theirs.cxrec"
    scenario.write_text('name = "mine"', encoding="utf-8")
    recording.write_bytes(b"")

    async def scene(application: Application) -> None:
        control = application.control
        control.open(recording)
        control.open(scenario)
        assert control.interpreters._near == (tmp_path.resolve() / "mine",)

    drive(scene)


def test_who_hears_that_a_recording_is_on_the_screen_knows_that_it_is_one(drive: Drive, run_folder: Path) -> None:
    RecordingWriter(run_json(run_folder)).close()

    async def scene(application: Application) -> None:
        control = application.control
        heard: list[str] = []
        control.run_began.connect(lambda: heard.append(control.state))
        control.state_changed.connect(lambda state: heard.append(f"now {state}"))
        control.open(run_folder)
        assert heard == ["viewing", "now viewing"]
        await until(lambda: not control.reading, "the end of the recording")
        control.run()
        await until(lambda: len(heard) > 3, "a run")
        assert heard[2:4] == ["starting", "now starting"]
        control.stop()

    drive(scene)


@pytest.mark.skipif(sys.platform == "win32", reason="Qt keeps it in the registry there")
def test_what_the_dialogs_of_qt_keep_lies_with_all_else(qapp: QApplication, tmp_path: Path) -> None:
    async def scene() -> None:
        application = Application(tmp_path, "dark")
        try:
            # As Qt's file dialog asks for it.
            kept = QSettings(QSettings.Scope.UserScope, "QtProject")
            kept.setValue("FileDialog/lastVisited", tmp_path.as_uri())
            kept.sync()
            assert Path(kept.fileName()) == tmp_path / "QtProject.conf"
            assert (tmp_path / "QtProject.conf").is_file()
        finally:
            await application.close()

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
        runner.run(scene())
