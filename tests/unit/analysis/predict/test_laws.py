"""Each law against what a textbook says, with the numbers put in; and no number where none holds."""

from dataclasses import replace

import pytest

from tests.unit.analysis.predict.setups import KNOWN, law, nothing

CPU = ("workload.id=cpu_python", "workload.seconds=0.02")
BURST = ("load.mode=burst",)


def test_forty_tokens_let_a_hundred_wait_in_three_waves() -> None:
    found = law(*BURST, "load.requests=100", "workload.seconds=1")
    assert found.makespan_s == pytest.approx(3)
    assert found.latency_ms == pytest.approx(1800)
    assert found.steps[0].formula == "⌈N / T⌉ · S"
    assert found.steps[0].with_numbers == "⌈100 / 40⌉ · 1 s = 3 s"
    assert {one.symbol: one.value for one in found.inputs} == {"N": 100, "T": 40, "S": 1}


def test_all_of_a_burst_is_taken_in_before_the_pool_has_done_the_first() -> None:
    pool = (*BURST, *CPU, "load.requests=100", "dispatch.id=process_pool")
    known = replace(KNOWN, cores=2.0, beside=0.0, serving_s=0.0, load_s=0.0, places_s=0.0)
    alone = law(*pool, known=known)
    costly = law(*pool, known=replace(known, serving_s=0.001, load_s=0.001))
    assert alone.makespan_s == pytest.approx(1.0)
    assert alone.latency_ms == pytest.approx(505, rel=0.02)
    # A tenth of the time goes into taking the requests in, on both cores, and everybody waits until that is done.
    assert costly.makespan_s == pytest.approx(1.1)
    assert costly.latency_ms == pytest.approx(100 + 505, rel=0.02)


def test_tokens_and_little() -> None:
    found = law("load.users=100")
    assert found.throughput_rps == pytest.approx(200)
    assert found.latency_ms == pytest.approx(500)
    assert [step.formula for step in found.steps] == ["min(N, T) / S", "N / X"]


def test_fewer_users_than_tokens_wait_for_nobody() -> None:
    found = law("load.users=10")
    assert found.law == "Little's law"
    assert found.throughput_rps == pytest.approx(50)
    assert found.latency_ms == pytest.approx(200)


def test_awaiting_has_no_tokens() -> None:
    assert law("dispatch.id=coroutine", "load.users=100").throughput_rps == pytest.approx(500)


def test_a_blocked_loop_serves_one_at_a_time() -> None:
    found = law("dispatch.id=blocking_coroutine", "load.users=10")
    assert found.throughput_rps == pytest.approx(5)
    assert found.steps[0].formula == "1 / S"
    assert found.latency_ms == pytest.approx(2000)


def test_every_worker_has_tokens_of_its_own() -> None:
    found = law("model.id=prefork", "model.workers=2", "dispatch.tokens=10", "load.users=100")
    assert found.throughput_rps == pytest.approx(100)
    assert "L · T" in found.steps[0].formula
    burst = law("model.id=prefork", *BURST, "load.requests=100", "workload.seconds=1")
    assert burst.makespan_s == pytest.approx(2)


def test_connections_that_stay_may_be_shared_unevenly_among_workers() -> None:
    words = ("model.id=prefork", "dispatch.tokens=10", "load.users=60")
    assert "shared evenly" in law(*words).note
    assert law(*words).bound
    assert not law(*words, "load.keep_alive=false").bound
    assert not law("model.id=prefork", "dispatch.id=coroutine", "load.users=60").bound  # nobody waits for another


@pytest.mark.parametrize("model", ["thread_per_connection", "process_per_connection"])
def test_a_connection_with_a_loop_of_its_own_blocks_nobody_else(model: str) -> None:
    found = law(f"model.id={model}", "dispatch.id=blocking_coroutine", "load.users=20")
    assert found.throughput_rps == pytest.approx(100)


def test_a_process_pool_works_at_as_many_as_it_has_processes() -> None:
    assert law("dispatch.id=process_pool", "load.users=10").throughput_rps == pytest.approx(10)


