"""Which rows the timeline has, in what order, and what their headers say. No Qt.

Server processes first, by epoch, each a group with its loop, its threads and its counters (the processes of single
connections are one group, with a lane for each); then the requests; then load, sampler and window, closed until someone
opens them. What ended before the view begins or began after it ends is
left out: after ten restarts the lanes of nine old servers would bury the tenth.
"""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from enum import Enum, auto
from itertools import groupby
from typing import Final, Protocol

from explorer.collect.source import OpenSpan, Process, Track
from explorer.desktop.timeline.sampled import BESIDE, Sampled
from explorer.records import phones
from explorer.records.sampling import DESCRIPTOR_LIMIT, DESCRIPTORS, THREAD_CPU, THREAD_QUEUED, runs_interpreter
from explorer.records.states import LANE_KINDS, Role, TrackKind
from explorer.store.series import Series


class RowKind(Enum):
    """What a row is, which decides its height and how it is painted."""

    GROUP = auto()
    LANE = auto()
    REQUEST = auto()
    DEPTH = auto()
    COUNTER = auto()
    GIL = auto()
    LOCK = auto()
    FOLD = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `key` stays the same as long as the row exists; `group` is the key of the group it belongs to.

    `track` is 0 for groups and folds. `strip` is the track of what the sampler saw the lane's thread do (0: nothing);
    of a GIL's row, that of how many threads wait for it. `ended` says of a lane that nobody writes to it any more.
    `hidden` of a fold is how many rows it stands for. Of a lock, `storeys` is how many waited for it at once at most,
    as far as is known, and `holders` how many held it at once.
    """

    key: str
    kind: RowKind
    group: str
    title: str = ""
    tag: str = ""
    track: int = 0
    strip: int = 0
    icon: str = ""
    pid: str = ""
    note: str = ""
    is_open: bool = True
    died: bool = False
    ended: bool = False
    hidden: int = 0
    storeys: int = 0
    holders: int = 1


class History(Protocol):
    """What rows need to know of a store."""

    @property
    def tracks(self) -> Mapping[int, Track]:
        """Tracks by number."""
        ...

    @property
    def processes(self) -> Mapping[int, Process]:
        """Processes by number."""
        ...

    @property
    def counters(self) -> Mapping[int, Series]:
        """What has samples, by track number."""
        ...

    @property
    def open_spans(self) -> list[OpenSpan]:
        """What has begun and not ended."""
        ...

    def depths(self, track: int) -> Iterable[int]:
        """The depths at which a track has spans."""
        ...


CLOSED_ROLES: Final = frozenset({Role.LOAD, Role.GATEWAY, Role.SAMPLER, Role.WINDOW})
VITALS: Final = frozenset({"cpu", "rss", "threads", THREAD_CPU, THREAD_QUEUED, DESCRIPTORS, DESCRIPTOR_LIMIT})
"""Counters that the charts show; as rows they would only repeat them."""
WHO_HOLDS: Final = "Who holds the GIL"
WHO_HOLDS_MAIN: Final = "Main interpreter's GIL"
"""Where a process has several interpreters: the others' GILs are not looked at."""
ROLE_ORDER: Final = {
    Role.SERVER: 0,
    Role.WORKER: 1,
    Role.FORK_SERVER: 2,
    Role.CONNECTION: 3,
    Role.STANDBY: 4,
    Role.POOL: 5,
    Role.DEMO: 6,
    Role.CLUSTER: 7,
    Role.UPSTREAM: 8,
    Role.DATABASE: 9,
    Role.LAB: 10,
    Role.FOREIGN: 11,
    Role.LOAD: 20,
    Role.GATEWAY: 21,
    Role.SAMPLER: 22,
    Role.WINDOW: 23,
}
ICONS: Final = {
    Role.LOAD: "send",
    Role.SAMPLER: "activity",
    Role.POOL: "cpu",
    Role.WINDOW: "panel-left",
    Role.CLUSTER: "network",
    Role.LAB: "layers",
    Role.GATEWAY: "smartphone",
}
ONE_CONNECTION: Final = frozenset({Role.CONNECTION, Role.STANDBY})
"""Processes that serve one connection each, or will."""
OUTLIVING: Final = frozenset({Role.UPSTREAM, Role.CLUSTER})
"""Processes that outlive the servers they work for."""
NUMBERED: Final = frozenset({Role.WORKER, Role.POOL, Role.CONNECTION})
CONNECTION: Final = "connection"
"""What the loop of a connection's thread is called."""
REQUESTS_KEY: Final = "requests"
REQUESTS: Final = "Requests"
CONNECTIONS: Final = "Connections"
NO_ROUTE: Final = "Other requests"
IN_FLIGHT: Final = "in flight"
"""What the counter of a route's requests is called."""
MANY: Final = ("Worker", "Connection")
"""Titles of lanes of which a process has several."""
_CLUSTER_WORKER: Final = re.compile(r"\bworker \d+\b")
_THREAD_NUMBER: Final = re.compile(r"[ _-]*\d+(_\d+)?$")


