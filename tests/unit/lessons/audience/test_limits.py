"""Permits, with a clock of the tests' own."""

from explorer.lessons.audience.gateway.limits import Limiter


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_a_steady_rate() -> None:
    time = Time()
    limiter = Limiter(5.0, 3.0, time)
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 0]
    assert 0 < limiter.take("a") <= 0.2
    assert limiter.take("b") == 0  # everybody has a bucket of their own
    time.now = 0.2
    assert limiter.take("a") == 0
    assert limiter.take("a") > 0
    time.now = 1_000.0
    assert [bool(limiter.take("a")) for _ in range(4)] == [False, False, False, True]


def test_asking_in_vain_costs_nothing() -> None:
    time = Time()
    limiter = Limiter(1.0, 1.0, time)
    limiter.take("a")
    for _ in range(100):
        time.now += 0.005
        assert limiter.take("a") > 0
    time.now = 1.0
    assert limiter.take("a") == 0


def test_memory_is_bounded() -> None:
    limiter = Limiter(1.0, 1.0, Time(), slots=10)
    for key in range(1_000):
        limiter.take(key)
    assert len(limiter) == 10
