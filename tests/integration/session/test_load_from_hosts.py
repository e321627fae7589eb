"""A load from two hosts of a Dask cluster: what they send, how they change, and what becomes of it when one dies."""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest

from explorer.analysis.statistics import RunStatistics
from explorer.load.histogram import Histogram
from explorer.option_error import OptionError
from explorer.records.states import Kind, Role, TrackKind
from explorer.session import events
from tests.clusters import Foreign
from tests.integration.session.stage import Stage, status
from tests.waiting import wait_until

pytestmark = pytest.mark.long

QUICK = ("dispatch.id=coroutine", "workload.seconds=0.005")


@dataclass(frozen=True, slots=True)
class Hosts:
    """A scheduler at `address`, and its workers by name, each on an address of the loopback network: a host to Dask."""

    address: str
    workers: dict[str, "subprocess.Popen[bytes]"]

    def loads(self) -> list[psutil.Process]:
        """The load processes that the workers have started."""
        found = []
        for worker in self.workers.values():
            for child in psutil.Process(worker.pid).children():
                with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is one of those
                    found += [child] if "explorer.load.process" in child.cmdline() else []
        return found


@contextlib.contextmanager
def hosts(folder: Path) -> Iterator[Hosts]:
    """w1 and w2 around a block."""
    with Foreign(folder) as cluster:
        address = cluster.scheduler()
        places = {"w1": "127.0.0.1", "w2": "127.0.0.2"}
        yield Hosts(address, {name: cluster.worker(1, host, name=name) for name, host in places.items()})


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Two hosts."""
    with hosts(tmp_path_factory.mktemp("dask")) as found:
        yield found


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Two more for the one test that kills w2."""
    with hosts(tmp_path_factory.mktemp("mortal")) as found:
        yield found


def from_cluster(hosts: Hosts, *more: str) -> tuple[str, ...]:
    return (*QUICK, "load.where=cluster", f"load.cluster={hosts.address}", *more)


async def ended(stage: Stage) -> None:
    await stage.until(lambda: stage.log("load_total"), 30, "the end of the load")


async def test_every_request_of_both_hosts_is_counted_as_the_server_counts_them(cluster: Hosts) -> None:
    statistics = RunStatistics()
    stage = Stage(statistics.feed)
    try:
        scenario = await stage.start(*from_cluster(cluster, "load.mode=poisson", "load.rate=300", "load.duration=3"))
        sending = {process.pid for process in cluster.loads()}
        await ended(stage)
        await stage.session.stop()
    finally:
        await stage.close()
    figures = statistics.figures(scenario.to_dict())
    total = figures["requests_total"]
    assert total["statuses"] == {"200": total["ok"]}
    # These hosts are this machine: who sends is seen here, and what it costs.
    costs = {process["pid"]: process["cpu_s"] for process in figures["processes"] if process["role"] == "load"}
    assert len(sending) == 2
    assert all(costs[pid] for pid in sending)
    assert len(costs) == 3
    served = stage.spans(Kind.REQUEST)
    assert total["sent"] == total["ok"] == len(served) == sum(event["sent"] for event in stage.log("load"))
    assert status(served) == {200}
    first, second = figures["load"]["hosts"]
    assert (first["host"], second["host"]) == ("w1", "w2")
    assert first["sent"] + second["sent"] == total["sent"]
    assert min(first["sent"], second["sent"]) > 0.35 * total["sent"]  # each about 450
    for host in (first, second):
        assert host["ok"] == host["sent"]
        assert host["send_lag_p99_ms"] is not None
        assert 0 < host["clock_error_ms"] < 50
        assert host["records"]["read"] + host["records"]["lost"] == host["records"]["written"]

    # All single requests have come, too: what was merged from bins is what they are.
    asked = stage.spans(Kind.CLIENT_REQUEST)
    assert sum(host["records"]["lost"] for host in (first, second)) == 0
    assert set(asked["request"].tolist()) == set(served["request"].tolist())
    raw = (asked["end"] - asked["start"]) / 1e9
    merged = Histogram()
    for event in stage.log("load"):
        merged.merge(Histogram.from_bins(event["latency"], total=event["latency_sum"], maximum=event["latency_max"]))
    assert merged.count == len(raw)
    for percent in (50, 90, 99):
        # A value that occurred: between the last few there may be any distance.
        value = float(np.percentile(raw, percent, method="inverted_cdf"))
        assert merged.percentile(percent) == pytest.approx(value, rel=0.01)
    groups = {track.name for track in stage.tracks.values() if track.kind is TrackKind.HOST and not track.process}
    words = {re.sub(r"±\d+\.\d ms", "±", name) for name in groups}
    assert words == {"w1 ±", "w1 ±, GET /job", "w2 ±", "w2 ±, GET /job"}
    assert stage.tally.read + stage.tally.lost == stage.tally.written


async def test_users_are_divided_and_a_change_goes_to_all(stage: Stage, cluster: Hosts) -> None:
    await stage.start(*from_cluster(cluster, "load.mode=users", "load.users=5"))
    await stage.until(lambda: any(event["users"] == 5 for event in stage.log("load")), what="five users")
    await stage.change("load.users=9")
    await stage.until(lambda: any(event["users"] == 9 for event in stage.log("load")), what="nine users")
    assert [event.knob for event in stage.said(events.Applied)] == ["load.users"]
    stage.session.send(3)
    sent = stage.log("load")[-1]["hosts"]
    assert all(host["sent"] > 0 for host in sent)
    await stage.session.stop()
    (total,) = stage.log("load_total")
    assert total["sent"] == total["ok"] + total["unanswered"]
    assert total["failed"] == total["timed_out"] == 0


