"""The tables of a report: what was measured, what was set, what ran, what was noted."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from explorer.export.html.gather import Gathered
from explorer.export.html.markup import Markup, join, section, table, tag
from explorer.wording import duration

MOST_ROWS: Final = 200
NONE: Final = "–"
_TIMES: Final = (("latency_ms", "Latency, from the intended send"), ("service_ms", "Service time, from the real send"))
_QUANTILES: Final = ("mean", "p50", "p90", "p99", "p99_9", "max")


def measured(figures: Mapping[str, Any]) -> Markup:
    """The figures of the requests."""
    window, total = figures["requests"], figures["requests_total"]
    counts = [
        (title, *(f"{each[key]:,}" for each in (window, total)))
        for key, title in (("sent", "Sent"), ("ok", "Succeeded"), ("failed", "Failed"), ("timed_out", "Timed out"))
    ]
    times = [(title, *(_ms(figures[key][each]) for each in _QUANTILES)) for key, title in _TIMES]
    throughput = figures["throughput_rps"]
    facts = [
        ("Throughput", NONE if throughput is None else f"{throughput:,.1f} requests/s"),
        ("From the first send to the last answer", _seconds(figures["makespan_s"])),
        ("Sent later than intended (p99)", _ms(figures["send_lag_p99_ms"])),
        ("Records", f"{figures['telemetry']['written']:,} written, {figures['telemetry']['lost']:,} lost"),
    ]
    facts += [(f"Loop {each['pid']}", _loop(each)) for each in figures["event_loops"][:MOST_ROWS]]
    if pool := figures["thread_pool"]:
        tokens = f"{pool['tokens']:,} tokens for each {pool['per']}" if pool["tokens"] else "no tokens"
        facts.append(("Thread pool", f"{tokens}, {pool['peak'] or 0:,} at once, wait p99 {_ms(pool['wait_p99_ms'])}"))
    events = ", ".join(f"{name} {number:,}" for name, number in figures["events"].items() if number)
    facts.append(("Events handled by loops", events or "none"))
    return section(
        "Figures",
        table(("Requests", "In the measuring window", "In the whole run"), counts, (1, 2)),
        table(("Time", "Mean", "p50", "p90", "p99", "p99.9", "Most"), times, range(1, 7)),
        table((), facts),
        id_="figures",
    )


def processes(figures: Mapping[str, Any]) -> Markup:
    """What ran."""
    rows = [
        (
            each["role"],
            each["pid"],
            each["host"] or "here",
            each["interpreter"] or NONE,
            _seconds(each["cpu_s"]),
            NONE if each["rss_mb_max"] is None else f"{each['rss_mb_max']:,.0f} MB",
            f"{len(each['threads']):,}",
        )
        for each in figures["processes"]
    ]
    if not rows:
        return Markup("")
    head = ("Process", "pid", "Where", "Python", "Processor time", "Memory at most", "Threads seen")
    return section("Processes", table(head, rows[:MOST_ROWS], (1, 4, 5, 6)), _more(len(rows)), id_="processes")


def setup(gathered: Gathered) -> Markup:
    """The scenario with all its knobs, the machine, and the versions."""
    run = gathered.run
    knobs = [(key, value) for key, value in flat(gathered.scenario) if value != ""]
    machine = [(f"machine, {key}", value) for key, value in flat(run.get("machine"))]
    versions = [(f"version of {key}", value) for key, value in flat(run.get("versions"))]
    epochs = run.get("epochs")
    if isinstance(epochs, list) and len(epochs) > 1:
        machine.insert(0, ("server starts", f"{len(epochs):,}, with the settings of the last one shown here"))
    if not knobs and not machine and not versions:
        return Markup("")
    return section(
        "Scenario",
        tag("div", table(("Knob", "Value"), knobs), table(("Made with", ""), [*machine, *versions]), class_="columns"),
        id_="scenario",
    )


def notes(gathered: Gathered) -> Markup:
    """Markers, notes and losses, by time."""
    store, origin = gathered.store, gathered.origin
    rows = [
        (marker.time, marker.kind, join((marker.text, " ", tag("span", marker.detail, class_="note"))))
        for marker in gathered.markers
    ]
    for loss in store.losses:
        words = f"{loss.count:,} records lost on {len(loss.tracks):,} lanes, within {duration(loss.end - loss.start)}"
        rows.append((loss.start, "lost", Markup(words)))
    rows.sort(key=lambda row: row[0])
    if not rows:
        return Markup("")
    shown = [(f"{(time - origin) / 1e9:.3f} s", kind, words) for time, kind, words in rows[:MOST_ROWS]]
    return section("Markers and notes", table(("Time", "Kind", "What"), shown, (0,)), _more(len(rows)), id_="notes")


def flat(data: Any, before: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The values of nested tables, as ("load.users", "10")."""
    if isinstance(data, dict) and depth < 8:
        for key, value in data.items():
            yield from flat(value, f"{before}.{key}" if before else str(key), depth + 1)
    elif isinstance(data, list) and depth < 8 and any(isinstance(each, (dict, list)) for each in data):
        for number, value in enumerate(data[:MOST_ROWS], 1):
            yield from flat(value, f"{before} {number}", depth + 1)
    elif before:
        yield before, _plain(data)


def _more(count: int) -> Markup:
    return tag("p", f"{count - MOST_ROWS:,} more are not listed.") if count > MOST_ROWS else Markup("")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _loop(loop: Mapping[str, Any]) -> str:
    return (
        f"busy {100 * loop['busy_fraction']:.0f} %, longest callback {_ms(loop['longest_callback_ms'])}, "
        f"wait in the ready queue p99 {_ms(loop['ready_wait_p99_ms'])}"
    )


def _ms(value: float | None) -> str:
    return NONE if value is None else duration(value * 1e6)


def _seconds(value: float | None) -> str:
    return NONE if value is None else duration(value * 1e9)
