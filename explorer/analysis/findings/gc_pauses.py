"""Runs of the garbage collector that hold everything up."""

from typing import Any, Final

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.finding_words import lasting, percent
from explorer.analysis.observed import Observed
from explorer.analysis.span_log import COLLECTIONS

SHARE: Final = 0.05
"""Of the window: below a twentieth the gain would not show."""
LONG_S: Final = 0.05
"""One pause: what people notice."""
LEAST: Final = 2


def judge(observed: Observed) -> Found | None:
    """Of the process that collected longest."""
    group = observed.spans.group(COLLECTIONS)
    by_process: dict[int, tuple[int, float]] = {}
    for track, sums in group.sums.items():
        process = observed.process_of(track)
        if process is not None and observed.serves(track):
            count, seconds = observed.summed(sums)
            known = by_process.get(process.number, (0, 0.0))
            by_process[process.number] = known[0] + count, known[1] + seconds
    if not by_process or observed.seconds <= 0:
        return None
    number = max(by_process, key=lambda one: by_process[one][1])
    count, seconds = by_process[number]
    spans = group.spans(observed.begin, observed.end)
    mine = [at for at, track in enumerate(spans["track"].tolist()) if _of(observed, track) == number]
    lengths = [(int(spans["end"][at]) - int(spans["start"][at])) / 1e9 for at in mine]
    long = [
        length
        for at, length in zip(mine, lengths, strict=True)
        if length >= LONG_S and length - _hindered_s(observed, spans[at]) >= LONG_S
    ]
    if len(long) < LEAST and (seconds < SHARE * observed.seconds or observed.noisy):
        return None
    pid = observed.run.processes[number].pid
    return Found(
        f"The garbage collector of process {pid} ran {count:,} times for {percent(seconds / observed.seconds)} of the "
        f"time, up to {lasting(max(lengths, default=0.0))} at once.",
        {
            "pid": pid,
            "runs": count,
            "share": round(seconds / observed.seconds, 4),
            "longest_ms": round(1e3 * max(lengths, default=0.0), 2),
        },
        observed.places(spans[mine]),
        Change("Without the collector", {"server.gc": False}) if observed.knob("server", "gc", True) else None,
        "Make fewer objects that refer to one another, raise gc's thresholds, or freeze what stays (gc.freeze).",
    )


def _hindered_s(observed: Observed, span: Any) -> float:
    return observed.hindered_s(int(span["track"]), int(span["start"]), int(span["end"]))


def _of(observed: Observed, track: int) -> int:
    process = observed.process_of(track)
    return process.number if process is not None else 0


finding = Finding("gc_pauses", "Garbage collection", "server", 65, "runs of the garbage collector", judge)
