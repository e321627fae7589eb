"""The thread that reads a run: polls its source up to fifty times a second and hands each batch to those who want it.

A poll has a price of its own, whatever it finds: some milliseconds with the forty rings of a thread pool. So a thread
that would take more than a tenth of a core polls less often; the rows are the same, in fewer and larger batches.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from explorer.collect.ring_source import RunSource
from explorer.collect.source import Batch

PERIOD_S: Final = 0.02
LONGEST_PERIOD_S: Final = 0.06
"""Below the lag with which a timeline draws what has finished, so that it still moves evenly."""
MOST_OF_A_CORE: Final = 0.1
PATIENCE_S: Final = 0.5
_WEIGHT: Final = 0.1
"""Of the last poll in the mean of what polls cost."""

Consumer = Callable[[Batch], object]


class Collector:
    """Polls `source` on a thread of its own and calls every consumer with every batch, in order.

    `period_s` is the shortest time from one poll to the next, `clock` tells the thread's CPU time in seconds.

    A consumer that raises misses that batch and is called again with the next; `failed` gets its first error only, on
    this thread. The rings hold what comes while the thread is held up, so that a stall costs time and not records.
    Consumers must not change a batch: all get the same.
    """

    def __init__(
        self,
        source: RunSource,
        consumers: Sequence[Consumer],
        failed: Callable[[BaseException], object],
        period_s: float = PERIOD_S,
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._source = source
        self._consumers = list(consumers)
        self._failed = failed
        self._shortest_s = period_s
        self.period_s = period_s
        """Seconds between polls now."""
        self._cost_s = 0.0
        self._clock = clock
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._complained: set[object] = set()
        self.cpu_s = 0.0
        """CPU seconds the thread has used so far, consumers included."""

    def start(self) -> None:
        """Begin to poll."""
        self._thread = threading.Thread(target=self._run, name="collector", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Read what is left, hand it on and close the source. A second call does nothing.

        Processes that were just told to end get half a second to be gone, so that their end is in the last batch.
        """
        if self._closed:
            return
        self._closed = True
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        deadline = time.monotonic() + PATIENCE_S
        self._hand_on(self._source.poll)
        while self._source.living and time.monotonic() < deadline:
            time.sleep(self._shortest_s)
            self._hand_on(self._source.poll)
        self._hand_on(self._source.drain)
        self._source.close()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            self._hand_on(self._source.poll)
            self._account(self._clock())
            # After a stall the polls that were missed are not made up for: one poll reads everything.
            due = max(due + self.period_s, time.monotonic())
            self._stop.wait(due - time.monotonic())

    def _account(self, cpu_s: float) -> None:
        """The thread has used `cpu_s` so far: how long to wait until the next poll."""
        self._cost_s += _WEIGHT * (cpu_s - self.cpu_s - self._cost_s)
        self.cpu_s = cpu_s
        self.period_s = max(self._shortest_s, min(self._cost_s / MOST_OF_A_CORE, LONGEST_PERIOD_S))

    def _hand_on(self, read: Callable[[], Batch]) -> None:
        try:
            batch = read()
        except Exception as error:  # a damaged file in the run folder must not end the run
            self._complain("source", error)
            return
        for consumer in self._consumers:
            try:
                consumer(batch)
            except Exception as error:  # whatever it is, it is the consumer's, and the others go on
                self._complain(consumer, error)

    def _complain(self, about: object, error: Exception) -> None:
        if about not in self._complained:
            self._complained.add(about)
            self._failed(error)
