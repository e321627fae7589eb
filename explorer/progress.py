"""How long work says how far it is, and learns that nobody wants it any more."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told what is done and what there is in all, in the work's own unit. It raises `Cancelled` when the work shall end."""


class Cancelled(Exception):
    """The user does not want the rest. Whoever is at work leaves nothing behind and lets it pass."""


def quietly(done: int, total: int) -> None:
    """A `Progress` that nobody looks at."""
