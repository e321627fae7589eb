"""Choices about lanes are kept by scenario, from one start to the next."""

import json
from pathlib import Path

import pytest

from explorer.catalog import Catalog
from explorer.desktop.lane_memory import FILE, MOST_SCENARIOS, LaneMemory, key_of
from explorer.desktop.timeline.lane_choices import LaneChoices
from explorer.scenario import default


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    LaneMemory(tmp_path).keep("a", LaneChoices(hidden={"server › Worker 1"}, words="x"))
    again = LaneMemory(tmp_path)
    assert again.of("a") == LaneChoices(hidden={"server › Worker 1"}, words="x")
    assert again.of("b") == LaneChoices()


def test_what_is_given_is_a_copy(tmp_path: Path) -> None:
    memory = LaneMemory(tmp_path)
    memory.keep("a", LaneChoices(pinned=["x"]))
    memory.of("a").pinned.append("y")
    assert memory.of("a").pinned == ["x"]


def test_two_windows_keep_what_the_other_has_kept(tmp_path: Path) -> None:
    one, other = LaneMemory(tmp_path), LaneMemory(tmp_path)
    one.keep("a", LaneChoices(words="x"))
    other.keep("b", LaneChoices(words="y"))
    one.keep("c", LaneChoices(words="z"))
    assert [LaneMemory(tmp_path).of(name).words for name in "abc"] == ["x", "y", "z"]


def test_the_scenarios_that_were_not_touched_for_longest_are_forgotten(tmp_path: Path) -> None:
    memory = LaneMemory(tmp_path)
    for number in range(MOST_SCENARIOS):
        memory.keep(str(number), LaneChoices(words="x"))
    memory.keep("0", LaneChoices(words="y"))
    memory.keep("more", LaneChoices(words="x"))
    again = LaneMemory(tmp_path)
    assert again.of("1") == LaneChoices()
    assert again.of("0").words == "y"
    assert again.of("more").words == "x"
    assert len(json.loads((tmp_path / FILE).read_text(encoding="utf-8"))["scenarios"]) == MOST_SCENARIOS


@pytest.mark.parametrize("content", ["", "{", "[]", '{"scenarios": 3}', '{"scenarios": {"a": 3}}', "[" * 100_000])
def test_a_damaged_file_counts_as_absent(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    memory = LaneMemory(tmp_path)
    assert memory.of("a") == LaneChoices()
    memory.keep("a", LaneChoices(words="x"))
    assert LaneMemory(tmp_path).of("a").words == "x"


def test_a_folder_that_cannot_be_written_bothers_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    memory = LaneMemory(tmp_path / "file" / "folder")
    memory.keep("a", LaneChoices(words="x"))
    assert memory.of("a").words == "x"


def test_a_scenario_is_known_by_its_name_or_by_what_was_chosen() -> None:
    catalog = Catalog()
    plain = default(catalog)
    more = plain.changed(catalog, "load", "users", 3)
    assert key_of(plain) == key_of(more)
    other = next(one.id for one in catalog.all("workload") if one.id != plain.workload.id)
    assert key_of(plain.changed(catalog, "workload", "id", other)) != key_of(plain)
