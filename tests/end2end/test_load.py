"""The kinds of load, from the command line to the figures and to what a recording holds of them."""

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.records.states import Kind
from tests.end2end.command import explorer, run_json, started
from tests.end2end.recorded import Recorded
from tests.end2end.shape import faults, incoherent

REQUESTS, TOKENS, SLEEP_S = 100, 40, 0.3
LANES = 64  # more requests at once are drawn as an area
WAVES = 3  # ⌈100 / 40⌉


@pytest.fixture(scope="module")
def burst(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Recorded]:
    """A hundred requests at once for forty threads: the JSON and the recording."""
    path = tmp_path_factory.mktemp("burst") / "burst.cxrec"
    figures = run_json(
        "--burst", str(REQUESTS), "--set", f"dispatch.tokens={TOKENS}", "--set", f"workload.seconds={SLEEP_S}",
        "--record", path,
    )  # fmt: skip
    return figures, Recorded(path)


def test_a_burst_takes_as_many_sleeps_as_there_are_waves(burst: tuple[dict[str, Any], Recorded]) -> None:
    figures, _ = burst
    assert faults(figures) == incoherent(figures) == []
    assert figures["valid"], figures["invalid_reason"]
    counted = {"sent": REQUESTS, "ok": REQUESTS, "failed": 0, "timed_out": 0, "statuses": {"200": REQUESTS}}
    assert figures["requests_total"] == counted
    # Three waves take 0.9 s; without a limit it would be 0.3 s, one after the other 30 s, and ten tokens take 3 s.
    assert WAVES * SLEEP_S <= figures["makespan_s"] < 10 * SLEEP_S
    assert figures["thread_pool"]["tokens"] == figures["thread_pool"]["peak"] == TOKENS
    assert figures["latency_ms"]["max"] >= WAVES * SLEEP_S * 1000
    assert figures["throughput_rps"] == pytest.approx(REQUESTS / figures["makespan_s"], rel=0.01)


