"""Which lanes a report's timeline has, in what order, and what they are called: as in the window, without folding."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from explorer.collect.source import Process, Track
from explorer.records.states import Role, TrackKind
from explorer.store.store import Store

MOST_LANES: Final = 240
NO_ROUTE: Final = "Other requests"
WHO_HOLDS: Final = "Who holds the GIL"
_OBSERVERS: Final = (Role.LOAD, Role.SAMPLER, Role.WINDOW)
_KINDS: Final = (
    TrackKind.LOOP, TrackKind.WINDOW, TrackKind.THREAD, TrackKind.SESSION, TrackKind.LOCK, TrackKind.CONNECTION,
    TrackKind.PROCESS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holder:
    """A thread that may hold a GIL: its native id, the title of its lane, and a short one for its blocks."""

    tid: int
    title: str
    short: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane: its track, its title (empty: it belongs to the lane above), and the group that it stands in."""

    track: int
    title: str
    group: str
    strip: bool = False
    """It is what the sampler saw of the lane above, drawn thin."""
    seen: int = 0
    """The track with what the sampler saw of the lane's thread, to be painted into its bars; 0: there is none."""
    holders: tuple[Holder, ...] | None = None
    """The lane tells who held a GIL: the threads that have a lane, in its order."""


def lanes(store: Store) -> tuple[list[Lane], int]:
    """The lanes with spans, and how many more there are than are shown."""
    found = list(_lanes(store))
    return found[:MOST_LANES], max(0, len(found) - MOST_LANES)


def _lanes(store: Store) -> Iterator[Lane]:
    by_process: dict[int, list[Track]] = {}
    for track in store.tracks.values():
        if track.kind in _KINDS and any(True for _ in store.depths(track.number)):
            by_process.setdefault(track.process, []).append(track)
    strips = {
        (track.pid, track.tid): track.number
        for track in store.tracks.values()
        if track.kind in (TrackKind.STATES, TrackKind.GIL) and any(True for _ in store.depths(track.number))
    }
    processes = sorted(store.processes.values(), key=lambda one: (one.role in _OBSERVERS, one.epoch, one.number))
    told = False
    for process in processes:
        if process.role in _OBSERVERS and not told:
            told = True
            yield from _requests(store)
        yield from _of_process(process, by_process.get(process.number, []), strips)
    if not told:
        yield from _requests(store)


def _of_process(process: Process, tracks: list[Track], strips: Mapping[tuple[int, int], int]) -> Iterator[Lane]:
    start = f", start {process.epoch}" if process.epoch > 1 else ""
    host = f" on {process.host}" if process.host else ""
    group = f"{process.role} {process.pid}{host}{start}"
    if process.role is Role.FOREIGN:
        known = process.pid and str(process.pid) not in process.label
        group = f"{process.label} {process.pid}" if known else process.label
    tracks = sorted(tracks, key=lambda one: (_KINDS.index(one.kind), one.number))
    if process.role is Role.FOREIGN:
        yield from _with_depths(tracks, group)
        return
    workers, threads = 0, dict[int, Holder]()
    for track in tracks:
        title = _title(track)
        if title == "Worker":
            workers += 1
            title = f"Worker {workers}"
        strip = strips.get((process.pid, track.tid), 0) if track.tid and not process.host else 0
        yield Lane(track.number, title, group, seen=strip)
        if strip:
            yield Lane(strip, "", group, strip=True)
        if track.tid:
            short = "loop" if track.kind is TrackKind.LOOP else title.replace("Worker ", "W")
            threads.setdefault(track.tid, Holder(track.tid, title, short))
    gil = strips.get((process.pid, 0), 0) if not process.host else 0
    if gil:
        yield Lane(gil, WHO_HOLDS, group, holders=tuple(threads.values()))


def _with_depths(tracks: list[Track], group: str) -> Iterator[Lane]:
    """A trace made elsewhere has a track for each depth of a thread; they stand together."""
    deeper: dict[int, list[Track]] = {}
    for track in tracks:
        deeper.setdefault(track.parent, []).append(track)
    for track in deeper.get(0, ()):
        yield Lane(track.number, track.name, group)
        yield from (Lane(each.number, "", group) for each in deeper.get(track.number, ()))


def _title(track: Track) -> str:
    match track.kind:
        case TrackKind.LOOP:
            return "Event loop"
        case TrackKind.THREAD if "anyio" in track.name.lower():
            return "Worker"
        case TrackKind.THREAD if track.name in ("MainThread", ""):
            return "Main thread"
        case TrackKind.PROCESS:
            return "Other threads"
    return track.name or str(track.kind).capitalize()


def _requests(store: Store) -> Iterator[Lane]:
    by_route: dict[int, list[Track]] = {}
    for track in store.tracks.values():
        if track.kind is TrackKind.LANE and any(True for _ in store.depths(track.number)):
            by_route.setdefault(track.parent, []).append(track)
    for parent, tracks in by_route.items():
        route = store.tracks.get(parent)
        for place, track in enumerate(sorted(tracks, key=lambda one: one.number)):
            title = ((route.name if route is not None else "") or NO_ROUTE) if place == 0 else ""
            yield Lane(track.number, title, "Requests")
