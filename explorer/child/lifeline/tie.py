"""Ties this process to its parent with what the system offers."""

import multiprocessing
import sys


def tie(parent: int) -> None:
    """End this process when process `parent`, which must be its parent, has ended. Call it first of all.

    If the parent has gone already the process ends here. Children of the session also end when their standard input
    does (`explorer.child.channel`); this holds for their own children too, and for those that never read.
    """
    if parent <= 0:
        return
    if sys.platform == "linux":
        from explorer.child.lifeline import linux as system
    elif sys.platform == "win32":
        from explorer.child.lifeline import windows as system
    else:
        from explorer.child.lifeline import bsd as system
    system.tie(parent)


def tie_to_multiprocessing_parent() -> None:
    """`tie` in a process that `multiprocessing` started: a server's worker, a process of a pool.

    The parent is known there by itself; a pool takes this function as part of its initializer.
    """
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        tie(parent.pid)
