"""The hosts that send a load together, each with what it sent and how far it can be trusted.

What the load tells of them ten times a second is checked here, since a recording may hold anything.
"""

from collections.abc import Mapping
from typing import Any, Final

from explorer.analysis.schema import HostFigures

COUNTS: Final = ("sent", "ok", "failed", "timed_out")
RECORDS: Final = ("written", "read", "lost")
MOST: Final = 10_000


def host_lines(told: Any) -> list[HostFigures]:
    """The lines of a report. Raises KeyError, TypeError, ValueError, AttributeError or OverflowError."""
    return [_line(line) for line in list(told or ())[:MOST]]


def _line(line: Mapping[str, Any]) -> HostFigures:
    records = {name: int(line["records"][name]) for name in RECORDS}
    counts = {name: int(line[name]) for name in COUNTS}
    return {
        "host": str(line["host"]),
        **counts,  # type: ignore[typeddict-item]  # mypy sees a plain dict
        "send_lag_p99_ms": _milliseconds(line["send_lag_p99_ms"]),
        "clock_error_ms": float(line["clock_error_ms"]),
        "records": records,
        "ended": str(line["ended"]) if line["ended"] else None,
    }


def _milliseconds(value: Any) -> float | None:
    return None if value is None else float(value)
