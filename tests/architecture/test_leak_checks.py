"""The leak checks of conftest.py notice what they are there for.

Each culprit is a test file of its own, run by a pytest of its own with the project's conftest: it must be blamed with
the right words, and the innocent must not.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT

CULPRITS = {
    "a process": (
        "import subprocess\nglobal kept\nkept = subprocess.Popen(['sleep', '60'])",
        "processes left running",
    ),
    "an orphan": (
        "import subprocess, sys\n"
        'child = \'import subprocess; subprocess.Popen(["sleep", "60"], start_new_session=True)\'\n'
        "subprocess.run([sys.executable, '-c', child])",
        "processes left running",
    ),
    "a thread": (
        "import threading\nthreading.Thread(target=threading.Event().wait, args=(60,), daemon=True).start()",
        "threads left running",
    ),
    "a file": ("import os\nos.open('/dev/zero', os.O_RDONLY)", "files left open"),
    "a warning in the log": ("import logging\nlogging.getLogger('x').warning('so what')", "unexpected: WARNING x: so"),
    "an exception nobody saw": (
        "import asyncio, gc\n"
        "async def main(): asyncio.ensure_future(broken()); await asyncio.sleep(0.01)\n"
        "async def broken(): raise RuntimeError('unseen')\n"
        "asyncio.run(main())\ngc.collect()",
        "unexpected: ERROR asyncio",
    ),
}
INNOCENT = """
import logging, subprocess, sys, threading
import pytest

@pytest.mark.expects_log("so what")
def test_innocent():
    logging.getLogger("x").warning("so what")
    subprocess.run([sys.executable, "-c", ""], check=True)
    thread = threading.Thread(target=print)
    thread.start()
    open(__file__).close()
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="open files are only seen on Linux")


def run_pytest(folder: Path, source: str) -> "subprocess.CompletedProcess[str]":
    """Run one test file under the project's own configuration and conftest."""
    file = folder / "test_planted.py"
    file.write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest"]
    command += ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), str(file)]
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "EXPLORER_TEST_GRACE_S": "0.2"}
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("source", "blame"), CULPRITS.values(), ids=CULPRITS.keys())
def test_a_leak_is_blamed(tmp_path: Path, source: str, blame: str) -> None:
    body = source.replace("\n", "\n    ")
    answer = run_pytest(tmp_path, f"def test_culprit():\n    {body}\n")
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert blame in answer.stdout


def test_an_expected_warning_that_does_not_come_is_blamed(tmp_path: Path) -> None:
    source = "import pytest\n\n@pytest.mark.expects_log('never')\ndef test_culprit():\n    pass\n"
    assert "expected but absent: never" in run_pytest(tmp_path, source).stdout


def test_who_cleans_up_is_not_blamed(tmp_path: Path) -> None:
    answer = run_pytest(tmp_path, INNOCENT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
