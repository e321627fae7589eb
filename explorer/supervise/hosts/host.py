"""What runs on a host of the cluster: a task that starts our load there, hands messages on, and ends it.

The task holds on to nothing but its child. Whatever becomes of the run, the child ends: when the task is cancelled or
its client has gone (the scheduler then forgets the task, which is looked for ten times a second), when the worker
closes or dies (the child's life is tied to the worker's thread), when it was told to.
"""

import os
import socket
import threading
import time
from pathlib import Path
from typing import Any, Final

from distributed import get_worker, secede

from explorer.cluster import aboard
from explorer.records.states import Role
from explorer.supervise.channel import Child
from explorer.supervise.spawn import spawn

LOAD: Final = "explorer.load.process"
LOOK_S: Final = 0.1
ALIVE_EVERY_S: Final = 0.5
STOP_WITHIN_S: Final = 0.6
KILL_AFTER_S: Final = 2.0
REACH_LIMIT_S: Final = 3.0
_DOING: Final = ("executing", "long-running")

Message = dict[str, Any]


def reach(host: str, port: int) -> str:
    """Try whether the server can be reached from here: empty, or why not."""
    try:
        socket.create_connection((host, port), REACH_LIMIT_S).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def serve(topic: str, number: int, config: Message, run: str = "") -> int:
    """Be host `number` of a run: the load with `config` until it ends. Returns its exit status.

    Where the run's folder `run` can be used from here, the load is among the run's processes.
    What the load says goes to `topic` as `{"host": number, "message": …}`; `tell` sends to it.
    """
    worker: Any = get_worker()
    key = worker.get_current_task()
    secede()  # type: ignore[no-untyped-call]  # distributed's  # a worker with a single thread must be able to do other work
    joined = Path(run) if run and os.access(run, os.R_OK | os.W_OK | os.X_OK) else None
    child = spawn(LOAD, role=Role.LOAD, run=joined, main_thread=False)
    ended = threading.Event()
    codes: list[int] = []

    def say(message: Message) -> None:
        worker.log_event(topic, {"host": number, "message": message})

    def note_end(code: int) -> None:
        codes.append(code)
        ended.set()

    worker.extensions[topic] = child
    aboard.hold(topic)
    try:
        child.on_message(say)
        child.on_exit(note_end)
        child.configure(**config)
        next_alive = 0.0
        while not ended.wait(LOOK_S) and _wanted(worker, key):
            if time.monotonic() >= next_alive:
                next_alive = time.monotonic() + ALIVE_EVERY_S
                say({"type": "alive"})
        if codes:
            say({"type": "gone", "status": codes[0], "words": child.last_words()})
        return codes[0] if codes else 0
    finally:
        worker.extensions.pop(topic, None)
        _end(child)
        worker.loop.add_callback(aboard.leave, topic, worker)


def tell(topic: str, messages: list[Message], dask_worker: Any = None) -> None:
    """Send messages to the load that `serve` started on this worker; without one they are dropped."""
    child = dask_worker.extensions.get(topic)
    for message in messages if child is not None else ():
        fields = dict(message)
        child.send(fields.pop("type"), **fields)


def _wanted(worker: Any, key: str) -> bool:
    """Whether somebody still waits for this task. When its client has gone, the scheduler lets it go."""
    task = worker.state.tasks.get(key)
    return task is not None and task.state in _DOING and str(worker.status.name) in ("running", "paused")


def _end(child: Child) -> None:
    child.stop(STOP_WITHIN_S)
    if child.wait(KILL_AFTER_S) is None:
        child.kill()
        child.wait(KILL_AFTER_S)
