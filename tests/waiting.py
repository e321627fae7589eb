"""Waiting for conditions: the only way in which a test lets time pass."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], timeout: float = 10.0, what: str = "") -> None:
    """Poll `condition` until it is true; fail after `timeout` seconds, saying `what` was awaited.

    The deadline is generous because the machine may be busy: it decides when to give up, never what is right.
    """
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(
                f"gave up after {timeout:g} s: {what or getattr(condition, '__qualname__', condition)}"
            )
        time.sleep(0.005)
