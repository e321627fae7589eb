"""A child process that writes what a test asks for: `python -m tests.integration.collect.child`, commands on stdin.

Each command is answered by one line on stdout, so that a test knows when it has been carried out.
"""

import sys
import threading
import time

from explorer.probe.tracer import Tracer
from explorer.records.schema import span_argument
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.ring.pool import SizeClass


class Writer:
    """Writes records as a server would."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.job = tracer.name("GET /job")
        self.handler = tracer.name("job")
        self.loop = tracer.declare(TrackKind.LOOP, "event loop", tid=threading.get_native_id())
        self.memory = tracer.declare(TrackKind.COUNTER, "rss", unit="MB")
        self.ring = tracer.lease(SizeClass.LOOP, self.loop)  # room for 87,381 records

    def requests(self, count: int) -> None:
        """Requests one after the other, four records each: begin, step, sample, complete."""
        write, ring = self.ring.write, self.ring
        for _ in range(count):
            start = time.perf_counter_ns()
            request = self.tracer.next_request()
            requests = self.tracer.requests_track
            write(start, 0, request, span_argument(), self.job, requests, Kind.REQUEST, State.NONE, 0, Flag.BEGIN)
            spent = time.perf_counter_ns() - start
            argument = span_argument(1)
            write(start, spent, request, argument, self.handler, self.loop, Kind.STEP, State.RUNNING, 0, Flag.COMPLETE)
            ring.sample(self.memory, 42.5)
            spent = time.perf_counter_ns() - start
            write(
                start,
                spent,
                request,
                span_argument(200),
                self.job,
                requests,
                Kind.REQUEST,
                State.NONE,
                0,
                Flag.COMPLETE,
            )

    def threads(self, count: int) -> None:
        """Threads that each write one job and end."""

        def work() -> None:
            start = time.perf_counter_ns()
            ring = self.tracer.thread_ring()
            ring.write(
                start, 1, 0, span_argument(), self.handler, ring.track, Kind.JOB, State.RUNNING, 0, Flag.COMPLETE
            )

        for number in range(count):
            thread = threading.Thread(target=work, name=f"worker {number}")
            thread.start()
            thread.join()

    def block(self, _: int) -> None:
        """Begin a request and a job of it that do not end."""
        start = time.perf_counter_ns()
        self.ring.begin(
            start, self.tracer.next_request(), self.job, self.tracer.requests_track, Kind.REQUEST, State.NONE
        )
        request = self.tracer.number << 40 | 1
        self.ring.open(0, start, self.handler, request, Kind.JOB, State.BLOCKED)

    def wait(self, _: int) -> None:
        """Begin a request and its wait for a thread, neither of which ends."""
        start, track = time.perf_counter_ns(), self.tracer.requests_track
        request = self.tracer.next_request()
        self.ring.begin(start, request, self.job, track, Kind.REQUEST, State.NONE)
        self.ring.begin(start + 1_000, request, self.handler, track, Kind.TOKEN_WAIT, State.QUEUED)

    def leave(self, _: int) -> None:
        """Close the tracer, as a process does that ends in order."""
        self.tracer.close()


def main() -> None:
    """Carry out commands `METHOD COUNT` until stdin ends."""
    tracer = Tracer.join(Role.SERVER, "server")
    assert tracer is not None
    writer = Writer(tracer)
    print("ready", flush=True)
    for line in sys.stdin:
        method, count = line.split()
        getattr(writer, method)(int(count))
        print("done", flush=True)


if __name__ == "__main__":
    main()
