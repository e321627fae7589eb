"""Which rows of a run are its shape on the wall: those that the lesson watches, no more than make one. No Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from explorer.collect.source import Track
from explorer.desktop.timeline.rows import REQUESTS_KEY, Row, RowKind
from explorer.records.states import Role, TrackKind
from explorer.store.store import Store

KINDS: Final[Mapping[TrackKind, str]] = {
    TrackKind.LOOP: "event loop",
    TrackKind.THREAD: "thread",
    TrackKind.LANE: "request",
    TrackKind.LOCK: "lock",
}
SHOWN: Final = (RowKind.LANE, RowKind.REQUEST, RowKind.DEPTH, RowKind.LOCK)
ENOUGH: Final = 3
"""With so many rows there is a shape; of further words of the lesson no rows are added."""
BESIDE: Final = (Role.LOAD, Role.SAMPLER, Role.WINDOW, Role.GATEWAY)
AWAY: Final = ("Main thread", "Other threads")


def shape_rows(rows: Sequence[Row], words: Sequence[str], store: Store, requests: bool = True) -> list[Row]:
    """The rows of the first of `words` that has any, with those of the next as long as there are fewer than three;
    without words, or where nothing is called so, all lanes of what serves.

    `requests` False: more of them came at once than have lanes, so that their rows would hide the rest of them; where
    other words have rows, these are shown.
    """
    heads = {row.group: row.title for row in rows if row.kind is RowKind.GROUP}
    shown = [row for row in rows if row.kind in SHOWN and row.track and not _beside(row, store)]
    lanes = [replace(row, title=_called(row, heads, store)) for row in shown]
    found: list[Row] = []
    cut: list[Row] = []
    for word in words:
        if len(found) >= ENOUGH:
            break
        called = [row for row in lanes if word.lower() in _said(row, heads.get(row.group, ""), store)]
        if not requests and any(row.group == REQUESTS_KEY for row in called):
            cut += called
        else:
            found += [row for row in called if row not in found]
    return found or cut or [row for row in lanes if row.title not in AWAY]


def _said(row: Row, group: str, store: Store) -> str:
    """What a row is called, in lower case; its group's name counts as well: lanes of a pool, of a connection."""
    track: Track | None = store.tracks.get(row.track)
    words = [row.title, KINDS.get(track.kind, "") if track is not None else "", group]
    if row.group == REQUESTS_KEY:
        words = ["request"]
    elif row.title in AWAY:
        words = [row.title]
    return " ".join(words).lower()


def _called(row: Row, heads: Mapping[str, str], store: Store) -> str:
    """What a row is called without its heading: a pool's process works on its main thread, which is called after the
    process, and "A" alone does not say that it is a lock.
    """
    if row.title == AWAY[0] and _role(row, store) is Role.POOL:
        return heads.get(row.group, row.title).capitalize()
    return f"Lock {row.title}" if row.kind is RowKind.LOCK and "lock" not in row.title.lower() else row.title


def _role(row: Row, store: Store) -> Role | None:
    track = store.tracks.get(row.track)
    process = store.processes.get(track.process) if track is not None else None
    return process.role if process is not None else None


def _beside(row: Row, store: Store) -> bool:
    """Whether it belongs to the explorer itself."""
    return row.group != REQUESTS_KEY and _role(row, store) in BESIDE
