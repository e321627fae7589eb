"""What may be said with `--memory`, refused before there is a window."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from explorer.cli.main import cli


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--memory", "1000000"), "GiB of this computer's memory, not 1e+06."),
        (("--memory", "nan"), "GiB of this computer's memory, not nan."),
        (("open", "{run}", "--memory", "0"), "The spans of a run may take from 0.125 to "),
        (("--memory", "1", "list", "models"), "--memory is for the window: give it without a command, or behind open."),
        (("--memory", "much"), "'much' is not a valid float"),
    ],
)
def test_memory_that_there_is_not_is_refused_in_one_sentence(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    (tmp_path / "run.cxrec").write_bytes(b"")
    ended = CliRunner().invoke(cli, [word.format(run=tmp_path / "run.cxrec") for word in words])
    assert ended.exit_code == 2
    assert said in ended.output
