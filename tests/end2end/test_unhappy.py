"""Requests that get no good answer: they are counted for what they are, and the run is otherwise as any other."""

import sys
from pathlib import Path

from explorer.records.states import Kind
from tests.end2end.command import explorer, run_json
from tests.end2end.recorded import Recorded
from tests.end2end.shape import faults, incoherent


def test_what_takes_too_long_is_timed_out() -> None:
    figures = run_json(
        "--users", "3", "--set", "workload.seconds=0.4", "--set", "load.timeout=0.1", "--duration", "1",
    )  # fmt: skip
    assert faults(figures) == incoherent(figures) == []
    total = figures["requests_total"]
    assert total["timed_out"] > 0
    assert (total["ok"], total["failed"]) == (0, 0)
    assert not figures["valid"]
    assert "No request was answered." in figures["invalid_reason"]
    assert figures["latency_ms"]["p50"] is None


def test_what_the_server_refuses_has_failed(tmp_path: Path) -> None:
    path = tmp_path / "refused.cxrec"
    figures = run_json(
        "--burst", "30", "--set", "server.limit_concurrency=5", "--set", "workload.seconds=0.2", "--record", path,
    )  # fmt: skip
    assert faults(figures) == incoherent(figures) == []
    total = figures["requests_total"]
    assert total["failed"] > 0  # all of them, if all had connected before the first was read
    assert total["ok"] + total["failed"] == total["sent"] == 30
    statuses = (Recorded(path).of(Kind.CLIENT_REQUEST)["argument"] & 0xFFFF_FFFF).tolist()
    assert statuses.count(503) == total["failed"]
    assert statuses.count(200) == total["ok"]


APP = """from fastapi import FastAPI
app = FastAPI()

@app.get("/")
async def root(number: int):
    return number
"""


def test_an_app_that_refuses_everything_is_told_with_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(APP, encoding="utf-8")
    ended = explorer(
        "run", "--app", "main:app", "--folder", tmp_path, "--path", "/?number=hunter2", "--users", "2",
        "--duration", "1", "--json", "-",
    )  # fmt: skip
    assert ended.status == 0, "it was a run, though not a valid one"
    refused = ended.figures["requests_total"]["statuses"]["422"]
    assert ended.figures["invalid_reason"].startswith(f"No request succeeded: {refused:,} × 422.")
    assert ended.err.count("The first request that failed was answered with 422: {") == 1
    assert "int_parsing" in ended.err
    assert "hunter2" not in ended.err + ended.out


def test_a_new_connection_for_each_request_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "connections.cxrec"
    figures = run_json(
        "--users", "3", "--set", "workload.seconds=0.02", "--set", "load.keep_alive=false", "--duration", "1",
        "--set", f"server.interpreter={sys.executable}", "--record", path,
    )  # fmt: skip
    assert faults(figures) == incoherent(figures) == []
    total = figures["requests_total"]
    assert total["ok"] == total["sent"] > 3
    recorded = Recorded(path)
    assert len(recorded.of(Kind.CONNECT)) == total["sent"]
    assert len(recorded.of(Kind.REQUEST)) == total["sent"]
