"""The command `lesson`: what is shipped holds, what is made false by hand does not, and bad input is one sentence.

These are the lessons that a busy machine does not disturb; all of them are run by `python -m tests.full lessons`.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from explorer.paths import resources
from tests.end2end.command import Ended, explorer

STEADY = ("forty-tokens", "lost-update", "closed-circle", "both-right", "two-workers")
LIMIT_S = 100.0


def told(ended: Ended) -> list[dict[str, Any]]:
    found = json.loads(ended.out)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("name", STEADY[1:4])
def test_what_a_lesson_claims_holds(name: str) -> None:
    ended = explorer("lesson", "run", name, "--json", "-", limit=LIMIT_S)
    (lesson,) = told(ended)
    assert [claim for claim in lesson["claims"] if not claim["holds"]] == [], lesson["unjudged"]
    assert (lesson["id"], lesson["passed"]) == (name, True), lesson
    assert ended.status == 0, ended.err
    for claim in lesson["claims"]:
        assert set(claim) == {"text", "holds", "evidence"}
    assert lesson["claims"] or lesson["skipped"]


@pytest.mark.parametrize("name", [STEADY[0], STEADY[4]])
def test_a_lesson_over_a_served_burst_counts_what_was_served(name: str) -> None:
    ended = explorer("lesson", "run", name, "--json", "-", limit=LIMIT_S)
    (lesson,) = told(ended)
    exact = [claim for claim in lesson["claims"] if "exactly" in claim["evidence"]]
    assert exact
    assert all(claim["holds"] for claim in exact), lesson


def test_a_copy_with_a_claim_made_false_fails(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(resources() / "lessons" / "lost-update", mine)
    file = mine / "lesson.toml"
    text = file.read_text(encoding="utf-8")
    assert 'figure = "cured.evidence.lost"\nis = 0' in text
    file.write_text(text.replace('figure = "cured.evidence.lost"\nis = 0', 'figure = "cured.evidence.lost"\nis = 7'))
    ended = explorer("lesson", "run", mine, limit=LIMIT_S)
    assert ended.status == 1, ended.err
    assert "does not hold" in ended.out
    assert "✗ With a lock not one was lost.\n      0; expected exactly 7" in ended.out


def test_lessons_are_listed_and_bad_input_is_one_sentence(tmp_path: Path) -> None:
    listed = told(explorer("lesson", "list", "--json", "-"))
    assert len(listed) >= 20
    assert {"id", "title", "question", "group", "minutes", "concepts"} == set(listed[0])
    unknown = explorer("lesson", "run", "forty-token")
    assert unknown.status == 2
    assert "There is no lesson 'forty-token'. Did you mean 'forty-tokens'?" in unknown.err
    nothing = explorer("lesson", "run")
    assert nothing.status == 2
    assert "Name the lessons to run, or all of them by --all" in nothing.err
    (tmp_path / "lesson.toml").write_text("title = ", encoding="utf-8")
    broken = explorer("lesson", "run", tmp_path)
    assert broken.status == 2
    assert "lesson.toml:1: This is not valid TOML" in broken.err


def test_a_broken_lesson_of_ones_own_is_named_and_the_others_are_listed(tmp_path: Path) -> None:
    mine = tmp_path / "concurrency-explorer" / "lessons" / "mine"
    mine.mkdir(parents=True)
    (mine / "lesson.toml").write_text("title = ", encoding="utf-8")
    listed = explorer("lesson", "list", env={"XDG_DATA_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)})
    assert listed.status == 2
    assert "lesson.toml:1: This is not valid TOML" in listed.err
    assert "forty-tokens" in listed.out
