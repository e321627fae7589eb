"""What goes to the log of a server's process, and what an app of the user's own may decide about it.

In processes of their own: the root logger of this one has the test runner's handlers.
"""

import subprocess
import sys

import pytest

SAID = """
for name in ("uvicorn.error", "explorer.server", "asyncio", "theirs"):
    logging.getLogger(name).warning("said by %s", name)
logging.getLogger("theirs").debug("in detail")
"""


def said(*, target: str, app: str = "") -> list[str]:
    """What a process writes to its log, with this app, which does `app` when it is imported."""
    scenario = {"app": {"target": target}} if target else {}
    begin = "import logging\nfrom explorer.server.tracing import log_everything\n"
    begin += f"for _ in 'ab': log_everything({scenario!r})\n"
    ended = subprocess.run(
        [sys.executable, "-c", f"{begin}{app}\n{SAID}"], capture_output=True, text=True, timeout=50, check=True
    )
    return ended.stderr.splitlines()


def test_an_app_sets_up_its_own_log_and_ours_is_written_beside_it() -> None:
    lines = said(target="main:app", app="logging.basicConfig(level=logging.DEBUG, format='THEIRS %(message)s')")
    assert [line for line in lines if line.startswith("THEIRS")] == [
        "THEIRS said by asyncio", "THEIRS said by theirs", "THEIRS in detail",
    ]  # fmt: skip
    ours = [line.split(" ", 3)[3] for line in lines if not line.startswith("THEIRS")]
    assert ours == [
        "WARNING uvicorn.error: said by uvicorn.error", "WARNING explorer.server: said by explorer.server",
    ]  # fmt: skip


@pytest.mark.parametrize("target", ["", "main:app"])
def test_without_a_log_of_its_own_each_warning_is_written_once(target: str) -> None:
    lines = said(target=target)
    for name in ("uvicorn.error", "explorer.server", "asyncio", "theirs"):
        assert sum(line.endswith(f"said by {name}") for line in lines) == 1
    assert len(lines) == 4