def process_key(process: Process) -> str:
    """The key of a process's group."""
    return f"process {process.number}"


def track_key(track: Track) -> str:
    """The key of a track's row."""
    return f"track {track.number}"


@dataclass(frozen=True, slots=True)
class _Tracks:
    """What may have a row: lanes by process, counters by process (0: of the requests), request lanes by the track of
    their group, and what the sampler saw.
    """

    lanes: dict[int, list[Track]]
    counters: dict[int, list[Track]]
    requests: dict[int, list[Track]]
    sampled: Sampled


def short_title(title: str) -> str:
    """A lane's title where there is room for two letters: "W3" for "Worker 3"."""
    word, _, number = title.rpartition(" ")
    return f"{word[:1]}{number}" if word and number.isdigit() else title


def build_rows(
    history: History, begin: int, end: int, toggled: Set[str] = frozenset(), seen: Set[int] | None = None
) -> list[Row]:
    """The rows for a view from `begin` to `end` (ns).

    `toggled` holds the titles of the groups that are not as they would be by default; `seen` the tracks that have
    something in the view: of the requests' lanes only these get rows (None: all).
    """
    tracks = _sorted_tracks(history, begin, end)
    requests, counters = tracks.requests, tracks.counters
    if seen is not None:
        requests = {parent: [track for track in mine if track.number in seen] for parent, mine in requests.items()}
    rows: list[Row] = []
    titles = _titles(history.processes.values())
    inside = (
        process
        for process in history.processes.values()
        if process.started_ns <= end and (process.ended_ns is None or process.ended_ns >= begin)
    )
    processes = sorted(inside, key=_order)
    before_requests = True
    for (epoch, of_connections), group in groupby(processes, key=lambda it: (it.epoch, it.role in ONE_CONNECTION)):
        if of_connections:
            rows += _connection_rows(epoch, list(group), titles, tracks, toggled)
            continue
        for process in group:
            if ROLE_ORDER[process.role] >= ROLE_ORDER[Role.LOAD] and before_requests:
                rows += _request_rows(history, requests, counters, toggled)
                before_requests = False
            if process.number in tracks.lanes or process.role is not Role.POOL:
                rows += _process_rows(process, titles[process.number], tracks, toggled)
    if before_requests:
        rows += _request_rows(history, requests, counters, toggled)
    return rows


def in_flight(history: History) -> int:
    """How many requests are under way now: as the routes' counters say, since lanes and open spans are limited."""
    counted = [history.counters[track.number] for track in history.tracks.values() if _counts_requests(history, track)]
    if counted:
        return round(sum(float(series.values[-1]) for series in counted))
    return len({span.request for span in history.open_spans if span.request})


def _counts_requests(history: History, track: Track) -> bool:
    if track.kind is not TrackKind.COUNTER or track.name != IN_FLIGHT or not history.counters.get(track.number):
        return False
    parent = history.tracks.get(track.parent)
    return parent is not None and parent.kind is TrackKind.REQUESTS


def _sorted_tracks(history: History, begin: int, end: int) -> _Tracks:
    busy = {span.track for span in history.open_spans}
    lanes: dict[int, list[Track]] = {}
    counters: dict[int, list[Track]] = {}
    requests: dict[int, list[Track]] = {}
    owners = {process.pid: process.number for process in history.processes.values() if process.started_ns <= end}
    # Thousands of connections leave thousands of tracks: only those that count are put in order.
    living = [
        track
        for track in history.tracks.values()
        if (track.ended_ns is None or track.ended_ns >= begin) and track.name not in VITALS
    ]
    living.sort(key=lambda track: track.number)
    for track in living:
        if track.kind is TrackKind.COUNTER:
            if track.number in history.counters and track.name not in BESIDE:
                parent = history.tracks.get(track.parent)
                of_requests = parent is not None and parent.kind is TrackKind.REQUESTS
                # What the sampler counts of another process belongs to that one.
                owner = owners.get(track.pid, track.process) if track.pid else track.process
                counters.setdefault(0 if of_requests else owner, []).append(track)
        elif track.kind is TrackKind.LANE:
            requests.setdefault(track.parent, []).append(track)
        elif track.kind in LANE_KINDS and (track.number in busy or any(True for _ in history.depths(track.number))):
            lanes.setdefault(track.process, []).append(track)
    for mine in lanes.values():
        mine.sort(key=lambda track: (LANE_KINDS.index(track.kind), track.number))
    return _Tracks(lanes, counters, requests, Sampled(living))


