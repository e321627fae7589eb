"""The command `export` makes an HTML report of a duel that was kept, and says in a sentence what it does not."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PySide6.QtWidgets import QApplication

from explorer.cli.export import export_command
from explorer.recording.archive import save
from explorer.recording.writer import RecordingWriter
from explorer.session.duel_file import write
from tests.desktop.duel.sample import told
from tests.unit.export.html.test_page import Document
from tests.unit.recording.runs import batches, run_json


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A duel with two small recordings."""
    folder = tmp_path / "kept"
    folder.mkdir()
    for name in "AB":
        run = run_json(tmp_path / name)
        writer = RecordingWriter(run, free=lambda path: 1 << 40)
        for batch in batches(20):
            writer.feed(batch)
        writer.close()
        save(run, folder / f"{name}.cxrec")
    write(folder, told())
    return folder


def call(*words: object) -> Result:
    return CliRunner().invoke(export_command, [str(word) for word in words])


@pytest.mark.parametrize("inside", ["", "duel.json"])
def test_a_kept_duel_becomes_one_file_with_the_lanes_of_each_run(kept: Path, qapp: QApplication, inside: str) -> None:
    target = kept.parent / "duel.html"
    done = call(kept / inside, "-o", target)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"Written: {target}\n")
    document = Document(target.read_text(encoding="utf-8"))
    images = [attributes["src"] or "" for name, attributes in document.elements if name == "img"]
    assert [len(image) > 10_000 for image in images] == [True, True]
    assert "B answers 9.8 times as many requests." in document.words


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("KEPT", "-o", "KEPT/x.csv"), "A duel is written as html only. Its recordings, A.cxrec to B.cxrec, can be"),
        (("KEPT", "--format", "html", "-o", "KEPT/B.cxrec"), "B.cxrec belongs to this duel."),
        (("KEPT", "--format", "html", "-o", "KEPT/duel.json"), "duel.json belongs to this duel."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(kept: Path, words: tuple[str, ...], sentence: str) -> None:
    before = {file: file.read_bytes() for file in kept.iterdir()}
    done = call(*(word.replace("KEPT", str(kept)) for word in words))
    assert done.exit_code == 2
    assert sentence in done.output
    assert done.output.count("\n") == 1
    assert {file: file.read_bytes() for file in kept.iterdir()} == before


def test_a_duel_without_one_of_its_recordings_is_refused(kept: Path) -> None:
    (kept / "B.cxrec").unlink()
    done = call(kept, "-o", kept.parent / "duel.html")
    assert done.exit_code == 2
    assert "B.cxrec is missing, which belongs to this duel." in done.output
    assert not (kept.parent / "duel.html").exists()
