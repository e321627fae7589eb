"""A program whose threads do what is known: run with the name of what they shall do, it joins the run and does it.

It prints `{"tid": what, …}` when all of its threads are at it, and ends with its standard input.
"""

import ctypes
import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable

from explorer.probe.jobs import run_job
from explorer.probe.locks.install import LockTracing
from explorer.probe.tracer import Tracer
from explorer.records.states import Role

over = threading.Event()


def spins() -> None:
    """Python code without end."""
    while not over.is_set():
        sum(range(1000))


def hashes() -> None:
    """Native code that releases the GIL, without end."""
    data = bytes(4_000_000)
    while not over.is_set():
        hashlib.sha256(data).digest()


def sleeps() -> None:
    """Sleeps in the kernel."""
    time.sleep(1000)


def reads() -> None:
    """Reads from a pipe that stays empty."""
    os.read(os.pipe()[0], 1)


def naps() -> None:
    """Sleeps and computes by turns."""
    while not over.is_set():
        time.sleep(0.05)
        end = time.perf_counter() + 0.05
        while time.perf_counter() < end:
            sum(range(100))


def dumpable(may: bool) -> None:
    """Whether others without special rights may look into this process."""
    ctypes.CDLL(None).prctl(4, int(may), 0, 0, 0)  # PR_SET_DUMPABLE


def main(kinds: list[str]) -> None:
    """One thread for each of `kinds`."""
    if {"closed", "opens"} & set(kinds):
        dumpable(False)
    tracer = Tracer.join(Role.SERVER, "program")
    assert tracer is not None
    tracing = LockTracing(tracer)
    taken = threading.Lock()
    tracing.undo()
    taken.acquire()
    name = tracer.name("job")

    def inside(function: Callable[[], object]) -> None:
        run_job(tracer.thread_ring(), name, 0, function)

    def rests() -> None:
        tracer.thread_ring()
        over.wait()

    does: dict[str, Callable[[], object]] = {
        "spins": lambda: inside(spins),
        "hashes": lambda: inside(hashes),
        "sleeps": lambda: inside(sleeps),
        "reads": lambda: inside(reads),
        "naps": lambda: inside(naps),
        "locks": lambda: inside(taken.acquire),
        "waits": lambda: inside(over.wait),  # in a job, for something that nobody recorded
        "rests": rests,  # between jobs
    }
    told: dict[int, str] = {}

    def begin(kind: str) -> None:
        told[threading.get_native_id()] = kind
        does[kind]()

    # The closed one is closed by the whole process; all others are threads.
    threads = [
        threading.Thread(target=begin, args=(kind,), name=kind, daemon=True)
        for kind in kinds
        if kind not in ("closed", "opens")
    ]
    for thread in threads:
        thread.start()
    while len(told) < len(threads):
        time.sleep(0.01)
    print(json.dumps(told), flush=True)
    if "opens" in kinds:
        while not any(
            json.loads(note.read_bytes())["role"] == Role.SAMPLER for note in tracer.run.glob("process-*.json")
        ):
            time.sleep(0.01)
        time.sleep(0.5)  # it has been looked at by then
        dumpable(True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
