"""The options of a lab's picture: those of one lab belong to no other."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from explorer.cli.main import cli


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--level", "SERIALIZABLE"], "--level, --url, --tab and --steps belong to that lab's picture"),
        (["--lab", "locks", "--steps", "0"], "add --lab isolation"),
        (["--scenario", "P4"], "belong to a lab's picture"),
    ],
)
def test_options_of_another_picture_are_refused(words: list[str], sentence: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["screenshot", "-o", str(tmp_path / "a.png"), *words])
    assert result.exit_code != 0
    assert sentence in result.output
    assert not (tmp_path / "a.png").exists()