def test_the_gil_lets_one_compute_at_a_time() -> None:
    found = law(*CPU, "load.users=10")
    assert found.throughput_rps == pytest.approx(1 / 0.0212)
    assert found.needs_cpu
    free = law(*CPU, "load.users=10", known=replace(KNOWN, gil=False))
    assert free.throughput_rps is not None
    assert free.throughput_rps > 3 / 0.0212


def test_native_code_takes_all_cores_that_are_left() -> None:
    found = law("workload.id=cpu_native", "workload.seconds=0.02", "load.users=20")
    cores = next(one.value for one in found.inputs if one.symbol == "C")
    assert 3.8 < cores < 3.9  # of four, sampler and load have taken their part
    assert found.throughput_rps == pytest.approx(cores / 0.0212)


@pytest.mark.parametrize(
    ("words", "workers"),
    [
        (("dispatch.id=process_pool", "dispatch.processes=2"), 2),
        (("model.id=prefork", "model.workers=2"), 2),
        (("model.id=prefork", "model.workers=16"), 3.88),
        (("model.id=process_per_connection",), 3.88),
        (("model.id=thread_per_connection",), 1),
    ],
)
def test_workers_compute_on_as_many_cores_as_there_are(words: tuple[str, ...], workers: float) -> None:
    found = law(*CPU, *words, "load.users=40")
    assert found.throughput_rps == pytest.approx(workers / 0.0212, rel=0.01)


def test_threads_of_a_cluster_share_the_interpreters_of_its_workers() -> None:
    pytest.importorskip("distributed")
    places = ("dispatch.id=cluster", "dispatch.workers=2", "dispatch.threads=3")
    assert law(*places, "load.users=40").throughput_rps == pytest.approx(6 / 0.2)
    computing = law(*CPU, *places, "load.users=40")
    assert computing.throughput_rps == pytest.approx(2 / 0.0212)
    assert computing.needs_cpu


def test_a_pool_of_connections() -> None:
    found = law("workload.id=database", "workload.seconds=0.1", "load.users=20")
    assert found.throughput_rps == pytest.approx(50)
    assert found.steps[0].formula == "min(N, P) / S"


def test_a_wait_for_a_connection_that_is_too_long_has_no_law() -> None:
    assert nothing("workload.id=database", "workload.pool_timeout=0.2", "load.users=20")


def test_a_lock_held_across_an_await_lets_one_in() -> None:
    words = ("dispatch.id=coroutine", "workload.id=lock_across_await", "workload.seconds=0.1", "load.users=8")
    assert law(*words).throughput_rps == pytest.approx(10)
    assert law(*words, "workload.cured=true").throughput_rps == pytest.approx(80)


def test_a_convoy_marches_at_the_mean() -> None:
    words = ("workload.id=convoy", "workload.write=0.01", "workload.sleep=0.1", "workload.every=10", "load.users=20")
    assert law(*words).throughput_rps == pytest.approx(50)
    assert law(*words, "workload.cured=true").throughput_rps == pytest.approx(100)
    assert nothing(*words, *BURST)  # single requests differ


def test_consumers_of_a_queue() -> None:
    words = ("dispatch.id=coroutine", "workload.id=queue", "workload.consumers=3", "workload.seconds=0.1")
    assert law(*words, "load.users=20").throughput_rps == pytest.approx(30)


def test_a_stream_takes_its_updates_and_the_pauses_between() -> None:
    words = ("workload.id=sse", "workload.events=5", "workload.interval=0.2", "workload.seconds=0.1")
    assert law(*words, "load.users=10").latency_ms == pytest.approx(1300)


def test_messages_wait_for_tokens_as_requests_do() -> None:
    found = law("workload.id=websocket", "dispatch.tokens=4", "workload.seconds=0.1", "load.users=20")
    assert found.throughput_rps == pytest.approx(40)
    assert nothing("workload.id=websocket", "workload.broadcast=true")


def test_waiting_and_computing_has_the_narrower_of_two_limits() -> None:
    words = ("workload.id=mixed", "workload.seconds=0.01", "workload.wait=0.1", "load.users=80")
    assert law(*words, "dispatch.tokens=5").throughput_rps == pytest.approx(5 / 0.1112)
    assert law(*words, "dispatch.tokens=100").throughput_rps == pytest.approx(1 / 0.0112)


