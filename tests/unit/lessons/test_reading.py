"""A lesson is written by hand: each mistake is named with its file and line, and a corrected file is read again."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from explorer.catalog import Catalog
from explorer.lessons.claims import judge
from explorer.lessons.lesson import Lesson
from explorer.lessons.library import Broken, Library
from explorer.lessons.mistake import Mistake
from explorer.lessons.reading import read_lesson
from explorer.lessons.runs import scenario_of
from explorer.paths import resources

SAMPLE = resources() / "lessons" / "forty-tokens"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a lesson, to be spoilt."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "lessons" / "mine"))


def _replace(file: Path, old: str, new: str) -> int:
    """Put `new` in the place of the first `old`; the line (from 1) it then stands in."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("minutes = 5", "minutes = ", "TOML"),
        ("minutes = 5", 'minutes = "five"', "'minutes'"),
        ("minutes = 5", "minuts = 5", "'minutes' is missing"),
        ('shape = "wall"', 'shap = "wall"', "shape"),
        ("tokens = 40", "tokens = 0", "tokens"),
        ("tokens = 40", "token = 40", "tokens"),
        ('id = "thread_pool"', 'id = "thread_pol"', "thread_pool"),
        ('kind = "server"', 'kind = "servers"', "kind"),
        ('like = "main"', 'like = "man"', "no run 'man'"),
        ('answer = "main.makespan_s"', 'answer = "man.makespan_s"', "'man'"),
        ('law = "ceil(N / T) * S"', 'law = "ceil(N / T * S"', "no expression"),
        ('equals = "ceil(N / T) * S"', 'equals = "cell(N / T) * S"', "ceil"),
        ('sentence = "Forty at a time"', 'sentence = "Forty at a time and no more"', "five|5 words"),
        ('run = "main"', 'run = "mine"', "no run 'mine'"),
        ('total = "T"', 'total = "U"', "'U'"),
    ],
)
def test_a_mistake_is_named_with_its_line(folder: Path, old: str, new: str, says: str) -> None:
    line = _replace(folder / "lesson.toml", old, new)
    with pytest.raises(Mistake, match=says) as error:
        read_lesson(folder, Catalog())
    assert error.value.file == folder / "lesson.toml"
    assert error.value.line == (1 if "missing" in says else line)
    assert str(error.value).startswith(f"{folder / 'lesson.toml'}:{error.value.line}: ")


@pytest.mark.parametrize("claim", ['is = "T"\nat_most = "T"', ""])
def test_a_claim_has_one_bound(folder: Path, claim: str) -> None:
    _replace(folder / "lesson.toml", 'is = "T"', claim)
    with pytest.raises(Mistake, match="exactly one of"):
        read_lesson(folder, Catalog())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("## Predict", "## Guess", "no step 'Guess'"),
        ("## Predict", "## Look", "twice"),
        ("## Look", "Hello", "before the first step"),
    ],
)
def test_a_mistake_in_the_text_is_named_with_its_line(folder: Path, old: str, new: str, says: str) -> None:
    line = _replace(folder / "text.md", old, new)
    with pytest.raises(Mistake, match=says) as error:
        read_lesson(folder, Catalog())
    assert (error.value.file, error.value.line) == (folder / "text.md", line)


def test_a_missing_text_a_wrong_picture_and_a_file_that_is_no_text(folder: Path) -> None:
    (folder / "picture.json").write_text('{"rows": 1,\n"bars": [}', encoding="utf-8")
    with pytest.raises(Mistake, match="JSON") as error:
        read_lesson(folder, Catalog())
    assert (error.value.file.name, error.value.line) == ("picture.json", 2)
    (folder / "picture.json").write_text('{"rows": 1, "bars": [[0, 0, 1, "dancing"]]}', encoding="utf-8")
    with pytest.raises(Mistake, match="no picture"):
        read_lesson(folder, Catalog())
    (folder / "picture.json").unlink()
    (folder / "text.md").unlink()
    with pytest.raises(Mistake, match=r"text\.md"):
        read_lesson(folder, Catalog())
    (folder / "lesson.toml").write_bytes(b"title = 'x'\n# \xff\n")
    with pytest.raises(Mistake, match="UTF-8") as error:
        read_lesson(folder, Catalog())
    assert error.value.line == 2


def test_a_changed_folder_is_read_again(folder: Path) -> None:
    library = Library(Catalog(), [folder.parent])
    (first,) = library.lessons()
    assert isinstance(first, Lesson)
    assert library.lessons()[0] is first
    _replace(folder / "lesson.toml", "The forty-token wall", "My own wall")
    (second,) = library.lessons()
    assert isinstance(second, Lesson)
    assert second.title == "My own wall"
    line = _replace(folder / "lesson.toml", "minutes = 5", "minutes = no")
    (broken,) = library.lessons()
    assert isinstance(broken, Broken)
    assert (broken.file, broken.line) == (folder / "lesson.toml", line)
    with pytest.raises(Mistake):
        library.find("mine")
    shutil.copytree(SAMPLE, folder.parent / "another")
    assert [one.id for one in library.lessons() if isinstance(one, Lesson)] == ["another"]
    assert library.find("another").title == "The forty-token wall"
    shutil.rmtree(folder)
    assert len(library.lessons()) == 1


def test_a_later_folder_takes_the_place_of_an_earlier_one(tmp_path: Path, folder: Path) -> None:
    own = Path(shutil.copytree(folder, tmp_path / "own" / "mine"))
    _replace(own / "lesson.toml", "The forty-token wall", "My own wall")
    (found,) = Library(Catalog(), [folder.parent, own.parent]).lessons()
    assert isinstance(found, Lesson)
    assert found.folder == own


def test_a_run_like_another_has_its_changes(folder: Path) -> None:
    lesson = read_lesson(folder, Catalog())
    assert [getattr(scenario_of(lesson, run).dispatch.knobs, "tokens", None) for run in ("main", "try")] == [40, 100]


def test_claims_hold_by_figures_alone(folder: Path) -> None:
    lesson = read_lesson(folder, Catalog())
    figures: dict[str, dict[str, Any]] = {
        "main": {"makespan_s": 3.21, "thread_pool": {"peak": 40}, "requests_total": {"ok": 100}},
        "try": {"makespan_s": 1.2},
    }
    found = judge(lesson, figures, {"C": 2.0})
    assert [claim.holds for claim in found] == [True] * 4
    assert found[0].evidence == "3.21, the law says 3, +7% (±15% allowed)"
    figures["main"]["thread_pool"] = {"peak": 41}
    assert [claim.holds for claim in judge(lesson, figures, {})] == [True, False, True, True]
    del figures["try"]
    assert "'try'" in judge(lesson, figures, {})[3].evidence


def test_every_lesson_can_be_read() -> None:
    found = Library(Catalog(), [resources() / "lessons"]).lessons()
    assert [one for one in found if isinstance(one, Broken)] == []
    assert found
    assert os.path.isdir(found[0].folder)
