"""Who holds a lock or waits for it, as the high half of a record's argument says (kinds of `LOCKS`, no CPU time there).

A thread is known by its track; what runs as a task of an event loop is known by its process and a number of its own,
as tasks share their loop's thread. One bit says whether only that owner will give the lock back: who takes a semaphore
without `with` may leave that to somebody else.
"""

from typing import Final

from explorer.records import schema
from explorer.records.states import Kind

LOCKS: Final = (Kind.LOCK_WAIT, Kind.LOCK_HELD, Kind.LOCK_SIGNAL)
"""The kinds whose argument says this, and whose value is the number of a track."""
THREAD: Final = 0x7FFF_FFFF
"""In a task's place: the thread itself."""
UNBOUND: Final = 1 << 31
"""Anybody may give it back."""
_TASK_SHIFT: Final = 32


def owner_argument(track: int, task: int = THREAD, *, bound: bool = True) -> int:
    """Pack the argument of a record of `LOCKS`: its value, the task that it is about (or `THREAD`), and the bit."""
    word = task if bound else task | UNBOUND
    return word << _TASK_SHIFT | track & schema.U32


def task_of(word: int) -> int:
    """The task's number in the high half of an argument; 0 for a thread."""
    task = word & THREAD
    return 0 if task == THREAD else task


def is_bound(word: int) -> bool:
    """Whether only the owner gives back what it holds. Unknown (records of older versions) counts as no."""
    return not word & UNBOUND
