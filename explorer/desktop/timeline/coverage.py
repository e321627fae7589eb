"""Columns of stacked shares: how the far view paints what `explorer.store.coverage` has counted. No Qt."""

from typing import Final

import numpy as np

from explorer.collect.source import Array
from explorer.records.states import State

BIN_BITS_LEAST: Final = 0
STACK: Final = (
    State.RUNNING,
    State.RUNNABLE,
    State.WAITING_GIL,
    State.WAITING_LOCK,
    State.BLOCKED,
    State.QUEUED,
    State.AWAITING,
    State.UNKNOWN,
)
"""From the floor of the column upwards. Idle is absence: it is drawn only where there is nothing else."""


def bin_bits(ns_per_px: float) -> int:
    """The power of two of the smallest bin that is at least a pixel wide."""
    return max(BIN_BITS_LEAST, int(np.ceil(np.log2(max(1.0, ns_per_px)))))


def stack(covered: Array, bits: int, height: int, palette: Array) -> Array:
    """Columns `height` pixels high (at most 255) of stacked shares: (rows, height, columns) of u4, the top first.

    `covered` is (rows, STATES, columns); `palette` (u4) is indexed by State, 0 is the empty lane. Shares of the bin are
    rounded up, so that whatever is there shows; the pixels that this costs too many are taken from the largest share.
    """
    rows, _, columns = covered.shape
    scale = np.float32(height / (1 << bits))
    present = [state for state in STACK if (covered[:, state, :] > 0).any()]
    pixels = np.empty((len(present), rows, columns), "<i2")
    for at, state in enumerate(present):
        share = covered[:, state, :] * scale
        np.copyto(pixels[at], np.ceil(np.clip(share, 0, height)), casting="unsafe")
    total = pixels.sum(axis=0, dtype="<i2") if present else np.zeros((rows, columns), "<i2")
    row, column = np.nonzero(total > height)
    if len(row):
        crowded = pixels[:, row, column]
        largest = crowded.argmax(axis=0)
        over = total[row, column] - height
        pixels[largest, row, column] = np.maximum(pixels[largest, row, column] - over, 1)
    # How many states end at or below a pixel says which one it belongs to.
    levels = np.arange(height - 1, -1, -1, dtype="u1")[None, :, None]
    place = np.zeros((rows, height, columns), "u1")
    top = np.zeros((rows, columns), "<i2")
    for plane in pixels:
        top += plane
        place += levels >= np.minimum(top, 255).astype("u1")[:, None, :]
    colours = palette[[*present, State.NONE]]
    picture: Array = colours.take(place)
    idle = (covered[:, State.IDLE, :] > 0) & (top == 0)
    if idle.any():
        middle = height // 2
        for line in (middle - 1, middle):
            picture[:, line, :][idle] = palette[State.IDLE]
    return picture
