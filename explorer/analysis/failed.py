"""Which requests had no good answer, as the load that sent them says: given up, or answered with an error."""

import numpy as np

from explorer.collect.source import Array
from explorer.records.schema import U32
from explorer.records.states import Flag, Kind
from explorer.store.store import Store

ERRORS_FROM = 400


def no_good_answer(status: Array) -> Array:
    """Of HTTP statuses (n,) as the load notes them, 0 for no answer: which are not good ones, (n,) of bool."""
    failed: Array = (status == 0) | (status >= ERRORS_FROM)
    return failed


def failed_in(store: Store, t0: int, t1: int) -> Array:
    """Numbers (n,) u8 of the requests that ended between `t0` and `t1` (ns) without a good answer, each once.

    Where the time of a request goes, one that was given up tells of the patience of who sent it. Asked once a second
    over all that no lane shows: about 1 ns a span.
    """
    found = [np.zeros(0, np.uint64)]
    for piece in store.told():
        if not len(piece) or int(piece.end.max()) <= t0:
            continue
        over = (piece.kind == Kind.CLIENT_REQUEST) & (piece.flags & Flag.BEGIN == 0)
        at = np.flatnonzero(over & (piece.end > t0) & (piece.end <= t1))
        status = piece.argument[at] & np.uint64(U32)
        found.append(piece.request[at[no_good_answer(status)]])
    return np.unique(np.concatenate(found))
