"""Ties this process to its parent with what the system offers."""

import multiprocessing
import os
import sys
import threading


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

    The parent is known there by itself; a pool takes this function as part of its initializer. What a fork server
    started is no child of that parent's: a thread waits for the parent's end.
    """
    parent = multiprocessing.parent_process()
    if parent is None or parent.pid is None:
        return
    if sys.platform == "win32" or os.getppid() == parent.pid:
        tie(parent.pid)
    else:
        threading.Thread(target=_end_with, args=(parent,), name="lifeline", daemon=True).start()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(0)
