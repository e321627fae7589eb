"""How much work a second of processor time is, on this machine under this interpreter.

Workloads that compute take a wished processor time and do a fixed amount of work for it: were the time itself
measured in every request, a request under a shared GIL would quietly do less, and no prediction would hold.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

SHORTEST_S: Final = 0.004
ROUNDS: Final = 5
FILE: Final = "calibration.json"


def rate(name: str, work: Callable[[int], Any], run: Path | None = None) -> float:
    """Units of `work` that take one second of this thread's processor time.

    All servers and workers of a run share what the first of them measured (in `calibration.json` of its folder), so
    that a restart does not change the size of a request.
    """
    key = f"{name} {sys.executable}"
    known = _read(run)
    if key not in known:
        known = {**known, key: _measure(work)}
        _write(run, known)
    return known[key]


def _measure(work: Callable[[int], Any]) -> float:
    units = 1000
    while _time(work, units) < SHORTEST_S:
        units *= 2
    # The fastest round is the one that was disturbed least.
    return units / min(_time(work, units) for _ in range(ROUNDS))


def _time(work: Callable[[int], Any], units: int) -> float:
    began = time.thread_time()
    work(units)
    return time.thread_time() - began


def _read(run: Path | None) -> dict[str, float]:
    if run is None:
        return {}
    try:
        known: dict[str, float] = json.loads((run / FILE).read_text())
    except (OSError, ValueError):
        return {}
    return known


def _write(run: Path | None, known: dict[str, float]) -> None:
    if run is None:
        return
    new = run / f"{FILE}.{os.getpid()}"
    try:
        new.write_text(json.dumps(known))
        new.replace(run / FILE)
    except OSError:  # a full disk: every process then measures for itself
        new.unlink(missing_ok=True)
