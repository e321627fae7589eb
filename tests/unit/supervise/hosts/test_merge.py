"""Reports of several hosts become one: counts add up whatever comes when, and a host that dies stays counted."""

from random import Random
from typing import Any

import numpy as np
import pytest

from explorer.load.driver import REPORT_NS
from explorer.load.histogram import Histogram
from explorer.load.tally import Tally
from explorer.supervise.hosts.ledger import Ledger
from explorer.supervise.hosts.merge import Merge, on_this_clock

BEGIN = 5_000_000_000


class Host:
    """A host's load, as far as its reports: a real tally that the test fills."""

    def __init__(self, name: str = "w1") -> None:
        self.tally = Tally()
        self.ledger = Ledger(name, 0.25)
        self.latencies: list[int] = []

    def answer(self, latencies_ns: list[int]) -> None:
        self.latencies += latencies_ns
        for latency in latencies_ns:
            self.tally.sent += 1
            self.tally.ok += 1
            self.tally.statuses[200] += 1
            self.tally.latency.append(latency)
            self.tally.send_lag.append(1_000_000)

    def report(self, slot: int, late_ns: int = 3_000_000, users: int = 0) -> dict[str, Any]:
        time = BEGIN + (slot + 1) * REPORT_NS + late_ns
        live = {"users": users, "rate": 50.0, "in_flight": 1}
        return {"time": time, "interval_ns": REPORT_NS, **live, **self.tally.interval(), "written": 7, "lost": 2}

    def totals(self, time: int) -> dict[str, Any]:
        return {"time": time, "unanswered": 0, **self.tally.totals()}


class Stage:
    def __init__(self, hosts: int = 2) -> None:
        self.now = BEGIN
        self.hosts = [Host(f"w{number}") for number in range(1, hosts + 1)]
        self.reports: list[dict[str, Any]] = []
        self.totals: list[dict[str, Any]] = []
        self.merge = Merge([host.ledger for host in self.hosts], self._heard, clock=lambda: self.now)
        self.merge.begin(BEGIN)

    def _heard(self, name: str, fields: dict[str, Any]) -> None:
        (self.reports if name == "load" else self.totals).append(fields)

    def sum(self, name: str) -> int:
        return sum(report[name] for report in self.reports)


def test_a_tenth_of_a_second_is_one_report_when_all_have_told_of_it() -> None:
    stage = Stage()
    first, second = stage.hosts
    first.answer([10_000_000] * 3)
    second.answer([20_000_000] * 4)
    stage.merge.report(first.ledger, first.report(0))
    assert not stage.reports
    stage.merge.report(second.ledger, second.report(0, users=2))
    (report,) = stage.reports
    assert (report["sent"], report["ok"]) == (7, 7)
    assert (report["time"], report["interval_ns"]) == (BEGIN + REPORT_NS, REPORT_NS)
    assert sum(report["latency"].values()) == 7
    assert report["latency_sum"] == pytest.approx(0.11)
    assert report["latency_max"] == pytest.approx(0.02)
    assert (report["users"], report["rate"], report["in_flight"]) == (2, 100.0, 2)
    assert [line["host"] for line in report["hosts"]] == ["w1", "w2"]


def test_a_late_host_is_awaited_for_a_while_and_then_counted_in_what_comes_next() -> None:
    stage = Stage()
    first, second = stage.hosts
    first.answer([1_000_000])
    stage.merge.report(first.ledger, first.report(0))
    stage.now = BEGIN + REPORT_NS + 149_000_000
    stage.merge.tick()
    assert not stage.reports
    stage.now += 2_000_000
    stage.merge.tick()
    assert stage.sum("ok") == 1
    second.answer([1_000_000] * 5)
    stage.merge.report(second.ledger, second.report(0))
    stage.merge.report(first.ledger, first.report(1))
    stage.merge.report(second.ledger, second.report(1))
    assert [report["ok"] for report in stage.reports] == [1, 5]
    assert stage.reports[1]["time"] == BEGIN + 2 * REPORT_NS


