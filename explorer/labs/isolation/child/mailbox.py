"""Where the child's one conducting thread learns what happened: statements that ended, waits, and orders."""

import queue
import threading
from collections import deque
from dataclasses import dataclass

from explorer.child.channel import Message
from explorer.labs.isolation.engines.engine import Outcome


@dataclass(frozen=True, slots=True)
class Ended:
    """What session `session` was asked to do, under this number, is done. Without an outcome: it is connected."""

    session: str
    number: int
    outcome: Outcome | None


class Mailbox:
    """Filled from any thread, emptied by the conductor. Orders that come during a run wait for its end.

    `abandon` is set by an order that makes what goes on pointless; `paused` is the serial of the latest order that is
    to end after its present step.
    """

    def __init__(self) -> None:
        self.orders: deque[Message] = deque()
        self.abandon = threading.Event()
        self.paused = -1
        self._queue: queue.SimpleQueue[Ended | Message | None] = queue.SimpleQueue()

    def ended(self, one: Ended) -> None:
        """A session's thread is done."""
        self._queue.put(one)

    def order(self, message: Message) -> None:
        """The parent wants something; all but to advance puts an end to what goes on."""
        if message["type"] != "advance":
            self.abandon.set()
        self._queue.put(message)

    def pause(self, serial: int) -> None:
        """The order of this serial is to end after its present step."""
        self.paused = max(self.paused, serial)
        self.wake()

    def wake(self) -> None:
        """Let `take` return."""
        self._queue.put(None)

    def take(self, timeout: float) -> Ended | None:
        """The next end of a statement. None: so many seconds have passed, or something else came."""
        try:
            item = self._queue.get(timeout=timeout) if timeout > 0 else self._queue.get_nowait()
        except queue.Empty:
            return None
        if isinstance(item, dict):
            self.orders.append(item)
            return None
        return item
