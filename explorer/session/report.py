"""The figures of a run as a person reads them on a terminal. Input is the JSON of `run` (`analysis.schema`)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from explorer.analysis.ends import failed_words
from explorer.analysis.predict.told import line as predicted_line
from explorer.records.event_kinds import EVENTS
from explorer.records.sampling import runs_interpreter
from explorer.session.pool_words import pool_states

MOST_LINES: Final = 8
"""Loops, and processes of one role, that are told one by one."""


def text_report(figures: Mapping[str, Any]) -> str:
    """A few aligned lines: what was sent, how fast, how long it took, what the loops did, what was lost."""
    requests = figures["requests_total"]
    window = figures["window"]
    lines = [
        _line("requests", _counts(requests)),
        _line("throughput", f"{_number(figures['throughput_rps'])} requests/s", _span(window)),
        _line("latency", _milliseconds(figures["latency_ms"])),
        _line("service time", _milliseconds(figures["service_ms"])),
    ]
    if prediction := figures.get("prediction"):
        lines.append(_line("predicted", predicted_line(prediction)))
        lines += [_line("", sentence) for sentence in prediction["differs"]]
    if failed := failed_words(requests["statuses"]):
        lines.insert(1, _line("failed", failed))
    if figures["received_total"]["events"]:
        lines.append(_line("received", _received(figures["received_total"])))
    if figures["first_event_ms"]["p50"] is not None:
        lines.append(_line("first event", _milliseconds(figures["first_event_ms"])))
    lines += [_line(f"host {host['host']}", _host(host)) for host in figures["load"]["hosts"]]
    loops = sorted(figures["event_loops"], key=lambda loop: -loop["busy_fraction"])
    if len(loops) > MOST_LINES:
        lines.append(_line("event loops", f"{len(loops):,}, of which the {MOST_LINES} busiest:"))
    for loop in loops[:MOST_LINES]:
        lines.append(
            _line(
                f"loop {loop['pid']}",
                f"busy {100 * loop['busy_fraction']:.0f} %, longest callback "
                f"{_number(loop['longest_callback_ms'])} ms, ready wait p99 {_number(loop['ready_wait_p99_ms'])} ms",
            )
        )
    pool = figures.get("thread_pool")
    if pool and (pool.get("tokens") or pool.get("peak")):
        wait = _number(pool["wait_p99_ms"])
        per = "" if pool["per"] == "server" else f" for each {pool['per']}"
        tokens = f"{pool['tokens']} tokens, " if pool["tokens"] else ""
        lines.append(_line("thread pool", f"{tokens}{pool['peak'] or 0} at once{per}, wait p99 {wait} ms"))
    if states := pool_states(figures["processes"]):
        lines.append(_line("pool threads", states))
    gil = figures["gil"]
    if gil and gil["held_fraction"] is not None:
        lines.append(_line("GIL", _gil(gil, several=_several_interpreters(figures["processes"]))))
    handled = _events(figures["events"])
    if handled:
        lines.append(_line("events", handled))
    lines += _operations(figures.get("operations"))
    processes = figures["processes"]
    for role in sorted({process["role"] for process in processes}):
        alike = [process for process in processes if process["role"] == role]
        if len(alike) > MOST_LINES:
            processes = [process for process in processes if process["role"] != role]
            lines.append(_line(f"{len(alike):,} x {role}", _together(alike)))
    for process in processes:
        # The place of the window is this very command's: it collects and records.
        role = "observer" if process["role"] == "window" else process["role"]
        python = process.get("interpreter", "") if role == "server" else ""
        lines.append(_line(f"{role} {process['pid']}", _cost(process), python))
    telemetry = figures["telemetry"]
    lines.append(_line("records", f"{telemetry['written']:,} written, {telemetry['lost']:,} lost"))
    lines += [_line(f"found ({found['class']})", found["sentence"]) for found in figures.get("findings", ())]
    if not figures["valid"]:
        lines.append(_line("not valid", str(figures["invalid_reason"])))
    return "\n".join(lines)


def _gil(gil: Mapping[str, Any], *, several: bool) -> str:
    which = "of the main interpreter (those of the others are not seen): " if several else ""
    held = f"{which}held {100 * gil['held_fraction']:.0f} % of the time"
    waiting = gil["waiting_threads"]
    return held if waiting is None else f"{held}, {waiting:.1f} threads waited on average"


def _several_interpreters(processes: Iterable[Mapping[str, Any]]) -> bool:
    return any(runs_interpreter(thread["name"] or "") for process in processes for thread in process["threads"])


def _host(host: Mapping[str, Any]) -> str:
    parts = [_counts(host)]
    if host["send_lag_p99_ms"] is not None:
        parts.append(f"sent at most {_number(host['send_lag_p99_ms'])} ms late (p99)")
    parts.append(f"clock ±{_number(host['clock_error_ms'])} ms")
    if host["records"]["lost"]:
        parts.append(f"{host['records']['lost']:,} of {host['records']['written']:,} spans not sent")
    if host["ended"]:
        parts.append(host["ended"].removesuffix("."))
    return ", ".join(parts)


def _operations(told: Mapping[str, Any] | None) -> list[str]:
    """What took most of the requests' time, and whose word that is."""
    if not told or not told["each"]:
        return []
    source = {"hooks": "as FastAPI tells of them", "wrapper": "by a wrapper around FastAPI"}.get(
        told["source"] or "", ""
    )
    most = told["each"][:MOST_LINES]
    rest = len(told["each"]) - len(most)
    lines = [_line("operations", source, f"{rest} more are in the JSON" if rest else "")]
    for one in most:
        times = f"mean {_number(one['mean_ms'])} · p99 {_number(one['p99_ms'])} · max {_number(one['max_ms'])} ms"
        lines.append(_line("", f"{one['name']}: {one['count']:,} times", times))
    return lines


