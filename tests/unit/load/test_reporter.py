"""Reports keep their order and never make the load wait."""

import threading
from collections.abc import Callable

from explorer.load.reporter import Reporter


def test_everything_is_sent_in_order() -> None:
    sent: list[tuple[str, int]] = []
    reporter = Reporter(lambda name, n: sent.append((name, n)))
    for n in range(100):
        reporter.put("load", {"n": n})
    reporter.close()
    assert sent == [("load", n) for n in range(100)]


def test_a_parent_that_does_not_read_stops_nobody(wait_until: Callable[..., None]) -> None:
    reading = threading.Event()
    sent: list[int] = []

    def send(name: str, n: int) -> None:
        reading.wait(20)
        sent.append(n)

    reporter = Reporter(send)
    for n in range(1000):
        reporter.put("load", {"n": n})
    reporter.close()
    assert sent == []
    reading.set()
    wait_until(lambda: len(sent) == 1000)
