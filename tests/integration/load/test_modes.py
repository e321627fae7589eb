"""Users, rates and bursts against a real server: how many requests are sent, when, and over which connections."""

import asyncio
import time
from itertools import pairwise
from random import Random

import pytest

from explorer.load import failures
from explorer.load.histogram import Histogram
from explorer.scenario import Phase
from tests.integration.load.stage import Stage


async def test_users_ask_again_after_each_answer(port: int) -> None:
    async with Stage(port, users=5) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 500)
        assert stage.driver.client.in_flight <= 5
        await stage.until(lambda: len(stage.reports) >= 3)
        stage.driver.end()
        total = await stage.ended()
    assert total["failed"] == total["timed_out"] == total["unanswered"] == 0
    assert total["connections"] == 5
    assert stage.summed("ok") == total["ok"]
    assert stage.reports[1]["users"] == 5
    assert 0 < total["first_send"] < total["last_answer"] <= total["time"]
    merged = Histogram()
    for report in stage.reports:
        merged.merge(Histogram.from_bins(report["latency"]))
    assert merged.to_bins() == total["latency"]
    assert merged.count == total["ok"]


async def test_users_come_and_go_while_it_runs_and_finish_their_request_first(port: int) -> None:
    async with Stage(port, "/slow/0.2", users=2) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.driver.client.in_flight == 2)
        assert stage.driver.change({"users": 8}) == ["users"]
        await stage.until(lambda: stage.driver.client.in_flight == 8)
        stage.driver.change({"users": 1})
        assert stage.driver.client.in_flight >= 2  # those who leave still wait for their answer
        await stage.until(lambda: stage.driver.client.in_flight == 1)
        await stage.until(lambda: stage.reports and stage.reports[-1]["users"] == 1)
        stage.driver.end()
        total = await stage.ended()
    assert total["failed"] == 0
    assert total["ok"] >= 8


async def test_thinking_users_leave_at_once(port: int) -> None:
    async with Stage(port, users=4, think_time=1000.0) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok == 4)
        stage.driver.end()
        total = await stage.ended()
    assert total["sent"] == 4
    assert total["unanswered"] == 0


async def test_think_time_spaces_requests(port: int) -> None:
    async with Stage(port, users=20, think_time=0.05) as stage:
        began = time.monotonic()
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 200)
        # 20 users with a mean pause of 50 ms cannot do 200 requests in less than a fifth of the expected 0.5 s.
        assert time.monotonic() - began > 0.1


async def test_a_constant_rate_sends_as_many_as_are_due(port: int) -> None:
    async with Stage(port, mode="rate", rate=400, duration=0.5) as stage:
        stage.driver.begin()
        total = await stage.ended()
    assert total["sent"] in (199, 200)  # the last is due exactly at the end
    assert total["ok"] == total["sent"]
    assert stage.reports[0]["rate"] == 400
    starts = [start for _, start in stage.records.begun.values()]
    gaps = {b - a for a, b in pairwise(starts)}
    assert all(abs(gap - 2_500_000) <= 2 for gap in gaps)


async def test_poisson_arrivals_are_the_same_for_a_seed(port: int) -> None:
    found = []
    for _ in range(2):
        async with Stage(port, mode="poisson", rate=500, duration=0.2, seed=7) as stage:
            stage.driver.begin()
            await stage.ended()
        starts = [start - stage.records.begun[1][1] for _, start in stage.records.begun.values()]
        found.append(starts[:50])
    assert found[0] == pytest.approx(found[1], abs=2)


