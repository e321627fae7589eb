"""Threads of a trace made elsewhere: each has a track for every depth, so that spans which overlap oddly share none."""

from collections.abc import Mapping

from explorer.collect.source import Process, Track
from explorer.records.states import Role, TrackKind


def deeper_tracks(tracks: Mapping[int, Track], processes: Mapping[int, Process]) -> dict[int, list[int]]:
    """By thread the tracks of its inner spans, from the outermost inwards; nothing for threads of a run of our own."""
    found: dict[int, list[int]] = {}
    foreign = {number for number, process in processes.items() if process.role is Role.FOREIGN}
    for number, track in sorted(tracks.items()):
        if track.kind is TrackKind.THREAD and track.parent in tracks and track.process in foreign:
            found.setdefault(track.parent, []).append(number)
    return found