def test_the_waves_of_a_burst_are_in_its_recording(burst: tuple[dict[str, Any], Recorded]) -> None:
    _, recorded = burst
    naps = recorded.of(Kind.CALL, "time.sleep")
    assert len(naps) == REQUESTS
    starts, sleep_ns = naps["start"], SLEEP_S * 1e9
    # Whoever comes later than the fortieth has waited for one who was forty places before.
    assert starts[TOKENS // 2] - starts[0] < sleep_ns
    assert np.all(starts[TOKENS:] - starts[:-TOKENS] >= sleep_ns)
    assert starts[-1] - starts[0] >= (WAVES - 1) * sleep_ns
    waits = recorded.of(Kind.TOKEN_WAIT)
    assert len(waits) == len(recorded.of(Kind.JOB, "job")) == len(recorded.of(Kind.JOB)) == REQUESTS  # a token each
    assert np.count_nonzero(waits["end"] - waits["start"] >= sleep_ns / 2) >= REQUESTS - TOKENS


def test_a_recording_holds_what_the_run_counted(burst: tuple[dict[str, Any], Recorded]) -> None:
    figures, recorded = burst
    assert recorded.complete
    assert recorded.tally.written == figures["telemetry"]["written"]
    assert recorded.tally.read == figures["telemetry"]["read"]
    assert len(recorded.of(Kind.REQUEST)) == len(recorded.of(Kind.CLIENT_REQUEST)) == REQUESTS
    assert len(set(recorded.of(Kind.PIECE)["request"].tolist())) == LANES
    assert {process.pid for process in recorded.processes} == {process["pid"] for process in figures["processes"]}
    assert [marker.kind for marker in recorded.markers] == ["begin", "end"]
    assert recorded.run["scenario"] == figures["scenario"]
    assert "token" not in recorded.run


@pytest.mark.parametrize("arrivals", ["even", "poisson"])
def test_a_rate_is_kept_whatever_the_server_does(arrivals: str) -> None:
    figures = run_json(
        "--rate", "100", *(["--poisson"] if arrivals == "poisson" else []), "--dispatch", "coroutine",
        "--set", "workload.seconds=0.1", "--duration", "2",
    )  # fmt: skip
    assert faults(figures) == incoherent(figures) == []
    assert figures["scenario"]["load"]["mode"] == ("rate" if arrivals == "even" else "poisson")
    total = figures["requests_total"]
    assert total["ok"] == total["sent"]
    if arrivals == "even":
        assert total["sent"] in (199, 200, 201)
    else:
        assert 130 < total["sent"] < 270  # five standard deviations
    assert figures["latency_ms"]["p50"] >= 100
    assert figures["send_lag_p99_ms"] is not None


TWO_WORKLOADS = """
name = "Two workloads in phases"
dispatch = "coroutine"

[workload]
id = "sleep"
seconds = 0.01

[load]
users = 2
duration = 2.0

[[load.phase]]
at = 1.0
users = 6

[[also]]
share = 0.5
workload = { id = "cpu_python", seconds = 0.001 }
dispatch = { id = "thread_pool", tokens = 2 }
"""


def test_two_workloads_share_the_load_and_phases_change_it(tmp_path: Path) -> None:
    scenario, path = tmp_path / "two.toml", tmp_path / "two.cxrec"
    scenario.write_text(TWO_WORKLOADS)
    figures = run_json(scenario, "--record", path)
    recorded = Recorded(path)

    assert faults(figures) == incoherent(figures) == []
    assert figures["scenario"]["name"] == "Two workloads in phases"
    first, second = recorded.of(Kind.REQUEST, "GET /job"), recorded.of(Kind.REQUEST, "GET /also/1/job")
    assert len(first) + len(second) == figures["requests_total"]["sent"]
    assert 0.3 < len(first) / (len(first) + len(second)) < 0.7
    assert set(second["request"].tolist()) <= set(recorded.of(Kind.JOB)["request"].tolist())
    lanes = {
        recorded.tracks[recorded.tracks[number].parent].name
        for number in set(recorded.of(Kind.PIECE)["track"].tolist())
    }
    assert lanes == {"GET /job", "GET /also/1/job"}
    users = [event["users"] for event in recorded.events if event["type"] == "load"]
    assert max(users) == 6
    assert {2, 6} <= set(users)


def test_without_users_the_server_waits_for_a_client_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "outside.cxrec"
    with started("run", "--users", "0", "--record", path, "--json", "-") as command:
        assert command.get("/job") == 200
        assert command.get("/docs") == 200
        assert command.get("/missing") == 404
        ended = command.end(how=signal.SIGINT)
    assert ended.status == 0, ended.err
    recorded = Recorded(path)
    seen = [
        (recorded.names[int(span["name"])], int(span["argument"]) & 0xFFFF_FFFF) for span in recorded.of(Kind.REQUEST)
    ]
    assert seen == [("GET /job", 200), ("GET /docs", 200), ("GET other", 404)]
    assert len(recorded.of(Kind.CLIENT_REQUEST)) == 0
    assert ended.figures["requests_total"]["sent"] == 0


def test_the_report_for_people_says_the_same() -> None:
    ended = explorer("run", "--burst", "20", "--set", "workload.seconds=0.05")
    assert ended.status == 0, ended.err
    assert ended.out.startswith("requests        20 sent, 20 succeeded\n")
    for word in ("throughput", "latency", "thread pool", "server", "records", "0 lost"):
        assert word in ended.out


def test_a_load_from_a_cluster_has_a_line_for_each_host(tmp_path: Path) -> None:
    path = tmp_path / "cluster.cxrec"
    figures = run_json(
        "--rate", "100", "--dispatch", "coroutine", "--set", "workload.seconds=0.01", "--set", "load.where=cluster",
        "--duration", "2", "--record", path,
    )  # fmt: skip
    assert faults(figures) == incoherent(figures) == []
    (host,) = figures["load"]["hosts"]
    assert host["host"] == "this machine"
    counted = ("sent", "ok", "failed", "timed_out")
    assert [host[key] for key in counted] == [figures["requests_total"][key] for key in counted]
    assert host["records"]["lost"] == 0
    recorded = Recorded(path)
    asked = recorded.of(Kind.CLIENT_REQUEST)["request"].tolist()
    assert sorted(asked) == sorted(recorded.of(Kind.REQUEST)["request"].tolist())
    assert len(asked) == host["ok"]
