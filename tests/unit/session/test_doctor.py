"""What the doctor finds out about reading another process."""

import os
import subprocess
import sys

import pytest

from explorer.session import doctor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="thread states are read from /proc")


def test_one_process_is_tried_on_another_not_on_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    really_run = subprocess.run

    def run(command: list[str], **options: object) -> object:
        asked.append(" ".join(command))
        return really_run([sys.executable, "-S", "-c", "raise PermissionError(13, 'Permission denied')"], **options)  # type: ignore[call-overload]  # passed on as they came

    monkeypatch.setattr(subprocess, "run", run)

    facts = doctor._thread_states()

    assert facts["available"] == "no"
    assert "Permission denied" in facts["reason"]
    assert "/proc/$0/mem" in asked[0]
    assert int(asked[0].rpartition(" ")[2]) != os.getpid()
