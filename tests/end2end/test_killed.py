"""The program is killed in the middle of a run: the run is there, and all of it that was written."""

import json
import os
import signal
from pathlib import Path

import pytest

from explorer.paths import remove_run_folder
from explorer.recording import retention
from explorer.recording.archive import save
from explorer.recording.retention import KeptRun
from tests.end2end.command import started
from tests.end2end.recorded import Recorded
from tests.waiting import wait_until

SCENARIO = Path(__file__).resolve().parents[2] / "resources" / "scenarios" / "the-gil.toml"
ENOUGH = 10
"""Groups that the recorder wrote: a second of a run."""


def flushed(run: Path) -> list[dict[str, list[int]]]:
    """The spans that the recorder says it has written, group by group; a last line that was cut short is no group."""
    groups = []
    for line in (run / "events.jsonl").read_bytes().splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if said.get("type") == "flush" and "spans" in said:
            groups.append(said)
    return groups


def kept() -> dict[Path, KeptRun]:
    return {run.path: run for run in retention.recent()}


@pytest.mark.long
def test_a_run_outlives_the_window_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window, off screen; `python -m tests.full killed` kills the command line too."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    before = set(kept())
    with started("screenshot", SCENARIO, "-o", tmp_path / "never.png", "--after", "120") as command:
        wait_until(lambda: any(len(flushed(run)) >= ENOUGH for run in set(kept()) - before), 60.0, "a run under way")
        [path] = set(kept()) - before
        assert kept()[path].running
        os.kill(command.process.pid, signal.SIGKILL)
        command.process.wait()
    try:
        run = kept()[path]
        assert run.crashed
        assert not run.running
        assert run.title.startswith("Recovered run: ")
        groups = flushed(path)
        rows = sum(group["spans"][1] for group in groups)
        assert len(groups) >= ENOUGH
        save(path, tmp_path / "saved.cxrec")
        for place in (path, tmp_path / "saved.cxrec"):
            found = Recorded(place)
            assert not found.complete
            assert len(found.spans) >= rows > 100
    finally:
        remove_run_folder(path)