async def test_latency_counts_from_the_intended_send(port: int) -> None:
    async with Stage(port, mode="rate", rate=200) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 10)
        time.sleep(0.3)  # a stalled client: everything due in this time is late, and must say so
        await stage.until(lambda: stage.tally.ok >= 75)
        stage.driver.end()
        total = await stage.ended()
    assert total["latency_max"] >= 0.25
    assert total["send_lag_max"] >= 0.25
    late = Histogram.from_bins(total["latency"])
    assert late.counts[late.counts.size // 2 :].sum() >= 30  # not one late request: all of them


async def test_a_rate_can_change_while_it_runs(port: int) -> None:
    async with Stage(port, mode="rate", rate=0.001) as stage:
        stage.driver.begin()
        await stage.until(lambda: len(stage.reports) >= 2)
        assert stage.tally.sent == 0
        stage.driver.change({"rate": 500.0})  # without this the first request would be due in 1000 s
        await stage.until(lambda: stage.tally.ok >= 20)
        await stage.until(lambda: stage.reports[-1]["rate"] == 500)


async def test_beyond_the_connections_requests_wait_in_the_client_and_the_wait_counts(port: int) -> None:
    async with Stage(port, "/slow/0.1", mode="burst", requests=40, connections=10) as stage:
        stage.driver.begin()
        total = await stage.ended()
    assert total["ok"] == 40
    assert total["connections"] == 10
    assert total["latency_max"] >= 0.35  # the last ten waited for three others before them
    assert total["service_max"] < total["latency_max"]


async def test_a_burst_is_due_at_one_moment_and_ends_the_load(port: int) -> None:
    async with Stage(port, mode="burst", requests=500, connections=50) as stage:
        stage.driver.begin()
        total = await stage.ended()
        assert len({start for _, start in stage.records.begun.values()}) == 1
        stage.driver.end()  # an end that comes late changes nothing
        await asyncio.sleep(0.05)
    assert total["ok"] == 500


async def test_the_mode_can_change_while_it_runs(port: int) -> None:
    async with Stage(port, users=3) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 10)
        stage.driver.change({"mode": "rate", "rate": 300.0})
        await stage.until(lambda: stage.reports and stage.reports[-1]["rate"] == 300)
        assert stage.reports[-1]["users"] == 0
        before = stage.tally.ok
        await stage.until(lambda: stage.tally.ok >= before + 20)
        stage.driver.change({"mode": "users"})
        await stage.until(lambda: stage.reports[-1]["users"] == 3)


async def test_phases_change_the_load_over_time(port: int) -> None:
    phases = [Phase(at=0.2, users=6), Phase(at=0.5, users=1, ramp=0.1)]
    async with Stage(port, "/slow/0.01", users=3, phases=phases) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.reports and stage.reports[-1]["users"] == 1)
        stage.driver.end()
        total = await stage.ended()
    assert total["connections"] == 6
    assert total["failed"] == 0


async def test_a_ramp_begins_with_nothing(port: int) -> None:
    async with Stage(port, users=8, ramp=3600) as stage:
        stage.driver.begin()
        await stage.until(lambda: len(stage.reports) >= 2)
        assert stage.reports[-1]["users"] == 0


async def test_seed_and_ramp_wait_for_the_next_beginning(port: int) -> None:
    async with Stage(port, users=2, think_time=0.01) as stage:
        stage.driver.begin()
        assert stage.driver.change({"ramp": 3600.0, "seed": 7, "users": 3}) == ["users"]
        stage.driver.change({"mode": "rate"})
        stage.driver.change({"mode": "users"})  # planned anew: still without a ramp
        await stage.until(lambda: stage.reports and stage.reports[-1]["users"] == 3)
        stage.driver.end()
        await stage.ended()
        stage.total = None
        stage.driver.begin()
        began = len(stage.reports)
        await stage.until(lambda: len(stage.reports) >= began + 2)
        assert stage.reports[-1]["users"] == 0
        assert stage.driver._random_pauses.random() == Random("7 think").random()


async def test_phases_can_be_replaced_while_it_runs(port: int) -> None:
    async with Stage(port, users=3, phases=[Phase(at=1000, users=9)]) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.reports and stage.reports[-1]["users"] == 3)
        stage.driver.change({"phases": [{"at": 0.0, "users": 5}]})
        await stage.until(lambda: stage.reports[-1]["users"] == 5)
        assert stage.tally.failed == 0


