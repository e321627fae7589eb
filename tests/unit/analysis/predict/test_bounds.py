"""What holds for all laws: no more than users or limits allow, more of anything does no harm, Little's law."""

import pytest

pytest.importorskip("hypothesis")

from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.predict.queueing import erlang_c, mean_wait_s
from tests.unit.analysis.predict.setups import law

USERS = st.integers(1, 500)
TOKENS = st.integers(1, 200)
TIMES = st.floats(0.01, 2.0)


def words(users: int, tokens: int, wait: float, think: float = 0.0) -> tuple[str, ...]:
    return (
        f"load.users={users}", f"dispatch.tokens={tokens}", f"workload.seconds={wait}", f"load.think_time={think}",
        "load.timeout=3600",
    )  # fmt: skip


@given(USERS, TOKENS, TIMES)
def test_neither_users_nor_tokens_nor_cores_are_exceeded(users: int, tokens: int, wait: float) -> None:
    found = law(*words(users, tokens, wait))
    assert found.throughput_rps is not None
    assert found.latency_ms is not None
    assert found.throughput_rps <= min(users, tokens) / wait * (1 + 1e-9)
    assert found.throughput_rps <= 1 / 0.001 * (1 + 1e-9)  # what serving costs
    assert found.latency_ms >= 1e3 * wait * (1 - 1e-9)


@given(USERS, TOKENS, TIMES, st.sampled_from([0.0, 0.5]))
def test_littles_law_holds_for_what_is_predicted(users: int, tokens: int, wait: float, think: float) -> None:
    found = law(*words(users, tokens, wait, think))
    assert found.throughput_rps is not None
    assert found.latency_ms is not None
    assert found.throughput_rps * (found.latency_ms / 1e3 + think) == pytest.approx(users)


@given(USERS, TOKENS, TIMES)
def test_one_more_token_or_user_never_answers_less(users: int, tokens: int, wait: float) -> None:
    base = law(*words(users, tokens, wait)).throughput_rps
    assert base is not None
    for more in (words(users + 1, tokens, wait), words(users, tokens + 1, wait)):
        found = law(*more).throughput_rps
        assert found is not None
        assert found >= base * (1 - 1e-9)


@given(USERS, TOKENS)
def test_a_little_longer_changes_little(users: int, tokens: int) -> None:
    short, longer = law(*words(users, tokens, 0.2)), law(*words(users, tokens, 0.2001))
    assert short.throughput_rps is not None
    assert longer.throughput_rps == pytest.approx(short.throughput_rps, rel=0.002)


@given(st.integers(1, 400), st.integers(1, 100), TIMES)
def test_a_burst_takes_as_many_waves_as_it_needs(requests: int, tokens: int, wait: float) -> None:
    found = law(
        "load.mode=burst", f"load.requests={requests}", f"dispatch.tokens={tokens}", f"workload.seconds={wait}",
        "load.timeout=3600",
    )  # fmt: skip
    assert found.makespan_s is not None
    assert found.latency_ms is not None
    assert found.makespan_s >= -(-requests // tokens) * wait * (1 - 1e-9)
    assert found.latency_ms <= 1e3 * found.makespan_s * (1 + 1e-9)


@given(st.integers(1, 60), st.floats(0.01, 0.97))
def test_erlang_is_a_share_that_grows_with_the_load(places: int, busy: float) -> None:
    share = erlang_c(places, busy * places)
    assert 0 <= share <= 1
    assert share <= erlang_c(places, min(0.99, busy + 0.01) * places)
    if places == 1:
        assert share == pytest.approx(busy)


@given(st.floats(0.01, 0.97))
def test_with_one_place_the_wait_is_that_of_pollaczek_and_khinchine(busy: float) -> None:
    assert mean_wait_s(1, 0.1, busy / 0.1) == pytest.approx(busy * 0.1 / (2 * (1 - busy)))
