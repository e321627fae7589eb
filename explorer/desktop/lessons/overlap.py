"""How many stretches of time overlap. No Qt."""

import numpy as np

from explorer.collect.source import Array


def most_at_once(begins: Array, ends: Array) -> int:
    """How many of the stretches overlap at most; one that ends where another begins does not."""
    if not len(begins):
        return 0
    times = np.concatenate((begins, ends))
    steps = np.concatenate((np.ones(len(begins), np.int64), np.full(len(ends), -1, np.int64)))
    order = np.lexsort((steps, times))
    return int(np.cumsum(steps[order]).max())
