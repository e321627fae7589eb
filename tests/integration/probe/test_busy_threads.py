"""The probe is right when its threads really run side by side: under a free-threaded Python, and under this one."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from explorer.records.states import Flag, Kind
from tests.observed import Observed
from tests.pythons import usable

ROOT = Path(__file__).resolve().parents[3]
THREADS, ROUNDS, PORTION = 8, 12, 40
LIMIT_S = 120
# The first test with a Python may have to make an environment for it.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder."""
    for part in ("numbers", "rings"):
        (tmp_path / part).mkdir()
    (tmp_path / "run.json").write_text(json.dumps({"token": "c0ffee"}))
    return tmp_path


def python(version: str) -> str:
    """The interpreter, or a skip."""
    return usable(version) if version else sys.executable


@pytest.mark.parametrize("version", ["", "3.13t", "3.14t"])
def test_nothing_is_lost_or_mixed_up_between_threads(run: Path, version: str) -> None:
    command = [python(version), "-m", "tests.busy_threads", str(THREADS), str(ROUNDS), str(PORTION)]
    env = os.environ | {"EXPLORER_RUN": str(run), "PYTHONPATH": str(ROOT)}

    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    total = THREADS * ROUNDS * PORTION
    assert told == {"requests": total, "different": total, "counted": total, "gil": not version}
    observed = Observed(run)
    jobs, marks = observed.of(Kind.JOB), observed.of(Kind.TIMER, Flag.INSTANT)
    assert observed.exact()
    assert len(jobs) == len(marks) == total
    assert {row.request for row in jobs} == {row.request for row in marks}
    assert len({row.request for row in jobs}) == total
    tracks = {row.request: row.track for row in jobs}
    assert all(tracks[row.request] == row.track for row in marks)
    names = Counter(row.name for row in jobs)
    assert len(names) == ROUNDS * PORTION
    assert set(names.values()) == {THREADS}
    begins, ends = observed.of(Kind.THREAD, Flag.BEGIN), observed.of(Kind.THREAD, Flag.END)
    assert len(begins) == len(ends) == THREADS * ROUNDS
    observed.close()
