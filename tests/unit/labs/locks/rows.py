"""Rows of spans, made by hand."""

import numpy as np

from explorer.collect.source import SPAN, Array
from explorer.records.states import Flag, Kind


def rows(spans: list[tuple[int, int, int, Kind, int, Flag]]) -> Array:
    """(n,) of SPAN in order of end; each is (track, start, end, kind, argument, flag)."""
    made = np.zeros(len(spans), SPAN)
    for row, (track, start, end, kind, argument, flag) in zip(made, sorted(spans, key=lambda one: one[2]), strict=True):
        row["track"], row["start"], row["end"], row["kind"] = track, start, end, kind
        row["argument"], row["flags"] = argument, flag
    return made
