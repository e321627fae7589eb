"""Waiting for a thread-pool token: how long, and how many tokens were out."""

import numpy as np

from explorer.analysis.buckets import BUCKET_NS, Column
from explorer.analysis.intervals import Interval, IntervalLog, Sparse
from explorer.collect.source import Array
from explorer.load.histogram import SIZE, bin_of
from explorer.records.schema import U32


class TokenLog:
    """All TOKEN_WAIT records of a run. `borrowed` by bucket: the most tokens out, with the asker's own.

    `limit` is how many an app of the user's own has for each loop, as its server told; None if nobody told.
    """

    def __init__(self) -> None:
        self.borrowed = Column("f8", np.nan)
        self.limit: int | None = None
        self._waits = IntervalLog(0, 1)

    @property
    def used(self) -> bool:
        """Whether anybody ever asked for a token."""
        return len(self._waits) > 0

    def tell(self, tokens: object) -> None:
        """What a server told of its limit; a recording may hold anything."""
        if isinstance(tokens, int) and tokens > 0:
            self.limit = tokens

    def feed(self, bucket: int, length_ns: Array, argument: Array) -> None:
        """Waits that ended in a bucket, columns (n,)."""
        self.borrowed.raise_to(bucket, float((argument & np.uint64(U32)).max()))
        waits = length_ns / 1e9
        counts = np.bincount(bin_of(waits), minlength=SIZE)
        found = Sparse.of_dense(counts, float(waits.sum()), float(waits.max()))
        self._waits.add(Interval(bucket * BUCKET_NS, (bucket + 1) * BUCKET_NS, (), (found,)))

    def wait_p99(self, begin: int, end: int) -> float | None:
        """99th percentile (s) of the waits from `begin` to `end` (ns); None if there were none."""
        (waits,) = self._waits.sum(begin, end).histograms
        return waits.percentile(99) if waits.count else None
