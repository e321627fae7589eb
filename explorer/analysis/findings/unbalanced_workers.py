"""Prefork workers of which one is full while another has little to do."""

from typing import Final

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.finding_words import lasting, percent
from explorer.analysis.observed import Observed
from explorer.analysis.place import Place
from explorer.analysis.span_log import SERVED, TOKENS
from explorer.collect.source import Process

MORE: Final = 1.5
"""The busiest worker against the mean. Uneven shares are the rule with kept connections (see the next line)."""
FULL: Final = 0.7
"""They do no harm until the busiest worker is full: its core, its loop or its tokens."""
LEAST: Final = 20


def judge(observed: Observed) -> Found | None:
    """Requests by worker, and whether the one with the most of them has reached a limit of its own."""
    workers = observed.workers()
    served = {process.number: 0 for process in workers}
    for track, sums in observed.spans.group(SERVED).sums.items():
        process = observed.process_of(track)
        if process is not None and process.number in served:
            served[process.number] += observed.summed(sums)[0]
    total = sum(served.values())
    if len(served) < 2 or total < LEAST:
        return None
    most = max(workers, key=lambda process: served[process.number])
    least = min(workers, key=lambda process: served[process.number])
    ratio = served[most.number] / (total / len(served))
    why = _full(observed, most)
    if ratio < MORE or not why or _full(observed, least):
        return None
    return Found(
        f"Worker {most.pid} handled {percent(served[most.number] / total)} of the requests and {why}, worker "
        f"{least.pid} handled {percent(served[least.number] / total)}.",
        {
            "workers": len(served),
            "most": served[most.number],
            "least": served[least.number],
            "ratio_to_mean": round(ratio, 2),
        },
        tuple(_loop_place(observed, process) for process in (most, least)),
        Change("A new connection for each request", {"load.keep_alive": False})
        if observed.knob("load", "keep_alive", True) and observed.knob("load", "mode") != "burst"
        else Change("One process with one event loop", {"model.id": "event_loop"}),
        "A kept connection stays with its worker: use more connections than workers, or a proxy that spreads requests.",
    )


def _full(observed: Observed, process: Process) -> str:
    """What of a worker is used up, in words; empty if nothing is."""
    if observed.cpu_share(process) >= FULL and not observed.noisy:
        return f"used {percent(observed.cpu_share(process))} of a core"
    for track in observed.run.threads.get(process.number, ()):
        loop = observed.run.loops.get(track)
        if (
            loop is not None
            and observed.seconds
            and loop.busy_s(observed.first, observed.last) >= FULL * observed.seconds
        ):
            return "its event loop was always busy"
    waits = [
        observed.summed(sums)
        for track, sums in observed.spans.group(TOKENS).sums.items()
        if observed.process_of(track) == process
    ]
    count, seconds = sum(one for one, _ in waits), sum(one for _, one in waits)
    if count and seconds / count >= 0.02 * (5 if observed.noisy else 1):
        return f"had them wait {lasting(seconds / count)} for a thread"
    return ""


def _loop_place(observed: Observed, process: Process) -> Place:
    loops = [one for one in observed.run.threads.get(process.number, ()) if one in observed.run.loops]
    return Place(loops[0] if loops else 0, observed.begin, observed.end, f"worker {process.pid}")


finding = Finding(
    "unbalanced_workers", "Unbalanced workers", "server", 60, "workers of which only some are full", judge
)
