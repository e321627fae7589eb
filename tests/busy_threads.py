"""Threads of one process that all use the probe at once; run by the Python under test, with nothing but our own code.

python -m tests.busy_threads THREADS ROUNDS PORTION

Each round is as many new threads as are asked for. A thread writes `PORTION` jobs, each under a
name that is new to all threads of the round, waits for a lock that all
share, numbers requests, and ends, so that its ring is another's in the next round. It says how many records should be
there, and whether all numbers of requests were different.
"""

import json
import sys
import threading
from time import perf_counter_ns

from explorer.probe.jobs import run_job
from explorer.probe.locks.install import LockTracing
from explorer.probe.tracer import Tracer
from explorer.records.states import Kind, Role, State
from explorer.ring.pool import SizeClass


def main(threads: int, rounds: int, portion: int) -> None:
    """Run all rounds, then tell."""
    tracer = Tracer.join(Role.SERVER, "busy")
    assert tracer is not None
    tracer.thread_size = SizeClass.CONNECTION
    tracing = LockTracing(tracer)
    lock = threading.Lock()
    tracing.undo()
    numbers: list[list[int]] = []
    shared = [0]

    def work(turn: int, start: threading.Barrier, mine: list[int]) -> None:
        start.wait()
        for count in range(portion):
            mine.append(tracer.next_request())
            run_job(tracer.thread_ring(), tracer.name(f"job {turn}-{count}"), mine[-1], int)
            ring = tracer.thread_ring()
            ring.instant(perf_counter_ns(), mine[-1], tracer.name("seen"), ring.track, Kind.TIMER, State.NONE)
            with lock:
                shared[0] += 1

    for turn in range(rounds):
        start = threading.Barrier(threads)
        portions: list[list[int]] = [[] for _ in range(threads)]
        running = [threading.Thread(target=work, args=(turn, start, mine), name="busy") for mine in portions]
        for each in running:
            each.start()
        for each in running:
            each.join()
        numbers += portions
    tracer.close()
    flat = [number for mine in numbers for number in mine]
    print(
        json.dumps(
            {
                "requests": len(flat),
                "different": len(set(flat)),
                "counted": shared[0],
                "gil": getattr(sys, "_is_gil_enabled", lambda: True)(),
            }
        )
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
