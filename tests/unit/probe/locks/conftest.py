"""Traced locks, as an app finds them: what the tests of this folder make is the app's own."""

from collections.abc import Iterator

import pytest

from explorer.probe.locks.install import LockTracing
from explorer.probe.tracer import Tracer


@pytest.fixture
def tracing(tracer: Tracer) -> Iterator[LockTracing]:
    """Locks that are made from now on are traced."""
    tracing = LockTracing(tracer)
    yield tracing
    tracing.undo()
