"""The JSON of a run, put together from what is known of it (`schema` says what each value means)."""

from collections.abc import Mapping
from typing import Any, cast

from explorer.analysis.buckets import BUCKET_NS, bucket_of
from explorer.analysis.intervals import Sum
from explorer.analysis.run_findings import RunFindings
from explorer.analysis.run_log import RunLog
from explorer.analysis.schema import (
    EventFigures,
    Figures,
    LoopFigures,
    PoolFigures,
    ProcessFigures,
    Received,
    Requests,
    ThreadFigures,
    Times,
    WindowFigures,
)
from explorer.analysis.seen import SeenFigures
from explorer.analysis.span_log import SERVED, SpanLog
from explorer.analysis.window import Window
from explorer.collect.source import Process
from explorer.load.histogram import Histogram
from explorer.records.event_kinds import TOLD_BY_LOOPS
from explorer.records.states import Role, TrackKind

MB = 1_000_000
ANSWERING = (Role.SERVER, Role.WORKER, Role.CONNECTION)
LIMITERS = {"prefork": "worker", "thread_per_connection": "connection", "process_per_connection": "connection"}
"""Tokens belong to an event loop: what has one of its own, by model."""


def figures(
    run: RunLog,
    findings: RunFindings,
    scenario: Mapping[str, Any],
    versions: Mapping[str, str],
    failure: str = "",
) -> Figures:
    """All figures of the run so far; not valid if there is a `failure`."""
    window = run.window(scenario, failure)
    measured = run.load.everything() if window.whole else run.load.sum(window.start, window.end)
    latency, service, lag, first_event = measured.histograms
    ok = measured.numbers[1]
    tally, load = run.tally, run.load
    makespan = (load.last_answer - load.first_send) / 1e9 if load.first_send and load.last_answer else None
    burst = (scenario.get("load") or {}).get("mode") == "burst"
    seconds = makespan if burst else (measured.end - measured.start) / 1e9
    off = (scenario.get("server") or {}).get("sampling") == 0
    seen = SeenFigures(run, *_buckets(window), off=off)
    answered = _answered(run, findings.spans, window)
    processes = sorted(run.processes.values(), key=lambda process: process.number)
    return {
        "schema": 1,
        "valid": not window.invalid_reason,
        "invalid_reason": window.invalid_reason or None,
        "requests": _requests(run.load.counts(measured), measured.named),
        "throughput_rps": round(ok / seconds, 3) if seconds else None,
        "requests_total": _requests(run.load.totals, run.load.statuses),
        "makespan_s": _rounded(makespan),
        "window": _window(window, measured),
        "latency_ms": _times(latency),
        "service_ms": _times(service),
        "received": _received(run.load.counts(measured)),
        "received_total": _received(run.load.totals),
        "first_event_ms": _times(first_event),
        "send_lag_p99_ms": _ms(lag.percentile(99)) if lag.count else None,
        "load": {"hosts": load.hosts},
        "telemetry": {"written": tally.written, "read": tally.read, "lost": tally.lost, "rings": tally.rings},
        "processes": [_process(run, process, window, seen, answered) for process in processes],
        "event_loops": _loops(run, window),
        "thread_pool": _pool(run, scenario, window),
        "events": _events(run, window),
        "gil": seen.chosen_gil(),
        "sampling": seen.sampling(),
        "operations": run.operations.figures(),
        "findings": findings.figures(scenario, window),
        "machine": findings.others(scenario, window),
        "prediction": None,  # whoever starts a run knows what was predicted
        "scenario": dict(scenario),
        "versions": dict(versions) | _servers_python(run),
    }


def _servers_python(run: RunLog) -> dict[str, str]:
    """What the server ran under, the last one if there were several."""
    servers = [process for process in run.processes.values() if process.role is Role.SERVER]
    return {"server": max(servers, key=lambda process: process.number).interpreter} if servers else {}


def _requests(counts: Mapping[str, int], statuses: Mapping[str, int]) -> Requests:
    return {
        "sent": counts["sent"],
        "ok": counts["ok"],
        "failed": counts["failed"],
        "timed_out": counts["timed_out"],
        "statuses": dict(sorted(statuses.items(), key=lambda item: (-item[1], item[0]))),
    }


def _received(counts: Mapping[str, int]) -> Received:
    return {"events": counts["events"], "resumed": counts["resumed"]}


def _window(window: Window, measured: Sum) -> WindowFigures:
    """What was really added up: whole reports of the load, of 100 ms each."""
    start, end = (window.start, window.end) if window.whole or not measured.end else (measured.start, measured.end)
    if end <= start:
        return {"start_s": None, "end_s": None}
    # A report may have begun a moment before the load did.
    begin = max(0.0, (start - window.origin) / 1e9)
    return {"start_s": _rounded(begin), "end_s": _rounded((end - window.origin) / 1e9)}


def _times(histogram: Histogram) -> Times:
    if not histogram.count:
        return {"mean": None, "p50": None, "p90": None, "p99": None, "p99_9": None, "max": None}
    p50, p90, p99, p99_9 = histogram.percentiles((50, 90, 99, 99.9))
    return {
        "mean": _ms(histogram.mean),
        "p50": _ms(p50),
        "p90": _ms(p90),
        "p99": _ms(p99),
        "p99_9": _ms(p99_9),
        "max": _ms(histogram.maximum),
    }


