"""A run to join, as for tests of the probe."""

from tests.unit.probe.conftest import observed, run, tracer

__all__ = ["observed", "run", "tracer"]
