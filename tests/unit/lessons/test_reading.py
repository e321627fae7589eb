"""A lesson's folder: what is in it, and what is wrong with it, by file and line."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.catalog import Catalog
from explorer.lessons.lesson import STEPS, Lesson
from explorer.lessons.library import Broken, Library
from explorer.lessons.runs import scenario_of
from explorer.paths import resources

SHIPPED = resources() / "lessons"
WORDS = 5
Edit = Callable[[str], str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the lesson of the forty tokens, as a user makes one."""
    shutil.copytree(SHIPPED / "forty-tokens", tmp_path / "mine")
    return tmp_path / "mine"


def library(folder: Path) -> Library:
    return Library(Catalog(), (folder.parent,))


def broken(folder: Path) -> Broken:
    (found,) = library(folder).lessons()
    assert isinstance(found, Broken), found
    return found


def test_every_lesson_that_is_shipped_can_be_read() -> None:
    found = Library(Catalog(), (SHIPPED,)).lessons()
    assert [one.words for one in found if isinstance(one, Broken)] == []
    lessons = [one for one in found if isinstance(one, Lesson)]
    assert len(lessons) >= 20
    assert len({one.order for one in lessons}) == len(lessons)
    for one in lessons:
        assert set(one.texts) == set(STEPS)
        assert one.slides, one.id
        assert all(len(slide.sentence.split()) <= WORDS for slide in one.slides)
        assert all(slide.notes for slide in one.slides), one.id


def test_what_is_read_is_what_stands_there(folder: Path) -> None:
    (lesson,) = library(folder).lessons()
    assert isinstance(lesson, Lesson)
    assert (lesson.id, lesson.title, lesson.values["N"]) == ("mine", "The forty-token wall", 100)
    assert lesson.question.choices[2].value == 3.0
    assert (lesson.claims[0].how, lesson.claims[0].bound, lesson.claims[1].how) == ("equals", "ceil(N / T) * S", "is")
    catalog = Catalog()
    assert scenario_of(catalog, lesson, "main").dispatch.knobs.model_dump()["tokens"] == 40
    assert scenario_of(catalog, lesson, "try").dispatch.knobs.model_dump()["tokens"] == 100
    assert lesson.texts["Look"].startswith("The handler is a plain")


@pytest.mark.parametrize(
    ("edit", "line", "sentence"),
    [
        (lambda text: text.replace("minutes = 6", "minutes = "), "minutes =", "not valid TOML"),
        (lambda text: text.replace('group = "Threads"', 'groop = "Threads"'), "groop", "There is no groop in a lesson"),
        (lambda text: text.replace("order = 4", 'order = "four"'), "order", "order: Input should be a valid integer"),
        (lambda text: text.replace("kind = \"number\"", 'kind = "essay"'), 'kind = "essay"', "question_form.kind"),
        (lambda text: text.replace("main.requests_total", "mine.requests_total"), "mine.requests", "uses 'mine'"),
        (lambda text: text.replace('"try.makespan_s"', '"try.makespan_s +"'), "makespan_s +", "is no expression"),
        (lambda text: text.replace("tokens = 40 }", "tokns = 40 }"), "tokns", "no knob 'dispatch.tokns'"),
        (lambda text: text.replace('like = "main"', 'like = "mean"'), 'id = "try"', "like 'mean'"),
        (lambda text: text.replace("Forty at a time", "Forty of them at a time"), "[[slides]]", "at most 5 words"),
        (lambda text: text.replace('run = "try"', 'run = "tri"'), 'run = "tri"', "There is no run 'tri'"),
        (lambda text: text.replace("at_most = ", "atmost = "), "atmost", "There is no claims.3.atmost"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(folder: Path, edit: Edit, line: str, sentence: str) -> None:
    file = folder / "lesson.toml"
    text = edit(file.read_text())
    file.write_text(text)
    found = broken(folder)
    assert sentence in found.sentence
    assert found.file == file
    told = text.splitlines()[found.line - 1]
    assert line in told or line in text.splitlines()[found.line - 2], f"line {found.line}: {told}"
    assert re.fullmatch(r".*lesson\.toml:\d+: .*", found.words.replace("\n", " "))


def test_a_step_without_text_and_a_strange_heading_are_told(folder: Path) -> None:
    text = folder / "text.md"
    whole = text.read_text()
    text.write_text(whole.replace("## Reveal", "## Revel"))
    found = broken(folder)
    assert "There is no step 'Revel'" in found.sentence
    assert whole.splitlines()[found.line - 1] == "## Reveal"
    text.write_text(whole.split("## Try")[0])
    assert "The text of the step 'Try' is missing" in broken(folder).sentence
    text.unlink()
    assert "text.md cannot be read" in broken(folder).sentence


def test_a_picture_that_is_none_is_told(folder: Path) -> None:
    picture = folder / "picture.json"
    picture.write_text(json.dumps({"rows": 2, "bars": [[0, 0.1, 0.5, "running"], [1, 0, 1, "waiting_lock"]]}))
    (lesson,) = library(folder).lessons()
    assert isinstance(lesson, Lesson)
    assert len(lesson.picture) == 2
    picture.write_text(json.dumps({"rows": 1, "bars": [[3, 0, 1, "running"]]}))
    assert "outside of the picture" in broken(folder).sentence
    picture.write_text("{}")
    assert "no picture of bars" in broken(folder).sentence


def test_a_folder_that_changes_is_read_again_and_one_that_does_not_is_not(folder: Path) -> None:
    known = library(folder)
    (first,) = known.lessons()
    assert known.lessons()[0] is first
    file = folder / "lesson.toml"
    file.write_text(file.read_text().replace("The forty-token wall", "Mine"))
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1))
    (second,) = known.lessons()
    assert isinstance(second, Lesson)
    assert second.title == "Mine"
    shutil.copytree(folder, folder.parent / "another")
    assert [one.folder.name for one in known.lessons()] == ["another", "mine"]
    shutil.rmtree(folder)
    assert [one.folder.name for one in known.lessons()] == ["another"]
    assert known.find("mine") is None


def test_a_lesson_of_ones_own_comes_in_place_of_one_of_the_same_name(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "own" / "forty-tokens"
    shutil.copytree(folder, mine)
    found = Library(Catalog(), (SHIPPED, mine.parent)).find("forty-tokens")
    assert isinstance(found, Lesson)
    assert found.folder == mine
