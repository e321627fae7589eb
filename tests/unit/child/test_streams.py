"""Logs and last lines."""

from pathlib import Path

import pytest

from explorer.child.streams import TAIL, last_line, last_of, log_path


def test_the_last_line_is_the_last_with_anything_on_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("first\nValueError: no\n\n   \n")

    assert last_line(log) == "ValueError: no"


def test_a_long_log_is_read_from_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("x\n" * TAIL + "the end\n")

    assert last_line(log) == "the end"


def test_there_may_be_no_log(tmp_path: Path) -> None:
    assert last_line(tmp_path / "none") == ""


@pytest.mark.parametrize(
    ("output", "line"), [(b"", ""), (b"\n \n", ""), (b"caf\xe9\n", "caf\N{REPLACEMENT CHARACTER}")]
)
def test_output_that_is_no_text_is_shown_all_the_same(output: bytes, line: str) -> None:
    assert last_of(output) == line


def test_a_log_is_named_after_role_and_pid(tmp_path: Path) -> None:
    assert log_path(tmp_path, "server", 12) == tmp_path / "log-server-12.txt"
