"""Which rows a lesson's timeline shows and which of them are meant: those that are named stand first, the rest fade.

No Qt.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from explorer.collect.source import Track
from explorer.desktop.timeline.rows import REQUESTS_KEY, Row, RowKind
from explorer.records.states import TrackKind

KINDS: Final[Mapping[TrackKind, str]] = {
    TrackKind.LOOP: "loop event_loop",
    TrackKind.THREAD: "thread",
    TrackKind.LANE: "request",
    TrackKind.LOCK: "lock",
    TrackKind.COUNTER: "counter",
}
WORKING: Final = (TrackKind.LOOP, TrackKind.THREAD)
MANY: Final = 12
"""With more named lanes than this, of the others only the loops are left: there is no room for both."""


def named(rows: Sequence[Row], words: Sequence[str], tracks: Mapping[int, Track]) -> set[str]:
    """The keys of the rows, headings aside, of which one of the words is in what they are called, or is their kind."""
    heads = {row.group: row.title for row in rows if row.kind is RowKind.GROUP}
    lanes = [row for row in rows if row.kind is not RowKind.GROUP]
    return {row.key for row in lanes if is_named(row, words, tracks, heads.get(row.group, ""))}


def is_named(row: Row, words: Sequence[str], tracks: Mapping[int, Track], group: str = "") -> bool:
    """Whether one of the words is in what the row is called, or is its kind. The name of its `group` counts as well for
    threads and loops: those of a pool's process, of a cluster's worker.
    """
    track = tracks.get(row.track)
    said = [row.title, row.kind.name, KINDS.get(track.kind, "") if track is not None else ""]
    if row.group == REQUESTS_KEY:
        said.append("request")
    elif row.kind is RowKind.LANE and track is not None and track.kind in WORKING:
        said.append(group)
    told = " ".join(said).lower()
    return any(word.lower() in told for word in words)


def watched_rows(rows: Sequence[Row], words: Sequence[str], tracks: Mapping[int, Track]) -> list[Row]:
    """The rows by group, those with named lanes first; without words all as they are."""
    if not words:
        return list(rows)
    keys = named(rows, words, tracks)
    crowded = len(keys) > MANY
    first, later = [], []
    for _, group in groupby(rows, key=lambda row: row.group):
        some = list(group)
        meant = [row for row in some if row.key in keys]
        heads = [row for row in some if row.kind is RowKind.GROUP]
        if meant:
            kept = [row for row in some if row not in heads and (not crowded or row in meant or _is_loop(row, tracks))]
            first += [*heads, *kept]
        elif not crowded:
            later += some
        else:
            later += [row for row in some if row in heads or _is_loop(row, tracks)]
    return [*first, *later]


def faded(rows: Sequence[Row], words: Sequence[str], tracks: Mapping[int, Track]) -> set[str]:
    """The keys of the rows that fade: lanes that are not named, and headings of groups without any that are. Where
    nothing is named, as in a further run that has no such lanes, nothing fades.
    """
    keys = named(rows, words, tracks)
    if not keys:
        return set()
    groups = {row.group for row in rows if row.key in keys}
    return {row.key for row in rows if (row.group not in groups if row.kind is RowKind.GROUP else row.key not in keys)}


def _is_loop(row: Row, tracks: Mapping[int, Track]) -> bool:
    track = tracks.get(row.track)
    return row.kind is RowKind.LANE and track is not None and track.kind is TrackKind.LOOP