def _events(counts: Mapping[str, int | None]) -> str:
    found = ((declared.short, counts[declared.kind]) for declared in EVENTS)
    return " · ".join(f"{short} {count:,}" for short, count in found if count)


def _cost(process: Mapping[str, Any]) -> str:
    if process.get("host"):
        return f"on {process['host']}; what it costs there is not seen from here"
    return f"{_number(process['cpu_s'])} s of CPU, {_number(process['rss_mb_max'])} MB at most"


def _together(processes: list[dict[str, Any]]) -> str:
    """Many processes of one role: connections come and go."""
    cpu_s = sum(process["cpu_s"] or 0.0 for process in processes)
    memory = max((process["rss_mb_max"] or 0.0 for process in processes), default=0.0)
    return f"{_number(cpu_s)} s of CPU together, {_number(memory)} MB at most each"


def _line(name: str, *parts: str) -> str:
    return f"{name:<15} " + ", ".join(part for part in parts if part)


def _counts(requests: Mapping[str, int]) -> str:
    text = f"{requests['sent']:,} sent, {requests['ok']:,} succeeded"
    for key, word in (("failed", "failed"), ("timed_out", "timed out")):
        if requests[key]:
            text += f", {requests[key]:,} {word}"
    return text


def _received(received: Mapping[str, int]) -> str:
    resumed = received["resumed"]
    again = f", {resumed:,} lost streams taken up again" if resumed else ""
    return f"{received['events']:,} events{again}"


def _span(window: Mapping[str, float | None]) -> str:
    if window["start_s"] is None or window["end_s"] is None:
        return ""
    return f"measured from {window['start_s']:.1f} s to {window['end_s']:.1f} s"


def _milliseconds(figures: Mapping[str, float | None] | None) -> str:
    if not figures or figures["p50"] is None:
        return "no request succeeded"
    parts = [f"{key.replace('_', '.')} {_number(figures[key])}" for key in ("p50", "p90", "p99", "max")]
    return " · ".join(parts) + " ms"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