def _order(process: Process) -> tuple[bool, bool, int, int, int]:
    role = ROLE_ORDER[process.role]
    # What runs beside the server outlives its restarts.
    return role >= ROLE_ORDER[Role.LOAD], process.role in OUTLIVING, process.epoch, role, process.number


def _titles(processes: Iterable[Process]) -> dict[int, str]:
    """The role, numbered where an epoch has several processes of that role; a cluster's workers as the cluster does."""
    alike: dict[tuple[Role, int], list[Process]] = {}
    for process in sorted(processes, key=lambda process: process.number):
        alike.setdefault((process.role, process.epoch), []).append(process)
    titles: dict[int, str] = {}
    for (role, _), several in alike.items():
        if role is Role.CLUSTER:
            workers = ((process.number, _CLUSTER_WORKER.search(process.label)) for process in several)
            titles |= {number: f"{role} {found[0]}" if found else str(role) for number, found in workers}
            continue
        if role is Role.FOREIGN:
            titles |= {process.number: process.label for process in several}
            continue
        for at, process in enumerate(several, 1):
            titles[process.number] = f"{role} {at}" if len(several) > 1 or role in NUMBERED else str(role)
    return titles


def _process_rows(process: Process, title: str, tracks: _Tracks, toggled: Set[str]) -> list[Row]:
    key = process_key(process)
    is_open = (process.role in CLOSED_ROLES) == (title in toggled)
    head = Row(
        key,
        RowKind.GROUP,
        key,
        title,
        icon=ICONS.get(process.role, "server"),
        pid=str(process.pid),
        note=_note(process),
        is_open=is_open,
        died=bool(process.died),
    )
    if not is_open:
        return [head]
    lanes, counters = tracks.lanes.get(process.number, []), tracks.counters.get(process.number, [])
    if process.role is Role.FOREIGN:
        return [head, *_foreign_rows(lanes, key), *(_counter_row(track, key) for track in counters)]
    rows = [head, *_lane_rows(lanes, key, process.pid, tracks.sampled)]
    gil = tracks.sampled.gil(process.pid)
    if gil is not None and lanes:
        rows.append(_gil_row(gil, key, tracks.sampled.waiting(process.pid), lanes))
    return rows + [_counter_row(track, key) for track in counters]


def _lane_rows(lanes: list[Track], group: str, pid: int, sampled: Sampled) -> list[Row]:
    rows = []
    numbers: dict[str, int] = {}
    for track in lanes:
        if track.kind is TrackKind.LOCK:
            rows.append(Row(track_key(track), RowKind.LOCK, group, track.name or "A lock", track.what, track.number))
            continue
        name, tag = _lane_words(track)
        if name in MANY:
            numbers[name] = numbers.get(name, 0) + 1
            name = f"{name} {numbers[name]}"
        rows.append(_lane(track, group, name, tag, sampled.strip(pid, track)))
    return rows


def _foreign_rows(lanes: list[Track], group: str) -> list[Row]:
    """The threads of a trace made elsewhere, each with a row for every depth: such a trace is a stack of calls."""
    deeper: dict[int, list[Track]] = {}
    for track in lanes:
        deeper.setdefault(track.parent, []).append(track)
    rows: list[Row] = []
    for track in deeper.get(0, ()):
        rows.append(_lane(track, group, track.name, f"thread {track.tid}" if track.tid else "", 0))
        mine = f"{group} {track_key(track)}"
        rows += [Row(track_key(each), RowKind.DEPTH, mine, track=each.number) for each in deeper.get(track.number, ())]
    return rows


def _lane(track: Track, group: str, title: str, tag: str, strip: int) -> Row:
    ended = track.ended_ns is not None
    return Row(track_key(track), RowKind.LANE, group, title, tag, track.number, strip, ended=ended)


def _gil_row(track: Track, group: str, waiting: int, lanes: Iterable[Track]) -> Row:
    title = WHO_HOLDS_MAIN if any(runs_interpreter(lane.name) for lane in lanes) else WHO_HOLDS
    return Row(track_key(track), RowKind.GIL, group, title, "", track.number, waiting)


