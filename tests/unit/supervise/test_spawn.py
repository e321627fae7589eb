"""The command line of a child, and who may start one."""

import sys
import threading

import pytest

from explorer.records.states import Role
from explorer.supervise.spawn import command, spawn


def test_a_child_is_this_program_under_this_interpreter() -> None:
    assert command("explorer.server.process") == [
        sys.executable, "-m", "explorer", "child", "explorer.server.process"
    ]  # fmt: skip


def test_a_child_may_have_another_interpreter() -> None:
    assert command("x", "/usr/bin/python3.13")[:2] == ["/usr/bin/python3.13", "-m"]


def test_a_frozen_app_enters_itself_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)

    assert command("x") == [sys.executable, "child", "x"]
    assert command("x", "python3") == ["python3", "-m", "explorer", "child", "x"]


def test_a_foreign_python_writes_nothing_where_a_frozen_app_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It imports the explorer's files from there."""
    started: list[dict[str, str]] = []

    def popen(line: list[str], *, env: dict[str, str], **_: object) -> object:
        started.append(env)
        raise OSError("not now")

    monkeypatch.setattr("explorer.supervise.spawn.subprocess.Popen", popen)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    for frozen, interpreter in ((True, "python3"), (True, ""), (False, "python3")):
        monkeypatch.setattr(sys, "frozen", frozen, raising=False)
        with pytest.raises(OSError, match="not now"):
            spawn("x", role=Role.SERVER, interpreter=interpreter)
    assert ["PYTHONDONTWRITEBYTECODE" in env for env in started] == [True, False, False]


def test_only_the_main_thread_may_start_children() -> None:
    faults: list[Exception] = []

    def start() -> None:
        try:
            spawn("x", role=Role.SERVER)
        except RuntimeError as error:
            faults.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    assert "main thread" in str(faults[0])