def test_whatever_comes_when_no_count_is_left_out_and_percentiles_are_those_of_all_values() -> None:
    random = Random(4)
    stage = Stage(3)
    waiting = []
    for slot in range(40):
        for host in stage.hosts:
            host.answer([int(random.lognormvariate(16, 0.8)) for _ in range(random.randrange(30))])
            waiting.append((host, host.report(slot, random.randrange(20_000_000))))
        random.shuffle(waiting)
        for _ in range(random.randrange(len(waiting) + 1)):
            host, report = waiting.pop()
            stage.merge.report(host.ledger, report)
        stage.now = BEGIN + (slot + 1) * REPORT_NS
        stage.merge.tick()
    for host, report in waiting:
        stage.merge.report(host.ledger, report)
    for host in stage.hosts:
        stage.merge.total(host.ledger, host.totals(stage.now))
    raw = np.array([latency for host in stage.hosts for latency in host.latencies]) / 1e9
    (total,) = stage.totals
    assert stage.sum("ok") == total["ok"] == len(raw)
    merged = Histogram()
    for report in stage.reports:
        merged.merge(Histogram.from_bins(report["latency"], total=report["latency_sum"], maximum=report["latency_max"]))
    for percent in (50, 90, 99, 99.9):
        exact = float(np.percentile(raw, percent, method="inverted_cdf"))
        assert merged.percentile(percent) == pytest.approx(exact, rel=0.01)
    assert merged.mean == pytest.approx(raw.mean())
    times = [report["time"] for report in stage.reports]
    assert times == sorted(times)


def test_a_host_that_died_stays_counted_and_is_not_awaited() -> None:
    stage = Stage()
    first, second = stage.hosts
    second.answer([1_000_000] * 3)
    second.tally.sent += 2  # under way when it died
    stage.merge.report(second.ledger, second.report(0))
    stage.merge.ended(second.ledger, "Host w2 ended.")
    first.answer([1_000_000])
    stage.merge.report(first.ledger, first.report(0))
    first.answer([1_000_000])
    stage.merge.report(first.ledger, first.report(1))
    assert stage.reports[-1]["rate"] == 50.0
    stage.merge.total(first.ledger, first.totals(stage.now))
    (total,) = stage.totals
    assert (total["sent"], total["ok"], total["unanswered"]) == (7, 5, 2)
    assert stage.sum("sent") == 7
    dead = total["hosts"][1]
    assert (dead["sent"], dead["ok"], dead["ended"]) == (5, 3, "Host w2 ended.")
    assert dead["records"] == {"written": 7, "read": 5, "lost": 2}
    assert dead["send_lag_p99_ms"] == pytest.approx(1.0, rel=0.01)


def test_the_end_is_told_once_when_all_have_ended_and_after_all_reports() -> None:
    stage = Stage()
    first, second = stage.hosts
    first.answer([1_000_000])
    stage.merge.report(first.ledger, first.report(0))
    stage.merge.total(first.ledger, first.totals(stage.now))
    assert not stage.totals
    stage.merge.total(second.ledger, second.totals(stage.now))
    assert stage.sum("ok") == 1
    assert len(stage.totals) == 1
    assert not stage.merge.running


def test_when_the_last_host_dies_what_it_told_is_reported_but_no_end() -> None:
    stage = Stage(1)
    (host,) = stage.hosts
    host.answer([1_000_000])
    stage.hosts[0].ledger.reported = -1
    stage.merge.report(host.ledger, host.report(3))
    stage.merge.lost_all(host.ledger, "Host w1 ended.")
    assert stage.sum("ok") == 1
    assert not stage.totals


def test_times_of_a_report_are_turned_into_ours() -> None:
    fields = on_this_clock({"time": 1_000, "first_send": 0, "last_answer": 900, "sent": 3}, 500)
    assert fields == {"time": 500, "first_send": 0, "last_answer": 400, "sent": 3}


def test_how_requests_ended_is_told_of_all_hosts_together_also_of_one_that_died() -> None:
    stage = Stage()
    first, second = stage.hosts
    first.answer([1_000_000] * 3)
    first.tally.statuses[307] += 1
    second.answer([1_000_000] * 2)
    second.tally.error("status 422")
    stage.merge.report(first.ledger, first.report(0))
    stage.merge.report(second.ledger, second.report(0))
    (report,) = stage.reports
    told = ({"200": 5, "307": 1}, {"status 422": 1})
    assert (report["statuses"], report["errors"]) == told
    stage.merge.ended(second.ledger, "Host w2 ended.")
    stage.merge.total(first.ledger, first.totals(stage.now))
    (total,) = stage.totals
    assert (total["statuses"], total["errors"]) == told
