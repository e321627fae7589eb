"""Who waits for whom in the end, as sentences."""

from collections.abc import Callable, Mapping, Sequence

Waits = Mapping[str, Sequence[str]]
"""By session that waits, for which sessions; none: for somebody who is no session of the lab."""


def circle(waits: Waits) -> list[str]:
    """Sessions that wait for one another, in the order of waiting; empty if there is no such circle."""
    for first in waits:
        path, now = [first], first
        while waits.get(now):
            now = waits[now][0] if len(waits[now]) == 1 else _towards(waits, now)
            if now in path:
                return path[path.index(now) :]
            path.append(now)
    return []


def _towards(waits: Waits, session: str) -> str:
    """Of several that a session waits for, one that waits itself."""
    return next((name for name in waits[session] if name in waits), waits[session][0])


def why_stuck(waits: Waits, has_steps: Callable[[str], bool]) -> str:
    """One sentence on why none of those who wait will ever go on."""
    ring = circle(waits)
    if ring:
        return f"{_list(sorted(ring))} wait for one another."
    waiter = next((name for name in sorted(waits) if waits[name]), None)
    if waiter is None:
        return f"{_list(sorted(waits))} cannot go on: somebody outside of the lab holds the lock."
    while waits.get(other := waits[waiter][0]):
        waiter = other
    why = f"{other} has no step left" if not has_steps(other) else f"{other} waits as well"
    return f"{waiter} waits for {other}, and {why}."


def _list(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
