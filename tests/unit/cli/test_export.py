"""The command `export`: what cannot be done is one sentence, before anything is written."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from explorer.cli.export import Line, export_command
from explorer.recording.archive import save
from explorer.recording.writer import RecordingWriter
from tests.unit.recording.runs import batches, run_json


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording of 140 invented spans."""
    writer = RecordingWriter(run_json(tmp_path / "run"), free=lambda path: 1 << 40)
    for batch in batches(20):
        writer.feed(batch)
    writer.close()
    return save(tmp_path / "run", tmp_path / "run.cxrec").path


def call(*words: object) -> Result:
    return CliRunner().invoke(export_command, [str(word) for word in words])


@pytest.mark.parametrize("name", ["out.pftrace", "out.json", "out.csv", "out.arrow"])
def test_it_writes_over_what_was_there_and_says_so_beside_standard_output(recording: Path, name: str) -> None:
    target = recording.with_name(name)
    target.write_text("old")
    done = call(recording, "-o", target)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"Written: {target}\n")
    assert target.stat().st_size > 1_000


def test_the_format_may_be_named(recording: Path) -> None:
    target = recording.with_name("table")
    assert call(recording, "--format", "csv", "-o", target).exit_code == 0
    assert target.read_text().startswith("start_s,start_ns,")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("FOLDER/missing.cxrec", "-o", "FOLDER/x.csv"), "missing.cxrec. Check the path."),
        (("FOLDER/run.cxrec", "-o", "FOLDER/x.xyz"), "x.xyz does not say which format is meant"),
        (("FOLDER/run.cxrec", "-o", "FOLDER/x", "--format", "cvs"), "Did you mean 'csv'?"),
        (("FOLDER/run.cxrec", "-o", "FOLDER/no/x.csv"), "does not exist. Create it or choose another file."),
        (("FOLDER/run.cxrec", "-o", "FOLDER", "--format", "csv"), "is a folder. Give the name of a file."),
        (("FOLDER/run.cxrec", "-o", "FOLDER/run.cxrec", "--format", "csv"), "is the recording itself."),
        (("FOLDER/run.cxrec", "-o", "FOLDER/x.csv", "--from", "3", "--to", "2"), "--from must be before --to."),
        (("FOLDER/run.cxrec", "-o", "FOLDER/x.csv", "--to", "nan"), "--to must be a number of seconds from 0 on."),
        (("FOLDER/run.cxrec", "-o", "FOLDER/x.csv", "--from", "9"), "choose a part of it that begins before."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(recording: Path, words: tuple[str, ...], sentence: str) -> None:
    folder = recording.parent
    before = sorted(folder.iterdir())
    done = call(*(word.replace("FOLDER", str(folder)) for word in words))
    assert done.exit_code == 2
    assert sentence in done.output
    assert done.output.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_the_help_lists_the_formats() -> None:
    text = call("--help").output
    for name in ("perfetto", "chrome", "csv", "arrow", "parquet", "hgrm", "png", "svg"):
        assert f"\n  {name} " in text


def test_a_terminal_sees_how_far_it_is_after_half_a_second(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [10.0]
    monkeypatch.setattr("explorer.cli.export.time.monotonic", lambda: now[0])
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    line = Line("CSV table")
    now[0] = 10.4
    line.show(100, 1_000)
    assert capsys.readouterr().err == ""
    now[0] = 10.6
    line.show(500, 1_000)
    told = capsys.readouterr().err
    assert " 50%  CSV table" in told
    assert told.count("█") == told.count("░") == 15
    line.clear()
    assert capsys.readouterr().err == "\r\x1b[K"


def test_without_a_terminal_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    line = Line("CSV table")
    line._began -= 5
    line.show(1, 2)
    line.clear()
    assert capsys.readouterr().err == ""