def _buckets(window: Window) -> tuple[int, int]:
    """The buckets of a window, at least one."""
    begin = bucket_of(window.start + BUCKET_NS // 2)
    return begin, max(begin + 1, bucket_of(window.end + BUCKET_NS // 2))


def _answered(run: RunLog, spans: SpanLog, window: Window) -> dict[int, int]:
    """Requests that ended in the window (in the run, where that is all of it), by the number of who answered them."""
    begin, end = (0, bucket_of(run.now) + 1) if window.whole else _buckets(window)
    found: dict[int, int] = {}
    for track, sums in spans.group(SERVED).sums.items():
        known = run.tracks.get(track)
        if known is not None:
            found[known.process] = found.get(known.process, 0) + int(sums.count.sum(begin, end))
    return found


def _process(
    run: RunLog, process: Process, window: Window, seen: SeenFigures, answered: Mapping[int, int]
) -> ProcessFigures:
    vitals = run.vitals.get(process.number)
    begin, end = _buckets(window)
    rss = vitals.rss.maximum(begin, end) if vitals is not None else None
    return {
        "pid": process.pid,
        "host": process.host or None,
        "role": str(process.role),
        "interpreter": process.interpreter,
        "requests": answered.get(process.number, 0 if process.role in ANSWERING else None),
        "cpu_s": _rounded(vitals.cpu_s.sum(begin, end)) if vitals is not None else None,
        "rss_mb_max": round(rss / MB, 1) if rss is not None else None,
        "threads": _threads(run, process, window, seen),
        "gil": seen.gil(process),
    }


def _threads(run: RunLog, process: Process, window: Window, seen: SeenFigures) -> list[ThreadFigures]:
    """Threads that recorded something or were seen from outside, by native id."""
    begin, end = _buckets(window)
    vitals = run.vitals.get(process.number)
    spans: dict[int, int] = dict.fromkeys(vitals.threads, 0) if vitals is not None else {}
    spans |= {tid: 0 for tid in seen.threads(process.number) if tid not in spans}
    names: dict[int, str] = {}
    for track in (run.tracks[number] for number in run.threads.get(process.number, ())):
        if track.process == process.number and track.kind in (TrackKind.LOOP, TrackKind.THREAD) and track.tid:
            column = run.spans.get(track.number)
            spans[track.tid] = spans.get(track.tid, 0) + (int(column.sum(begin, end)) if column is not None else 0)
            names.setdefault(track.tid, track.name)
    return [
        {
            "tid": tid,
            "name": names.get(tid),
            "spans": count,
            "cpu_s": _rounded(cpu_s),
            "cpu_fraction": round(cpu_s / window.seconds, 4) if cpu_s is not None and window.seconds else None,
            "states": seen.states(process.number, tid),
        }
        for tid, count, cpu_s in (
            (tid, count, vitals.thread_cpu_s(tid, window.start, window.end) if vitals is not None else None)
            for tid, count in sorted(spans.items())
        )
    ]


def _loops(run: RunLog, window: Window) -> list[LoopFigures]:
    begin, end = _buckets(window)
    found: list[LoopFigures] = []
    for number, loop in run.loops.items():
        process = run.processes.get(run.tracks[number].process)
        if process is None:
            continue  # a damaged recording may have declared the loop anew, elsewhere
        seconds = _lived_s(begin, end, process.started_ns, run.tracks[number].ended_ns or process.ended_ns)
        iterations = int(loop.iterations.sum(begin, end))
        wait = loop.ready_wait_p99(window.start, window.end)
        longest, latest = loop.longest.maximum(begin, end), loop.late.maximum(begin, end)
        found.append(
            {
                "pid": process.pid,
                "iterations": iterations if loop.iterations.last > loop.iterations.first else None,
                "busy_fraction": round(min(1.0, loop.busy_s(begin, end) / seconds), 4) if seconds else 0.0,
                "longest_callback_ms": _ms(longest) if longest is not None else None,
                "ready_wait_p99_ms": _ms(wait) if wait is not None and iterations else None,
                "latest_timer_ms": _ms(latest) if latest is not None else None,
            }
        )
    return found


def _lived_s(begin: int, end: int, started_ns: int, ended_ns: int | None) -> float:
    """Seconds of the buckets from `begin` up to `end` in which something lived that began and ended at those times."""
    first = max(begin * BUCKET_NS, started_ns)
    last = end * BUCKET_NS if ended_ns is None else min(end * BUCKET_NS, ended_ns)
    return max(0, last - first) / 1e9


def _pool(run: RunLog, scenario: Mapping[str, Any], window: Window) -> PoolFigures | None:
    """None when nobody asked for a token and the scenario has no thread pool."""
    dispatch = cast(Mapping[str, Any], scenario.get("dispatch") or {})
    tokens = dispatch.get("tokens")
    if tokens is None and not run.tokens.used:
        return None
    tokens = tokens if tokens is not None else run.tokens.limit
    begin, end = _buckets(window)
    if window.whole:  # a burst takes its tokens in its first milliseconds
        begin, end = bucket_of(window.start), end + 1
    borrowed = run.tokens.borrowed.maximum(begin, end)
    peak = int(borrowed) if borrowed is not None else None
    wait = run.tokens.wait_p99(window.start, window.end)
    model = cast(Mapping[str, Any], scenario.get("model") or {}).get("id", "")
    per = LIMITERS.get(str(model), "server")
    return {"tokens": tokens, "per": per, "peak": peak, "wait_p99_ms": _ms(wait) if wait is not None else None}


def _events(run: RunLog, window: Window) -> EventFigures:
    """Events that ended in the window; where it is whole, its first and last bucket count wholly."""
    begin, end = _buckets(window)
    if window.whole:
        begin, end = bucket_of(window.start), end + 1
    loops = run.loops.values()
    silent = bool(loops) and not any(loop.iterations.last - loop.iterations.first for loop in loops)
    counts = run.events.between(begin, end)
    return cast(
        EventFigures,
        {str(kind): count or (None if silent and kind in TOLD_BY_LOOPS else 0) for kind, count in counts.items()},
    )


def _ms(seconds: float) -> float:
    return round(seconds * 1e3, 4)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
