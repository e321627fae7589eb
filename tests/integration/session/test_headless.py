"""Saving at the end of a run without a window: whatever happens then, what was recorded is not lost."""

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from explorer.catalog import Catalog
from explorer.recording import archive
from explorer.recording.archive import Saved
from explorer.scenario import parse
from explorer.session import session
from explorer.session.headless import Outcome, run_headless
from tests.end2end.command import run_folders, run_folders_since
from tests.end2end.recorded import Recorded

BURST = {"workload": {"id": "sleep", "seconds": 0.01}, "load": {"mode": "burst", "requests": 5}}


def run(record: Path) -> Outcome:
    catalog = Catalog()
    return run_headless(catalog, parse(catalog, BURST), record=record, say=lambda sentence: None)


@pytest.mark.skipif(sys.platform == "win32", reason="A process cannot send itself Ctrl-C on Windows.")
def test_ctrl_c_while_the_run_is_saved_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run_folders()

    def save(folder: Path, path: Path) -> Saved:
        os.kill(os.getpid(), signal.SIGINT)
        return archive.save(folder, path)

    monkeypatch.setattr(session, "save", save)
    try:
        outcome = run(tmp_path / "a.cxrec")
    except KeyboardInterrupt:
        pytest.fail("the run ended before it was saved")
    assert outcome.failure == ""
    assert Recorded(tmp_path / "a.cxrec").complete
    assert not run_folders_since(before)


def test_a_save_that_fails_in_whatever_way_leaves_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run_folders()

    def save(folder: Path, path: Path) -> Saved:
        raise LookupError("unheard of")

    monkeypatch.setattr(session, "save", save)
    with pytest.raises(LookupError):
        run(tmp_path / "a.cxrec")
    (kept,) = run_folders_since(before)
    assert Recorded(kept).complete
    shutil.rmtree(kept)