def test_users_who_think() -> None:
    few = law("dispatch.id=coroutine", "load.users=30", "load.think_time=0.4")
    assert few.throughput_rps == pytest.approx(50)
    many = law("dispatch.tokens=4", "load.users=60", "load.think_time=0.4")
    assert many.throughput_rps == pytest.approx(20)
    assert many.latency_ms == pytest.approx(60 / 20 * 1e3 - 400)


def test_near_the_knee_it_is_a_bound_and_says_so() -> None:
    found = law("dispatch.tokens=10", "load.users=28", "load.think_time=0.4")
    assert found.bound
    assert "knee" in found.note
    assert not law("dispatch.tokens=10", "load.users=10").bound  # nothing varies


def test_an_open_loop_below_its_capacity() -> None:
    found = law("load.mode=rate", "load.rate=100")
    assert found.throughput_rps == pytest.approx(100)
    assert found.latency_ms == pytest.approx(200)


def test_random_arrivals_wait_by_pollaczek_and_khinchine() -> None:
    found = law("load.mode=poisson", "load.rate=4", "dispatch.id=blocking_coroutine", "workload.seconds=0.2")
    assert found.latency_ms == pytest.approx(200 + 0.8 * 200 / (2 * 0.2))


def test_an_open_loop_above_its_capacity_answers_what_it_can() -> None:
    words = ("load.mode=rate", "load.rate=250")
    endless = law(*words)
    assert endless.throughput_rps == pytest.approx(200)
    assert endless.latency_ms is None
    ends = law(*words, "load.duration=10")
    # Measured from 2.4 s to 10 s: in the middle a request has waited a fifth of the time so far.
    assert ends.latency_ms == pytest.approx(1e3 * (0.2 * (2.4 + 10) / 2 + 0.2))
    assert nothing(*words, "load.duration=1000")  # the last would time out
    assert nothing("load.mode=rate", "load.rate=200")  # chance decides


def test_a_burst_that_computes_shares_the_processor() -> None:
    threads = law(*CPU, *BURST, "load.requests=20")
    assert threads.makespan_s == pytest.approx(20 * 0.0212)
    loop = law(*CPU, *BURST, "load.requests=20", "dispatch.id=blocking_coroutine")
    assert loop.makespan_s == pytest.approx(20 * 0.0212)
    # One after the other: the first ends early.
    assert loop.latency_ms is not None
    assert threads.latency_ms is not None
    assert loop.latency_ms < 0.6 * threads.latency_ms
    pool = law(*CPU, *BURST, "load.requests=20", "dispatch.id=process_pool", "dispatch.processes=2")
    assert pool.makespan_s == pytest.approx(10 * 0.0212)


@pytest.mark.parametrize(
    "words",
    [
        ("workload.id=bank_transfer",),
        ("workload.id=db_events",),
        ("workload.id=file_io",),
        ("workload.id=gc_pressure",),
        ("workload.id=background",),
        ("workload.id=lock_order_deadlock",),
        ("workload.id=reader_starvation",),
        ("load.users=0",),
        ("load.ramp=2",),
        ("load.users=100", "load.timeout=0.3"),
        ("load.users=100", "server.limit_concurrency=10"),
        ("workload.id=http_upstream", "workload.seconds=3", "workload.timeout=2"),
        ("model.id=process_per_connection", "load.mode=burst"),
        ("model.id=process_per_connection", "load.keep_alive=false"),
        ("model.id=process_per_connection", "load.mode=rate"),
    ],
)
def test_where_no_law_holds_there_is_no_number(words: tuple[str, ...]) -> None:
    assert nothing(*words)


def test_without_a_calibration_the_laws_of_waiting_hold() -> None:
    assert law("load.users=100", known=None).throughput_rps == pytest.approx(200)
    assert law(*CPU, "load.users=10", known=None).throughput_rps == pytest.approx(50)
    assert nothing("workload.seconds=0", known=None)
