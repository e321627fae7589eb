"""What a run of the command line finds: a blocked loop, with the line of source at which it stood."""

from pathlib import Path
from typing import Any

import pytest

from tests.end2end.command import explorer, run_json

BLOCKING = ("--dispatch", "blocking_coroutine", "--workload", "sleep", "--set", "workload.seconds=0.2", "--users", "3")


def blocked(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The finding about the loop."""
    (one,) = (each for each in found if each["id"] == "loop_blocked")
    return one


def test_a_blocked_loop_is_found_with_its_line_and_its_spans() -> None:
    figures = run_json(*BLOCKING, "--duration", "5")
    one = blocked(figures["findings"])
    assert one["class"] == "server"
    line = one["evidence"]["figures"]["line"]
    assert line.startswith("sleep/body.py:")
    assert line in one["sentence"]
    number = int(line.split(":")[1].split()[0])
    body = Path("explorer/server/workloads/sleep/body.py").read_text(encoding="utf-8").splitlines()
    assert "time.sleep" in body[number - 1]
    assert one["change"]["set"] == {"dispatch.id": "thread_pool"}
    (pid,) = (process["pid"] for process in figures["processes"] if process["role"] == "server")
    for span in one["evidence"]["spans"]:
        assert (span["lane"], span["pid"]) == ("event loop", pid)
        assert span["end_s"] - span["start_s"] >= 0.2
        assert figures["window"]["start_s"] - 1 <= span["start_s"] <= 6


@pytest.mark.long
def test_the_text_report_lists_what_was_found() -> None:
    ended = explorer("run", *BLOCKING, "--duration", "5")
    assert ended.status == 0, ended.err
    (line,) = (
        line for line in ended.out.splitlines() if line.startswith("found (server)") and "kept the event loop" in line
    )
    assert "sleep/body.py:" in line
