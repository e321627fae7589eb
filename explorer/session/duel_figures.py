"""The figures that runs are compared by: what each is called, which way is better, and where it is read from.

Most come from the run's report (`analysis.schema`), the waits from the mean parts of a request (`analysis.parts`), the
peaks of threads and memory from the sampler's counters. All are over the run's measuring window.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from explorer.analysis.parts import ON_ITS_WAY, UNEXPLAINED, TimePart
from explorer.analysis.run_log import NOT_SERVING
from explorer.analysis.statistics import RunStatistics
from explorer.analysis.window import Window
from explorer.collect import way_words
from explorer.records.states import State
from explorer.store.store import Store

LEAST_MS: Final = 0.05
"""Parts of a request's time below this are not told one by one."""
MB: Final = 1_000_000
SECOND_NS: Final = 1_000_000_000

GROUPS: Final[Mapping[str, str]] = {
    way_words.IN_LOAD: "load",
    way_words.FOR_LOOP: "loop",
    way_words.TO_SERVER: "loop",  # the loop reads what has come, so that this is a wait for it as well
    way_words.FOR_THREAD: "thread",
    way_words.FOR_PROCESS: "process",
    way_words.FOR_INTERPRETER: "interpreter",
    "waits for the GIL": "gil",
    "waits for a core": "core",
    way_words.FOR_LOCK: "lock",
    way_words.FOR_CONNECTION: "connection",
    "wait for a connection": "connection",
    way_words.FOR_HANDLER: "handler",
    way_words.CONNECTS: "way",
    way_words.BACK: "way",
    ON_ITS_WAY: "way",
}
"""By the name of a part of a request's time, what it is a wait for; all other parts are the handler's own work."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one run has to say: its report, the mean time (ms) of a request by group, in all and unexplained, peaks; see
    `facts`. `missing` is empty or says in a sentence what these lack.
    """

    report: Mapping[str, Any]
    groups: Mapping[str, float]
    total_ms: float
    unexplained_ms: float | None
    missing: str
    threads: float | None
    memory_mb: float | None
    ready: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure. `better` is "more", "less", or empty where neither is; `read` gives None where there is nothing."""

    id: str
    title: str
    unit: str
    better: str
    read: Callable[[Facts], float | None]


def _report(*keys: str) -> Callable[[Facts], float | None]:
    def read(facts: Facts) -> float | None:
        value: Any = facts.report
        for key in keys:
            value = value[key] if value is not None else None
        return None if value is None else float(value)

    return read


def _most(section: str, key: str) -> Callable[[Facts], float | None]:
    def read(facts: Facts) -> float | None:
        return max((float(one[key]) for one in facts.report[section] if one[key] is not None), default=None)

    return read


def _group(name: str) -> Callable[[Facts], float | None]:
    return lambda facts: facts.groups.get(name, 0.0) if facts.groups else None


def _failed(facts: Facts) -> float:
    requests = facts.report["requests"]
    return float(requests["failed"] + requests["timed_out"])


def _cpu_ms(facts: Facts) -> float | None:
    """CPU time of the serving processes for each answer."""
    ok = facts.report["requests"]["ok"]
    roles = {str(role) for role in NOT_SERVING}
    spent = [one["cpu_s"] for one in facts.report["processes"] if one["role"] not in roles]
    known = [seconds for seconds in spent if seconds is not None]
    return 1e3 * sum(known) / ok if ok and known else None


FIGURES: Final[tuple[Figure, ...]] = (
    Figure("throughput_rps", "Throughput", "requests/s", "more", _report("throughput_rps")),
    Figure("latency_p50_ms", "Latency p50", "ms", "less", _report("latency_ms", "p50")),
    Figure("latency_p90_ms", "Latency p90", "ms", "less", _report("latency_ms", "p90")),
    Figure("latency_p99_ms", "Latency p99", "ms", "less", _report("latency_ms", "p99")),
    Figure("failed", "Failed", "requests", "less", _failed),
    Figure("first_event_p50_ms", "First event p50", "ms", "less", _report("first_event_ms", "p50")),
    Figure("wait_load_ms", "Waited in the load", "ms, mean", "less", _group("load")),
    Figure("wait_loop_ms", "Waited for the loop", "ms, mean", "less", _group("loop")),
    Figure("wait_thread_ms", "Waited for a thread", "ms, mean", "less", _group("thread")),
    Figure("wait_process_ms", "Waited for a process", "ms, mean", "less", _group("process")),
    Figure("wait_interpreter_ms", "Waited for an interpreter", "ms, mean", "less", _group("interpreter")),
    Figure("wait_gil_ms", "Waited for the GIL", "ms, mean", "less", _group("gil")),
    Figure("wait_core_ms", "Waited for a core", "ms, mean", "less", _group("core")),
    Figure("wait_lock_ms", "Waited for a lock", "ms, mean", "less", _group("lock")),
    Figure("wait_connection_ms", "Waited for a connection", "ms, mean", "less", _group("connection")),
    Figure("wait_handler_ms", "Waited for its handler", "ms, mean", "less", _group("handler")),
    Figure("work_ms", "The handler's own work", "ms, mean", "less", _group("work")),
    Figure("way_ms", "To the server and back", "ms, mean", "less", _group("way")),
    Figure("unexplained_ms", "Unexplained", "ms, mean", "", lambda facts: facts.unexplained_ms),
    Figure("longest_callback_ms", "Longest callback", "ms", "less", _most("event_loops", "longest_callback_ms")),
    Figure("ready_wait_p99_ms", "Ready wait p99", "ms", "less", _most("event_loops", "ready_wait_p99_ms")),
    Figure("ready", "Ready queue", "callbacks", "less", lambda facts: facts.ready),
    Figure("threads", "Threads", "at the peak", "less", lambda facts: facts.threads),
    Figure("cpu_ms", "CPU per request", "ms", "less", _cpu_ms),
    Figure("memory_mb", "Memory", "MB, peak", "less", lambda facts: facts.memory_mb),
    Figure("gil_waiting", "Waiting for the GIL", "threads, mean", "less", _report("gil", "waiting_threads")),
)
BY_ID: Final = {figure.id: figure for figure in FIGURES}
OF_GROUP: Final = {
    figure.id.removeprefix("wait_").removesuffix("_ms"): figure.id
    for figure in FIGURES
    if figure.id.startswith("wait_") or figure.id in ("work_ms", "way_ms")
}
"""The figure of each group of parts."""


def facts(
    report: Mapping[str, Any], statistics: RunStatistics, store: Store, window: Window, parts: Sequence[TimePart]
) -> Facts:
    """What there is to say of a run that has ended; `parts` are the mean parts of its window."""
    pids = {process.pid for process in statistics.serving()}
    return Facts(
        report,
        grouped(parts),
        sum(part.ns for part in parts) / 1e6,
        sum(part.ns for part in parts if part.state is None) / 1e6 if parts else None,
        _missing(store, window),
        _peak(store, "threads", pids, window),
        _scaled(_peak(store, "rss", pids, window), MB),
        _ready(statistics, window),
    )


def _missing(store: Store, window: Window) -> str:
    """Waits are read from a store, which keeps the newest of a long run."""
    begin = store.begin or 0
    if begin <= window.start:
        return ""
    kept = max(0, window.end - begin) / 1e9
    return f"only the waits of the last {kept:.1f} of {window.seconds:.1f} s are known."


def grouped(parts: Sequence[TimePart]) -> dict[str, float]:
    """The mean time of a request in ms by what it went to (`GROUPS`, "work"); empty where nothing is known."""
    found: dict[str, float] = {}
    for part in parts:
        if part.state is None or part.cause == UNEXPLAINED:
            continue
        group = GROUPS.get(part.cause) or ("core" if part.state is State.RUNNABLE else "work")
        found[group] = found.get(group, 0.0) + part.ns / 1e6
    return {group: ms for group, ms in found.items() if ms >= LEAST_MS}


def shown(values: Sequence[Sequence[float | None]]) -> bool:
    """Whether a figure, by scenario and repeat, says anything: it was measured, and not always 0."""
    return any(value for each in values for value in each)


def _peak(store: Store, name: str, pids: set[int], window: Window) -> float | None:
    """The most that a counter of all serving processes came to together, within any second of the window."""
    seconds: dict[int, dict[int, float]] = {}
    for number, series in store.counters.items():
        track = store.tracks.get(number)
        if track is None or track.name != name or track.pid not in pids or not len(series):
            continue
        times, values = series
        inside = (times >= window.start) & (times <= window.end)
        for time, value in zip((times[inside] // SECOND_NS).tolist(), values[inside].tolist(), strict=True):
            of_second = seconds.setdefault(time, {})
            of_second[track.pid] = max(of_second.get(track.pid, 0.0), value)
    return max((sum(each.values()) for each in seconds.values()), default=None)


def _scaled(value: float | None, by: float) -> float | None:
    return None if value is None else value / by


def _ready(statistics: RunStatistics, window: Window) -> float | None:
    """How many callbacks were ready on average when a loop came round."""
    times, values = statistics.series("ready", window.start)
    inside = values[(times <= window.end) & ~np.isnan(values)]
    return float(inside.mean()) if len(inside) else None
