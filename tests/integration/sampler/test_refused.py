"""A process that may not be looked into, made real: closed by itself (PR_SET_DUMPABLE), to a sampler without rights."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests import run_reading
from tests.integration.sampler.stage import performed
from tests.waiting import wait_until

SETPRIV = shutil.which("setpriv")
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="threads are looked at on Linux only"),
    pytest.mark.skipif(
        os.geteuid() == 0 and SETPRIV is None, reason="root may look into everything, and setpriv is not installed"
    ),
]


@pytest.fixture
def powerless(tmp_path: Path) -> str:
    """An interpreter whose process has not got the right to look into others that root has."""
    if os.geteuid() != 0:
        return sys.executable
    path = tmp_path / "python"
    path.write_text(
        f'#!/bin/sh\nexec {SETPRIV} --bounding-set -sys_ptrace --inh-caps -sys_ptrace "{sys.executable}" "$@"\n'
    )
    path.chmod(0o700)
    return str(path)


def test_what_cannot_be_seen_is_said_and_late_sleeps_are_counted(run_folder: Path, powerless: str) -> None:
    run = run_reading.make_run(run_folder)
    with performed(run, "closed", "spins", "spins", sampler=powerless) as stage:

        def said() -> set[str]:
            lacks = [lack for event in stage.events if event.get("event") == "not_sampled" for lack in event["lacks"]]
            assert all(lack["pids"] == [stage.pid] for lack in lacks)
            assert all("does not let the sampler" in lack["reason"] and lack["remedy"] for lack in lacks)
            return {what for lack in lacks for what in lack["what"]}

        wait_until(lambda: said() == {"states", "gil"}, 20, "the sentences")
        wait_until(lambda: len(stage.look().samples["sleep_overshoot"]) >= 5, 30, "late sleeps")
        stage.end()
        # Two threads that compute keep the sleeper from the GIL for the switch interval, 5 ms, or longer.
        assert max(stage.samples["sleep_overshoot"]) > 2
        assert not [track for track in stage.tracks.values() if track.kind in ("states", "gil")]
        assert stage.samples["thread_cpu"]


def test_a_process_that_allows_it_a_moment_after_it_joined_is_seen(run_folder: Path, powerless: str) -> None:
    run = run_reading.make_run(run_folder)
    with performed(run, "opens", "spins", python=powerless, sampler=powerless) as stage:
        stage.watch(0.5)  # equal rights: what keeps the sampler out is only what the program says
        assert [track for track in stage.tracks.values() if track.kind == "gil"]
        assert not [event for event in stage.events if event.get("event") == "not_sampled"]


def test_a_process_that_can_be_seen_counts_no_sleeps(run_folder: Path) -> None:
    run = run_reading.make_run(run_folder)
    with performed(run, "spins") as stage:
        stage.watch(1.5)
        assert "sleep_overshoot" not in {track.name for track in stage.tracks.values()}
        assert not [event for event in stage.events if event.get("event") == "not_sampled"]
