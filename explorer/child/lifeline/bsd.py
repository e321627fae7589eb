"""macOS and the BSDs (untried): a thread waits in kqueue for the parent's end."""

import os
import select
import sys
import threading

assert sys.platform != "linux"
assert sys.platform != "win32"


def tie(parent: int) -> None:
    """Watch the parent from a thread of its own; end this process when it has gone."""
    queue = select.kqueue()
    event = select.kevent(parent, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
    try:
        queue.control([event], 0)
    except ProcessLookupError:
        os._exit(0)
    if os.getppid() != parent:
        os._exit(0)
    threading.Thread(target=_wait, args=(queue,), name="lifeline", daemon=True).start()


def _wait(queue: select.kqueue) -> None:
    queue.control(None, 1)
    os._exit(0)
