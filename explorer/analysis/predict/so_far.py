"""What a run that goes on has come to so far: the few figures that a prediction is held against, at little cost."""

from collections.abc import Mapping
from typing import Any

from explorer.analysis.statistics import RunStatistics


def so_far(statistics: RunStatistics, scenario: Mapping[str, Any]) -> dict[str, Any]:
    """`throughput_rps`, `latency_ms.mean` and `makespan_s` as in the JSON of a run; `scenario` as plain data."""
    window, load = statistics.window(scenario), statistics.load
    measured = load.everything() if window.whole else load.sum(window.start, window.end)
    latency, answered = measured.histograms[0], measured.numbers[1]
    makespan = (load.last_answer - load.first_send) / 1e9 if load.first_send and load.last_answer else None
    burst = (scenario.get("load") or {}).get("mode") == "burst"
    seconds = makespan if burst else (measured.end - measured.start) / 1e9
    return {
        "throughput_rps": answered / seconds if seconds and answered else None,
        "latency_ms": {"mean": 1e3 * latency.mean if latency.count else None},
        "makespan_s": makespan,
    }
