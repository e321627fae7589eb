"""An export is whole or not there; what cannot be written is one sentence."""

import importlib.util
import os
from pathlib import Path

import pytest

from explorer.export import format as module
from explorer.export.format import choose, export, formats
from explorer.export.job import Job
from explorer.export.target import whole_file
from explorer.option_error import OptionError
from explorer.progress import Cancelled
from tests.unit.export.runs import LOOP, batch, declared, recorded, span


def job(**more: object) -> Job:
    run = [declared(batch(1_000, [span(LOOP, at, at + 5) for at in range(0, 1_000, 10)]))]
    return Job(recorded(run), **more)  # type: ignore[arg-type]


def test_the_format_is_known_by_the_suffix_or_by_its_name() -> None:
    known = formats()
    assert choose(known, None, Path("run.CSV")).id == "csv"
    assert choose(known, "chrome", Path("run.csv")).id == "chrome"


def test_an_unknown_format_gets_the_nearest_name_and_an_unknown_suffix_all_of_them() -> None:
    with pytest.raises(OptionError, match=r"There is no format 'perfeto'. Did you mean 'perfetto'\?"):
        choose(formats(), "perfeto", Path("run"))
    with pytest.raises(OptionError, match=r"run\.xyz does not say .* a name that ends in \.pftrace, \.json"):
        choose(formats(), None, Path("run.xyz"))


@pytest.mark.parametrize("identity", ["perfetto", "chrome", "csv", "arrow"])
def test_a_cancelled_export_leaves_nothing_and_the_old_file_as_it_was(identity: str, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("old")
    told: list[int] = []

    def progress(done: int, total: int) -> None:
        told.append(done)
        if done >= 900:
            raise Cancelled

    with pytest.raises(Cancelled):
        export(job(progress=progress), choose(formats(), identity, target), target)
    assert told[-1] >= 900
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
    assert target.read_text() == "old"


def test_a_finished_export_takes_the_place_of_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "run.csv"
    target.write_text("old")
    export(job(), choose(formats(), None, target), target)
    assert len(target.read_text().splitlines()) == 101
    assert [each.name for each in tmp_path.iterdir()] == ["run.csv"]


def test_a_disk_that_refuses_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"cannot be written \(No space left on device\)"), whole_file(tmp_path / "x"):
        raise OSError(28, os.strerror(28))
    assert not list(tmp_path.iterdir())
    missing = r"cannot be written \(No such file or directory\)\. Choose another folder"
    with pytest.raises(OptionError, match=missing), whole_file(tmp_path / "missing" / "x"):
        pass


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pyarrow" else found(name))
    with pytest.raises(OptionError, match=r"The package pyarrow is missing; install with: .* -m pip install pyarrow"):
        export(job(), choose(formats(), "parquet", tmp_path / "x"), tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_a_picture_is_what_the_job_draws(tmp_path: Path) -> None:
    target = tmp_path / "run.svg"
    export(job(picture=lambda kind: f"<{kind}/>".encode()), choose(formats(), None, target), target)
    assert target.read_text() == "<svg/>"
    with pytest.raises(OptionError, match="cannot be drawn here"):
        export(job(), choose(formats(), None, target), target)


def test_two_formats_of_one_name_are_an_error_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "doubled"
    package.mkdir()
    (package / "__init__.py").touch()
    for name in ("one", "two"):
        (package / f"{name}.py").write_text("from explorer.export.formats.csv import feature as feature\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(module, "PACKAGE", "doubled")
    with pytest.raises(ValueError, match="two formats are called 'csv'"):
        formats()
    (package / "two.py").write_text("feature = 3\n")
    monkeypatch.setattr(module, "PACKAGE", "doubled_again")
    package.rename(tmp_path / "doubled_again")
    with pytest.raises(TypeError, match=r"doubled_again\.two holds no 'feature'"):
        formats()
