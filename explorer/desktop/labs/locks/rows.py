"""Which of the timeline's rows the lab shows: who does the scenario's work, the loop, the requests if they are what
waits, and the locks. No Qt.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from explorer.collect.source import Track
from explorer.desktop.labs.locks.graph_model import natural
from explorer.desktop.timeline.rows import Row, RowKind
from explorer.records.states import TrackKind

LOCKS: Final = "Locks"
LOCKS_KEY: Final = "lab locks"
HINT: Final = "who holds at the bottom, above it one storey for each who waits"
POOL: Final = "Worker "
BESIDE: Final = ("Main thread", "Other threads")


def lab_rows(
    rows: Sequence[Row],
    tracks: Mapping[int, Track],
    serving: Callable[[int], bool],
    titles: Mapping[int, str],
    *,
    tasks: bool,
    opened: bool = True,
    counters: Collection[str] = (),
    most: int = 0,
) -> list[Row]:
    """`serving` says of a process whether it serves; `titles` are what the lab calls threads, by lane; `tasks`: it is
    about coroutines, so that requests are shown and threads only if they have to do with a lock. `counters` are
    those that are shown, by their names; of a pool's threads `most` are enough (0: all).
    """
    found = [row for row in rows if row.track in tracks and serving(tracks[row.track].process)]
    loops = [row for row in found if tracks[row.track].kind is TrackKind.LOOP]
    threads = [
        replace(row, title=titles.get(row.track, row.title), tag="")
        for row in found
        if row.kind is RowKind.LANE
        and tracks[row.track].kind is TrackKind.THREAD
        and row.title not in BESIDE
        and (not tasks or row.track in titles)
    ]
    threads.sort(key=lambda row: natural(row.title))
    if most:
        pool = [row for row in threads if row.title.startswith(POOL)]
        threads = pool[:most] + [row for row in threads if row not in pool]
    locks = sorted((row for row in found if row.kind is RowKind.LOCK), key=lambda row: row.title)
    requests = [row for row in rows if row.kind is RowKind.REQUEST] if tasks else []
    numbers = [row for row in rows if row.kind is RowKind.COUNTER and tracks[row.track].name in counters]
    return [*_bare(threads), *_bare(loops), *requests, *numbers, *_headed(locks, opened)]


def _bare(rows: Iterable[Row]) -> list[Row]:
    """Without the tag at the right, which tells of threads what nobody asks here."""
    return [replace(row, tag="") for row in rows]


def _headed(locks: Sequence[Row], opened: bool) -> list[Row]:
    if not locks:
        return []
    head = Row(LOCKS_KEY, RowKind.GROUP, LOCKS_KEY, LOCKS, icon="lock", note=HINT, is_open=opened)
    return [head, *(replace(row, group=LOCKS_KEY, title=row.title.removeprefix("self.")) for row in locks if opened)]
