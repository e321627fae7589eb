"""Rows of spans picked out and put in order, fast: what every batch goes through."""

import numpy as np

from explorer.collect.source import SPAN, Array


def take(spans: Array, places: Array) -> Array:
    """`spans[places]`, moved as 64-bit words, which is ten times as fast."""
    words = np.ascontiguousarray(spans).view("<u8").reshape(-1, SPAN.itemsize // 8)
    taken: Array = words.take(places, axis=0).view(SPAN).reshape(-1)
    return taken


def order_of(track: Array) -> Array:
    """The order that brings tracks together and leaves each in its own."""
    lowest = track.min()
    if int(track.max() - lowest) < 1 << 16:
        track = (track - lowest).astype("<u2")  # NumPy sorts 16-bit keys by radix, ten times as fast
    order: Array = np.argsort(track, kind="stable")
    return order
