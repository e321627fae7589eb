"""What can be said of the lifeline without dying."""

import os

import pytest

from explorer.child.lifeline import tie as lifeline


def test_without_a_parent_there_is_nothing_to_tie_to() -> None:
    lifeline.tie(0)


def test_only_processes_of_multiprocessing_have_a_parent_there(monkeypatch: pytest.MonkeyPatch) -> None:
    tied: list[int] = []
    monkeypatch.setattr(lifeline, "tie", tied.append)

    lifeline.tie_to_multiprocessing_parent()

    assert tied == []


@pytest.mark.skipif(not os.path.exists("/proc/self"), reason="the kernel's way of tying is Linux's")
def test_a_parent_that_is_not_ours_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.child.lifeline import linux

    ends: list[int] = []
    monkeypatch.setattr("os._exit", ends.append)

    class Library:
        """Takes the call that would tie the test's own process."""

        @staticmethod
        def prctl(*arguments: int) -> int:
            return 0

    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: Library)
    linux.tie(os.getppid())
    assert ends == []
    linux.tie(os.getppid() + 1)
    assert ends == [0]