def _connection_rows(
    epoch: int, processes: list[Process], titles: dict[int, str], tracks: _Tracks, toggled: Set[str]
) -> list[Row]:
    """One group with a lane for each process, and more for threads that it has; what has no lane yet is left out."""
    lanes, sampled = tracks.lanes, tracks.sampled
    processes = [process for process in processes if lanes.get(process.number)]
    if not processes:
        return []
    key = f"connections {epoch}"
    living = [process for process in processes if process.ended_ns is None]
    standbys = sum(process.role is Role.STANDBY for process in living)
    note = "a process for each" + (f", {standbys} standing by" if standbys else "")
    is_open = CONNECTIONS not in toggled
    number = f"{len(living) - standbys:,}"
    rows = [Row(key, RowKind.GROUP, key, CONNECTIONS, icon="server", pid=number, note=note, is_open=is_open)]
    if not is_open:
        return rows
    for process in sorted(processes, key=lambda process: process.number):
        # A process begins with a moment of its garbage collector before its loop is there: no row for that.
        first, *others = [track for track in lanes[process.number] if track.kind is not TrackKind.PROCESS] or lanes[
            process.number
        ]
        title = "Standby" if process.role is Role.STANDBY else titles[process.number].capitalize()
        tag = f"pid {process.pid}" + (", died" if process.died else "")
        rows.append(_lane(first, key, title, tag, sampled.strip(process.pid, first)))
        for track in others:
            rows.append(
                _lane(track, key, f"its {_lane_words(track)[0].lower()}", "", sampled.strip(process.pid, track))
            )
    return rows


def _note(process: Process) -> str:
    """What is worth knowing of a process beside its name."""
    if process.died:
        return process.died
    is_title = process.role is Role.FOREIGN or process.label.lower() == str(process.role)
    parts = ["" if is_title else process.label]
    if process.epoch > 1:
        parts.append(f"start {process.epoch}")
    if process.ended_ns is not None:
        parts.append("ended")
    return ", ".join(part for part in parts if part)


def _lane_words(track: Track) -> tuple[str, str]:
    """Title and tag of a lane; those in `MANY` are numbered."""
    if track.kind is TrackKind.LOOP:
        if track.name == CONNECTION:
            return "Connection", f"thread {track.tid}" if track.tid else ""
        return "Event loop", track.name if track.name.lower() not in ("loop", "event loop", "") else ""
    if track.kind is TrackKind.THREAD:
        if "anyio" in track.name.lower():
            return "Worker", "AnyIO pool"
        if track.name in ("MainThread", ""):
            return "Main thread", ""
        if runs_interpreter(track.name):  # each has a number of its own
            return track.name.capitalize(), f"thread {track.tid}" if track.tid else ""
        return _THREAD_NUMBER.sub("", track.name) or track.name, f"thread {track.tid}" if track.tid else ""
    if track.kind is TrackKind.PROCESS:
        return "Other threads", ""  # what ran where no lane is, such as the garbage collector in a thread that ends
    return track.name or str(track.kind).capitalize(), ""


def _counter_row(track: Track, group: str, route: str = "") -> Row:
    name = f"{route} {track.name}" if route else track.name[:1].upper() + track.name[1:]
    return Row(track_key(track), RowKind.COUNTER, group, name, track.unit, track.number)


def _request_rows(
    history: History, requests: dict[int, list[Track]], counters: dict[int, list[Track]], toggled: Set[str]
) -> list[Row]:
    measured = counters.get(0, [])
    if not requests and not measured:
        return []
    is_open = REQUESTS not in toggled
    number = in_flight(history)
    rows = [
        Row(
            REQUESTS_KEY,
            RowKind.GROUP,
            REQUESTS_KEY,
            REQUESTS,
            icon="arrow-right",
            pid=f"{number:,} in flight" if number else "",
            note="from intended send to end of response",
            is_open=is_open,
        )
    ]
    if not is_open:
        return rows
    for parent, lanes in requests.items():
        of_phones = _route(history, parent) == phones.GROUP
        if of_phones:  # each looks for its own number
            lanes = sorted(lanes, key=lambda lane: (len(lane.name), lane.name))
        for at, track in enumerate(lanes):
            title = f"Phone {track.name}" if of_phones else _route(history, parent) if at == 0 else ""
            rows.append(Row(track_key(track), RowKind.REQUEST, REQUESTS_KEY, title, track=track.number))
    measured = [track for track in measured if requests.get(track.parent) or _of_host(history, track)] or measured[:1]
    for track in measured:
        rows.append(_counter_row(track, REQUESTS_KEY, _route(history, track.parent) if len(measured) > 1 else ""))
    return rows


def _of_host(history: History, counter: Track) -> bool:
    """Whether another host counts there what it sends."""
    parent = history.tracks.get(counter.parent)
    return parent is not None and parent.kind is TrackKind.HOST


def _route(history: History, group: int) -> str:
    """What requests of a group ask for; those that no server took have no route."""
    track = history.tracks.get(group)
    return (track.name if track is not None else "") or NO_ROUTE
