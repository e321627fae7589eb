"""`python -m tests.full`: run the long checks, print one line for each, status 1 when one failed.

python -m tests.full                          all of them
python -m tests.full interpreters without_qt  these
"""

import sys
import time
from collections.abc import Callable

from tests.full import (
    apps,
    audience,
    bare_debian,
    blocked,
    cluster,
    cluster_load,
    critical_path,
    damaged,
    duel,
    findings,
    html_report,
    installed,
    interpreters,
    isolation,
    isolation_blocked,
    isolation_kill,
    killed,
    lessons,
    lock_scenarios,
    locks,
    long,
    matrix,
    perfetto,
    predictions,
    stalled,
    suites,
    transfers,
    walks,
    wheel,
    without_qt,
)
from tests.full.lecture import run as lecture
from tests.full.outcome import Failed, Skipped

CHECKS: dict[str, Callable[[], str]] = {
    "without_qt": without_qt.run,
    "suites": suites.run,
    "interpreters": interpreters.run,
    "long": long.run,
    "locks": locks.run,
    "predictions": predictions.run,
    "matrix": matrix.run,
    "walks": walks.run,
    "stalled": stalled.run,
    "blocked": blocked.run,
    "damaged": damaged.run,
    "cluster": cluster.run,
    "cluster_load": cluster_load.run,
    "critical_path": critical_path.run,
    "killed": killed.run,
    "lock_scenarios": lock_scenarios.run,
    "isolation": isolation.run,
    "isolation_blocked": isolation_blocked.run,
    "isolation_kill": isolation_kill.run,
    "apps": apps.run,
    "lecture": lecture,
    "duel": duel.run,
    "findings": findings.run,
    "perfetto": perfetto.run,
    "html_report": html_report.run,
    "lessons": lessons.run,
    "audience": audience.run,
    "transfers": transfers.run,
    "wheel": wheel.run,
    "bare_debian": bare_debian.run,
    "installed": installed.run,
}


def main(names: list[str]) -> int:
    """Run the named checks, or all."""
    if unknown := [name for name in names if name not in CHECKS]:
        print(f"There is no check called {', '.join(unknown)}; there are: {', '.join(CHECKS)}.")
        return 2
    failed = 0
    for name in names or CHECKS:
        began = time.monotonic()
        try:
            verdict, said = "passed", CHECKS[name]()
        except Skipped as reason:
            verdict, said = "skipped", str(reason)
        except Failed as reason:
            verdict, said = "FAILED", str(reason)
            failed += 1
        print(f"{name:<16} {verdict:<8} {time.monotonic() - began:6.1f} s  {said}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
