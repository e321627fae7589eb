"""The isolation lab without a window, as a user calls it."""

import signal
from pathlib import Path

from tests.end2end.command import explorer, run_folders, run_folders_since, started
from tests.waiting import wait_until

ISOLATION = ("lab", "isolation")


def test_one_run_says_where_it_works_and_what_came_of_it(tmp_path: Path) -> None:
    before = run_folders()
    recording = tmp_path / "run.cxrec"
    ended = explorer(*ISOLATION, "--scenarios", "P4", "--levels", "immediate", "--json", "-", "--record", recording)
    assert ended.status == 0, ended.err
    assert ended.err == "The lab works in a private file of its own, which it deletes afterwards.\n"
    found = ended.figures
    assert (found["engine"], found["level"], found["scenario"]) == ("sqlite", "IMMEDIATE", "P4")
    assert (found["happened"], found["how"]) == (False, ["blocked"])
    assert found["final"] == {"account": [["Ann", 170]]}
    assert recording.stat().st_size > 0
    assert not run_folders_since(before)


def test_ctrl_c_shows_what_was_measured_and_leaves_nothing() -> None:
    before = run_folders()
    with started(*ISOLATION, "--matrix", "--journal", "wal") as command:
        wait_until(lambda: "3 of 56: G0 at DEFERRED" in command.err, 40, "two cells")
        children = command.children
        ended = command.end(how=signal.SIGINT)
    assert ended.status == 130, ended.err
    assert ended.err.endswith("The matrix was cancelled; what was measured until then is above.\n")
    [row] = [line for line in ended.out.splitlines() if line.startswith("G0")]
    assert "! happened" in row
    assert not any(child.is_running() for child in children)
    assert not run_folders_since(before)


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    ended = explorer(*ISOLATION, "--matrix", env={"EXPLORER_LAB_URL": "postgresql://ann:secret@127.0.0.1:1/shop"})
    assert ended.status == 2
    promise, sentence = ended.err.splitlines()
    assert "127.0.0.1:1" in promise
    assert sentence.startswith("concurrency-explorer: The PostgreSQL server at 127.0.0.1:1 cannot be used: ")
    assert "secret" not in ended.err
