"""Which requests had no good answer, as the load that sent them says: given up, or answered with an error.

One that the load itself gave up (`ABANDONED`) is neither good nor failed.
"""

from collections.abc import Callable

import numpy as np

from explorer.collect.source import Array
from explorer.records.schema import U32
from explorer.records.states import ABANDONED, NO_ANSWER, Flag, Kind
from explorer.store.store import Store

ERRORS_FROM = 400


def no_good_answer(status: Array) -> Array:
    """Of the results (n,) of requests, as the load notes them: which are failures, (n,) of bool."""
    failed: Array = (status == NO_ANSWER) | (status >= ERRORS_FROM) & (status != ABANDONED)
    return failed


def abandoned(status: Array) -> Array:
    """Of the results (n,) of requests, as the load notes them: which the load itself gave up, (n,) of bool."""
    waited: Array = status == ABANDONED
    return waited


def failed_in(store: Store, t0: int, t1: int) -> Array:
    """Numbers (n,) u8 of the requests that ended between `t0` and `t1` (ns) without a good answer, each once.

    Where the time of a request goes, one that was given up tells of the patience of who sent it. Asked once a second
    over all that no lane shows: about 1 ns a span.
    """
    return _ended_in(store, t0, t1, no_good_answer)


def without_good_answer_in(store: Store, t0: int, t1: int) -> Array:
    """As `failed_in`, and those too that the load itself gave up: how long a good one takes is said by none of them."""
    return _ended_in(store, t0, t1, lambda status: no_good_answer(status) | abandoned(status))


def _ended_in(store: Store, t0: int, t1: int, which: Callable[[Array], Array]) -> Array:
    found = [np.zeros(0, np.uint64)]
    for piece in store.told():
        if not len(piece) or int(piece.end.max()) <= t0:
            continue
        over = (piece.kind == Kind.CLIENT_REQUEST) & (piece.flags & Flag.BEGIN == 0)
        at = np.flatnonzero(over & (piece.end > t0) & (piece.end <= t1))
        status = piece.argument[at] & np.uint64(U32)
        found.append(piece.request[at[which(status)]])
    return np.unique(np.concatenate(found))
