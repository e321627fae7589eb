"""Where to look: what a finding points at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look: from `start` to `end` (ns) on a track (0: the whole run), for a request if it was for one."""

    track: int
    start: int
    end: int
    name: str = ""
    request: int = 0