async def test_a_burst_is_split_to_the_last_request(stage: Stage, cluster: Hosts) -> None:
    await stage.start(*from_cluster(cluster, "load.mode=burst", "load.requests=501"))
    await ended(stage)
    (total,) = stage.log("load_total")
    assert [host["sent"] for host in total["hosts"]] == [251, 250]
    assert total["ok"] == 501


async def test_a_new_server_gets_the_load_of_all_hosts(stage: Stage, cluster: Hosts) -> None:
    await stage.start(*from_cluster(cluster, "load.mode=rate", "load.rate=100"))
    await stage.until(lambda: stage.answered >= 50, what="answers")
    await stage.change("dispatch.id=thread_pool")
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 50, what="answers of the new server")
    await stage.session.stop()
    assert len(stage.pids(Role.SERVER)) == 2
    assert stage.failures == {}


async def test_hosts_wait_while_a_server_that_speaks_otherwise_takes_over(stage: Stage, cluster: Hosts) -> None:
    await stage.start(*from_cluster(cluster, "load.mode=rate", "load.rate=60"))
    await stage.until(lambda: stage.answered >= 30, what="answers")
    await stage.change("workload.id=websocket")
    before = stage.answered
    await stage.until(lambda: stage.answered >= before + 40, what="answers of the new server")
    await stage.session.stop()
    assert stage.count(Kind.MESSAGE) >= 40
    assert stage.failures == {}


async def test_a_host_that_dies_takes_its_share_with_it(mortal: Hosts) -> None:
    statistics = RunStatistics()
    stage = Stage(statistics.feed)
    try:
        scenario = await stage.start(*from_cluster(mortal, "load.mode=rate", "load.rate=200"))
        await stage.until(lambda: stage.answered >= 100, what="answers")
        mortal.workers["w2"].kill()
        await stage.until(lambda: stage.said(events.Warned), what="the news")
        await stage.until(lambda: stage.log("load")[-1]["rate"] == pytest.approx(100), what="half the rate")
        answered = stage.answered
        await stage.until(lambda: stage.answered >= answered + 50, what="the other host's answers")
        await stage.session.stop()
    finally:
        await stage.close()
    sentence = "Host w2 ended (its Dask worker has gone); its 100 requests/s are no longer sent."
    assert [warned.sentence for warned in stage.said(events.Warned)] == [sentence]
    (marker,) = [marker for marker in stage.markers if marker.kind == "death"]
    assert (marker.text, marker.detail) == ("Host w2 ended", sentence)
    figures = statistics.figures(scenario.to_dict())
    first, second = figures["load"]["hosts"]
    assert (first["ended"], second["ended"]) == (None, sentence)
    assert figures["requests_total"]["sent"] == first["sent"] + second["sent"]
    assert figures["requests_total"]["sent"] == sum(event["sent"] for event in stage.log("load"))
    # What was told before its death counts; what it had sent since then, nobody knows.
    assert 0 < second["sent"] < first["sent"] <= len(stage.spans(Kind.REQUEST))


async def test_when_no_host_is_left_the_run_says_so_and_its_server_goes_on(stage: Stage, cluster: Hosts) -> None:
    await stage.start(*from_cluster(cluster, "load.mode=rate", "load.rate=100"))
    await stage.until(lambda: stage.answered >= 20, what="answers")
    for load in cluster.loads():
        load.kill()
    await stage.until(lambda: stage.said(events.Died), what="the news")
    (died,) = stage.said(events.Died)
    assert (died.role, died.fatal) == ("load", False)
    assert any("No host of the cluster sends any more." in warned.sentence for warned in stage.said(events.Warned))
    assert stage.get("/job") == 200


async def test_nothing_is_left_on_the_hosts_after_a_run(stage: Stage, cluster: Hosts) -> None:
    await stage.start(*from_cluster(cluster))
    assert len(cluster.loads()) == 2
    await stage.session.stop()
    wait_until(lambda: not cluster.loads(), 5, "the end of the hosts' loads")


async def test_nothing_is_left_on_the_hosts_when_the_session_loses_its_load(stage: Stage, cluster: Hosts) -> None:
    """The process that holds the connection to the cluster is killed, as it would be with the whole session."""
    await stage.start(*from_cluster(cluster))
    sending = {process.pid for process in cluster.loads()}
    assert len(sending) == 2
    await stage.until(lambda: set(stage.pids(Role.LOAD)) - sending, what="the load")
    (load,) = set(stage.pids(Role.LOAD)) - sending
    os.kill(load, signal.SIGKILL)
    wait_until(lambda: not cluster.loads(), 10, "the end of the hosts' loads")


async def test_the_embedded_cluster_is_one_host(stage: Stage) -> None:
    await stage.start(*QUICK, "load.where=cluster", "load.mode=burst", "load.requests=40")
    await ended(stage)
    (total,) = stage.log("load_total")
    assert [(host["host"], host["ok"]) for host in total["hosts"]] == [("this machine", 40)]
    (worker,) = stage.pids(Role.CLUSTER)
    assert stage.processes[worker].label == "The load's Dask worker 1 on this machine"


async def test_a_scheduler_that_is_not_there_is_a_sentence_and_no_server_starts(stage: Stage) -> None:
    with pytest.raises(OptionError, match="No Dask scheduler can be reached at") as raised:
        await stage.start(*QUICK, "load.where=cluster", "load.cluster=tcp://127.0.0.1:1")
    assert raised.value.where == "load.cluster"
    assert not stage.said(events.Serving)
