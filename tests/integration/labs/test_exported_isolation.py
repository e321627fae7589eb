"""An exported test is run by pytest as its owner would: it passes, and fails when it expects something else."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.labs.isolation import library
from explorer.labs.isolation.engines.sqlite import Sqlite
from explorer.labs.isolation.export_test import as_pytest
from explorer.labs.isolation.schedule import Condition
from tests.isolation_runs import READ, balances, bench, must_change, put, schedule
from tests.unit.labs.isolation.runs import autocommit, recorded

NOTHING = replace(
    must_change(schedule(f"A: {put(9, 1)}", f"A: {put(1, 5)}", "A: COMMIT", f"B: {READ}"), 1),
    happened=(Condition(reads={4: ((5,),)}),),
)
"""A write that had to change a row and changed none: its transaction is rolled back, and nothing of it follows."""
RUNS = (("P4", "DEFERRED"), ("G1a", "READ UNCOMMITTED"))


@pytest.mark.long
def test_an_exported_test_passes_and_fails_when_an_expected_value_is_changed(tmp_path: Path) -> None:
    shipped, traces = library.shipped(), recorded()
    for id, level in RUNS:
        text = as_pytest(shipped[id], "sqlite://", level, traces["sqlite delete", id, level])
        (tmp_path / f"test_{id}_{level.split()[0]}.py").write_text(text, encoding="utf-8")
    text = as_pytest(shipped["version_column"], "sqlite://", "AUTOCOMMIT", autocommit(shipped["version_column"]))
    (tmp_path / "test_good.py").write_text(text, encoding="utf-8")
    assert text.count("[('Ann', 170, 3)]") == 1
    (tmp_path / "test_bad.py").write_text(text.replace("('Ann', 170, 3)", "('Ann', 171, 3)"), encoding="utf-8")
    with bench(lambda mailbox: Sqlite(tmp_path, "delete", mailbox.wake)) as one:
        trace = one.run(NOTHING, "DEFERRED")
    assert balances(trace) == (100, 100)
    (tmp_path / "test_nothing.py").write_text(as_pytest(NOTHING, "sqlite://", "DEFERRED", trace), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--tb=line"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert "1 failed, 4 passed" in ran.stdout, ran.stdout + ran.stderr
    assert "test_bad.py" in ran.stdout
