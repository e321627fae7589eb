"""The `screenshot` command: the real window in the middle of a real run, without a screen."""

import os
import struct
from pathlib import Path

import pytest

from tests.end2end.command import explorer

SCENARIOS = Path(__file__).resolve().parents[2] / "resources" / "scenarios"
# Width and height of a PNG in its first chunk.
SIZE = struct.Struct(">16xII")


@pytest.fixture(autouse=True)
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("scenario", ["the-gil", "freezing-a-window"])
def test_a_picture_of_a_run_needs_no_screen(tmp_path: Path, scenario: str) -> None:
    """Not even where the server itself shows a window."""
    picture = tmp_path / "picture.png"
    words = (SCENARIOS / f"{scenario}.toml", "-o", picture, "--size", "1100x640", "--after", "0.5")
    ended = explorer("screenshot", *words)
    assert (ended.status, ended.err) == (0, "")
    assert SIZE.unpack(picture.read_bytes()[: SIZE.size]) == (1100, 640)
    assert os.listdir(tmp_path) == [picture.name]


def test_without_a_place_for_runs_it_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = (SCENARIOS / "the-gil.toml", "-o", tmp_path / "picture.png")
    ended = explorer("screenshot", *words, env={"XDG_DATA_HOME": str(tmp_path / "file" / "data")})
    assert (ended.status, ended.out) == (2, "")
    [sentence] = ended.err.splitlines()
    assert sentence.startswith("concurrency-explorer: No folder for the run can be made in")


def test_a_picture_of_the_start_page_runs_nothing(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    ended = explorer("screenshot", "--gallery", "-o", picture, "--size", "1100x640")
    assert (ended.status, ended.err) == (0, "")
    assert SIZE.unpack(picture.read_bytes()[: SIZE.size]) == (1100, 640)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--lesson", "no-such-lesson"), "There is no lesson 'no-such-lesson'."),
        (("--step", "reveal"), "--step and --answer belong to a lesson's picture: add --lesson with its id."),
        (("--gallery", "--lab", "locks"), "A picture shows one thing: name a file, a lab, a lesson or the gallery."),
    ],
)
def test_a_picture_of_a_lesson_that_cannot_be_taken_is_one_sentence(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    ended = explorer("screenshot", *words, "-o", tmp_path / "picture.png")
    assert (ended.status, ended.out) == (2, "")
    [said] = ended.err.splitlines()
    assert said.startswith(f"concurrency-explorer: {sentence}")
    assert os.listdir(tmp_path) == []