async def test_single_requests_go_beside_the_load_and_without_it(port: int) -> None:
    async with Stage(port, users=1, think_time=1000.0) as stage:
        stage.driver.send(1, "/job")
        await stage.until(lambda: stage.tally.ok == 1)
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok == 1)  # the user; the count began anew
        stage.driver.send(10, "/also/1/job")
        await stage.until(lambda: stage.tally.ok == 11)
        stage.driver.end()
        total = await stage.ended()
        stage.driver.send(1, "/job")
        await stage.until(lambda: stage.summed("ok") == 13)
    assert total["sent"] == 11
    named = [name for name, _, _, _ in stage.records.ended.values()]
    assert named.count("GET /also/1/job") == 10


async def test_paths_share_the_load(port: int) -> None:
    async with Stage(port, [("/job", 0.8), ("/also/1/job", 0.2)], mode="burst", requests=2000, connections=20) as stage:
        stage.driver.begin()
        await stage.ended()
    named = [name for name, _, _, _ in stage.records.ended.values()]
    assert named.count("GET /also/1/job") == pytest.approx(400, abs=80)


async def test_no_users_means_no_requests(port: int) -> None:
    async with Stage(port, users=0) as stage:
        stage.driver.begin()
        await stage.until(lambda: len(stage.reports) >= 3)
        stage.driver.end()
        total = await stage.ended()
    assert total["sent"] == 0


async def test_the_report_comes_also_when_there_is_more_to_do_than_can_be_done(port: int) -> None:
    async with Stage(port, mode="rate", rate=200_000.0, connections=4) as stage:
        stage.driver.begin()
        await stage.until(lambda: len(stage.reports) >= 5)
        assert stage.tally.ok > 0


async def test_a_burst_larger_than_what_may_be_under_way(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.load.burst.MOST_UNDER_WAY", 100)
    async with Stage(port, mode="burst", requests=1000, connections=10) as stage:
        stage.driver.begin()
        most = 0
        while stage.total is None:
            most = max(most, stage.driver.client.in_flight)
            await asyncio.sleep(0.001)
        total = await stage.ended()
    assert total["ok"] == 1000
    assert most <= 100


async def test_a_rate_beyond_all_bounds_fails_instead_of_filling_memory(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.load.driver.MOST_UNDER_WAY", 50)
    async with Stage(port, "/never", mode="rate", rate=2000, connections=2) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.failed >= 20)
        assert stage.driver.client.in_flight == 50
        assert list(stage.tally.errors) == [failures.TOO_MANY]


async def test_a_new_think_time_wakes_those_who_think(port: int) -> None:
    async with Stage(port, users=4, think_time=1000.0) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok == 4)
        stage.driver.change({"think_time": 0.0})
        await stage.until(lambda: stage.tally.ok >= 100)


async def test_the_number_of_connections_can_change_while_it_runs(port: int) -> None:
    async with Stage(port, "/slow/0.1", mode="rate", rate=200, connections=1) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 3)
        assert stage.tally.connections == 1
        stage.driver.change({"connections": 10})
        await stage.until(lambda: stage.tally.connections == 10)
        stage.driver.change({"connections": 2})
        before = stage.tally.ok
        await stage.until(lambda: stage.tally.ok >= before + 20)
        assert stage.tally.connections == 10


async def test_what_waits_in_the_client_is_not_sent_after_the_end(port: int) -> None:
    async with Stage(port, "/slow/0.05", mode="burst", requests=100, connections=2) as stage:
        stage.driver.begin()
        await stage.until(lambda: stage.tally.ok >= 2)
        stage.driver.end()
        written = len(stage.tally.send_lag) + stage.tally.total_lag.count
        total = await stage.ended()
    assert sum(total["send_lag"].values()) == written
    assert total["unanswered"] >= 90
