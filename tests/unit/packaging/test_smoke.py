"""The trial of a built program says in one sentence what it lacks, and sees processes."""

import os
from pathlib import Path

import pytest

import smoke


@pytest.mark.parametrize("told", ["", "/no/such/program"])
def test_without_a_program_it_says_how_it_is_named(
    told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EXPLORER_EXE", told)
    assert smoke.main() == 2
    assert capsys.readouterr().err.startswith("smoke.py: EXPLORER_EXE must name the built program;")


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the program")
def test_a_program_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho 'no library' >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(smoke.Failed, match="--version ended with 3: no library"):
        smoke.Trial(program, tmp_path).version()


def test_processes_are_seen_with_their_parents() -> None:
    assert smoke.processes()[os.getpid()][0] == os.getppid()
