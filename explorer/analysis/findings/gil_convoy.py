"""Threads of one process that all want the GIL: one runs, the others stand in line."""

from typing import Final

from explorer.analysis.finding import Change, Finding, Found
from explorer.analysis.finding_words import percent
from explorer.analysis.observed import Observed
from explorer.analysis.place import Place
from explorer.collect.source import Process
from explorer.records.states import TrackKind

HELD: Final = 0.7
"""Held for less of the time, the GIL is free often enough that nobody waits long."""
WAITING: Final = 1.0
"""Threads that wait on average: with fewer than one, work that runs alone would hardly be quicker."""


def judge(observed: Observed) -> Found | None:
    """Of the process with the longest line."""
    seen = [(process, observed.seen.gil(process)) for process in observed.run.serving()]
    found = [
        (process, float(gil["held_fraction"] or 0), float(gil["waiting_threads"] or 0))
        for process, gil in seen
        if gil is not None and gil["available"]
    ]
    process, held, waiting = max(found, key=lambda each: each[2], default=(None, 0.0, 0.0))
    if process is None or held < HELD or waiting < WAITING:
        return None
    return Found(
        f"{waiting:.1f} threads of process {process.pid} waited for the GIL on average, and it was held for "
        f"{percent(held)} of the time: they take turns on one core.",
        {"pid": process.pid, "held_fraction": round(held, 4), "waiting_threads": round(waiting, 2)},
        _places(observed, process),
        None
        if observed.own_app or observed.knob("dispatch", "id") != "thread_pool"
        else Change("The work in a process pool", {"dispatch.id": "process_pool"}),
        "Do Python work in processes (a process pool, more workers), or under a Python without the GIL.",
    )


def _places(observed: Observed, process: Process) -> tuple[Place, ...]:
    """The lanes of the threads that took turns, over a second in the middle."""
    middle = (observed.begin + observed.end) // 2
    begin, end = max(observed.begin, middle - 500_000_000), min(observed.end, middle + 500_000_000)
    tracks = observed.run.tracks
    mine = [tracks[number] for number in observed.run.threads.get(process.number, ())]
    busy = [
        track for track in mine if track.kind in (TrackKind.THREAD, TrackKind.LOOP) and (track.ended_ns or end) >= begin
    ]
    return tuple(Place(track.number, begin, end, track.name) for track in busy[:12])


finding = Finding("gil_convoy", "Threads in line for the GIL", "server", 40, "threads that wait for the GIL", judge)
