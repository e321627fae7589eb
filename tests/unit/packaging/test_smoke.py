"""The trial of a built program says in one sentence what it lacks, and sees processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import smoke
from builder import tools


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


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the program")
@pytest.mark.parametrize(("said", "right"), [(tools.version(), True), ("0.0.1", False), (f"{tools.version()}1", False)])
def test_a_program_of_another_version_is_told(tmp_path: Path, said: str, right: bool) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho 'concurrency-explorer, version {said}'\n")
    program.chmod(0o755)
    trial = smoke.Trial(program, tmp_path)
    if right:
        assert trial.version().endswith(said)
    else:
        with pytest.raises(smoke.Failed, match=f"this checkout is {tools.version()}"):
            trial.version()


@pytest.mark.skipif(os.name == "nt", reason="shell scripts stand for the systems' programs")
@pytest.mark.parametrize(("system", "asked"), [("win32", "powershell"), ("darwin", "osascript")])
def test_the_window_is_looked_for_on_every_system(
    system: str, asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked says at first that there is none."""
    told = "blocking – Concurrency Explorer" if system == "win32" else "1"
    nothing = "Unhandled exception" if system == "win32" else "0"
    stand_in = tmp_path / asked
    stand_in.write_text(f"#!/bin/sh\nif [ -f '{tmp_path}/shown' ]; then echo '{told}'; else echo '{nothing}'; fi\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    trial = smoke.Trial(Path("program"), tmp_path)
    monkeypatch.setattr(sys, "platform", system)
    with subprocess.Popen(["sleep", "60"]) as process:
        looked = trial._looking(process, None)
        process.kill()
    assert looked is not None
    assert not looked()
    (tmp_path / "shown").touch()
    assert looked()


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the system's program")
def test_where_macos_shows_no_list_of_windows_none_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = tmp_path / "osascript"
    stand_in.write_text("#!/bin/sh\necho 'execution error' >&2\nexit 1\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert smoke.windows(1) is None


def test_processes_are_seen_with_their_parents() -> None:
    assert smoke.processes()[os.getpid()][0] == os.getppid()
