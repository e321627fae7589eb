"""Makes objects that refer to one another, and lets them live for a while."""

import contextlib
from collections import deque

alive: deque[list[object]] = deque()
"""The objects of the latest requests, as a cache would keep them."""


def blocking(objects: int, kept: int) -> None:
    """Make a ring of `objects` lists: none of them is ever free by itself, because another refers to it."""
    first: list[object] = []
    last = first
    for _ in range(objects - 1):
        last = [last]
    first.append(last)
    alive.append(first)
    while len(alive) > kept:
        with contextlib.suppress(IndexError):  # another thread was faster
            alive.popleft()
