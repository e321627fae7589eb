"""The JSON of `run`, schema 1, written down a second time: what a program that reads it may rely on."""

from typing import Any

Shape = Any
NUMBER = (int, float)
MAYBE = (int, float, type(None))

COUNTS: dict[str, Shape] = {"sent": int, "ok": int, "failed": int, "timed_out": int}
REQUESTS: dict[str, Shape] = COUNTS | {"statuses": dict}
OPERATIONS = {
    "source": (str, type(None)),
    "each": [{"name": str, "count": int, "mean_ms": float, "p99_ms": float, "max_ms": float}],
}
RECEIVED = {"events": int, "resumed": int}
TIMES = {"mean": MAYBE, "p50": MAYBE, "p90": MAYBE, "p99": MAYBE, "p99_9": MAYBE, "max": MAYBE}
THREAD: dict[str, Shape] = {"tid": int, "name": (str, type(None)), "spans": int, "cpu_s": MAYBE, "cpu_fraction": MAYBE}
STATES: dict[str, Shape] = dict.fromkeys(
    ("running", "runnable", "waiting_gil", "waiting_lock", "blocked", "queued", "awaiting", "idle", "unknown"), NUMBER
)
THREAD["states"] = (STATES, type(None))
GIL = {
    "available": bool,
    "reason": (str, type(None)),
    "held_fraction": MAYBE,
    "waiting_fraction": MAYBE,
    "waiting_threads": MAYBE,
    "holders": dict,
    "overshoot_ms": MAYBE,
}
HOST: dict[str, Shape] = COUNTS | {
    "host": str,
    "send_lag_p99_ms": MAYBE,
    "clock_error_ms": NUMBER,
    "records": {"written": int, "read": int, "lost": int},
    "ended": (str, type(None)),
}
FINDING: dict[str, Shape] = {
    "id": str,
    "title": str,
    "class": str,
    "sentence": str,
    "evidence": {
        "figures": dict,
        "spans": [
            {
                "track": int,
                "lane": (str, type(None)),
                "pid": (int, type(None)),
                "name": (str, type(None)),
                "request": (int, type(None)),
                "start_s": NUMBER,
                "end_s": NUMBER,
            }
        ],
    },
    "change": ({"title": str, "set": dict}, type(None)),
    "advice": (str, type(None)),
}
PREDICTION: dict[str, Shape] = {
    "throughput_rps": MAYBE,
    "latency_ms": MAYBE,
    "makespan_s": MAYBE,
    "law": str,
    "formula": str,
    "with_numbers": str,
    "steps": [{"quantity": str, "formula": str, "with_numbers": str}],
    "bound": bool,
    "note": (str, type(None)),
    "inputs": dict,
    "off": dict,
    "differs": list,
    "calibration": (
        {
            "serving_s": NUMBER,
            "places_s": NUMBER,
            "load_s": NUMBER,
            "beside": NUMBER,
            "cores": NUMBER,
            "gil": bool,
            "pace": NUMBER,
        },
        type(None),
    ),
}
SCHEMA_1: dict[str, Shape] = {
    "schema": int,
    "valid": bool,
    "invalid_reason": (str, type(None)),
    "requests": REQUESTS,
    "throughput_rps": MAYBE,
    "requests_total": REQUESTS,
    "makespan_s": MAYBE,
    "window": {"start_s": MAYBE, "end_s": MAYBE},
    "latency_ms": TIMES,
    "service_ms": TIMES,
    "received": RECEIVED,
    "received_total": RECEIVED,
    "first_event_ms": TIMES,
    "send_lag_p99_ms": MAYBE,
    "load": {"hosts": [HOST]},
    "telemetry": {"written": int, "read": int, "lost": int, "rings": int},
    "processes": [
        {
            "pid": int,
            "host": (str, type(None)),
            "role": str,
            "interpreter": str,
            "requests": (int, type(None)),
            "cpu_s": MAYBE,
            "rss_mb_max": MAYBE,
            "threads": [THREAD],
            "gil": (GIL, type(None)),
        }
    ],
    "event_loops": [
        {
            "pid": int,
            "iterations": (int, type(None)),
            "busy_fraction": NUMBER,
            "longest_callback_ms": MAYBE,
            "ready_wait_p99_ms": MAYBE,
            "latest_timer_ms": MAYBE,
        }
    ],
    "thread_pool": (
        {"tokens": (int, type(None)), "per": str, "peak": (int, type(None)), "wait_p99_ms": MAYBE},
        type(None),
    ),
    "events": {
        "http": int,
        "websocket": int,
        "sse": int,
        "database": int,
        "timer": (int, type(None)),
        "thread": (int, type(None)),
        "signal": (int, type(None)),
    },
    "operations": (OPERATIONS, type(None)),
    "findings": [FINDING],
    "machine": {"cores": (int, type(None)), "others_share": MAYBE, "steal_share": MAYBE},
    "prediction": (PREDICTION, type(None)),
    "gil": (GIL, type(None)),
    "sampling": {"cost_fraction": MAYBE, "period_ms": MAYBE, "gil_period_ms": MAYBE},
    "scenario": dict,
    "versions": dict,
}


def faults(value: object, shape: Shape = SCHEMA_1, where: str = "") -> list[str]:
    """Where `value` differs from `shape`: keys too many or too few, values of another type."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{where}: no object"]
        found = [f"{where}.{key}: missing or unknown" for key in sorted(shape.keys() ^ value.keys())]
        for key in shape.keys() & value.keys():
            found += faults(value[key], shape[key], f"{where}.{key}")
        return found
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{where}: no list"]
        return [fault for each in value for fault in faults(each, shape[0], f"{where}[]")]
    if isinstance(shape, tuple) and isinstance(shape[0], dict):
        return [] if value is None else faults(value, shape[0], where)
    right = isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    return [] if right else [f"{where}: {value!r}"]


def incoherent(figures: dict[str, Any]) -> list[str]:
    """What does not fit together in the figures of a run."""
    found = []
    # Not so in the window: what was answered in it may have been sent before it.
    counts = figures["requests_total"]
    if counts["ok"] + counts["failed"] + counts["timed_out"] > counts["sent"]:
        found.append(f"more ended than were sent: {counts}")
    if figures["requests"]["ok"] > figures["requests_total"]["ok"]:
        found.append("more answered in the window than in all")
    if not figures["load"]["hosts"]:
        for part in ("requests", "requests_total"):
            counts = figures[part]
            if sum(counts["statuses"].values()) != counts["ok"] + counts["failed"] + counts["timed_out"]:
                found.append(f"statuses do not add up to what ended: {counts}")
    books = figures["telemetry"]
    if books["read"] + books["lost"] != books["written"]:
        found.append(f"the books do not balance: {books}")
    for part in ("latency_ms", "service_ms"):
        times = [figures[part][key] for key in ("p50", "p90", "p99", "p99_9")]
        if None not in times and times != sorted(times):
            found.append(f"{part} is not in order: {times}")
    if figures["valid"] != (figures["invalid_reason"] is None):
        found.append("a reason is given exactly when a run is not valid")
    return found
