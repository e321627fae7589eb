"""One session: a thread with a connection of its own, which does one thing after the other and says when it is done."""

import queue
import threading
from collections.abc import Sequence
from typing import Final

from explorer.labs.isolation.child.mailbox import Ended, Mailbox
from explorer.labs.isolation.child.spans import Spans
from explorer.labs.isolation.engines.engine import Connection, Engine, Lost, Outcome
from explorer.records.clock import now_ns

CONNECTED: Final = -1
"""The number under which a session says that it is connected."""


class SessionThread:
    """Session `name` at one level, from when it is made to `close`. All methods return at once."""

    def __init__(self, name: str, engine: Engine, level: str, mailbox: Mailbox, spans: Spans) -> None:
        self.name = name
        self._engine, self._level, self._mailbox, self._spans = engine, level, mailbox, spans
        self._work: queue.SimpleQueue[tuple[int, Sequence[str]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._live, name=f"session {name}", daemon=True)
        self._thread.start()

    def send(self, number: int, statements: Sequence[str]) -> None:
        """Have these statements run; the mailbox gets their end under this number."""
        self._work.put((number, statements))

    def close(self) -> None:
        """Close the connection after what it does now."""
        self._work.put(None)

    def join(self, timeout: float) -> bool:
        """Whether the thread has ended after at most so many seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _live(self) -> None:
        try:
            connection = self._engine.connect(self.name, self._level)
        except Exception as error:
            # What is no `Lost` is a driver's own, which may quote a URL.
            said = str(error) if isinstance(error, Lost) else self._fault(error)
            self._tell(CONNECTED, Outcome(now_ns(), False, lost=said))
            return
        self._spans.session_begins(self.name)
        self._tell(CONNECTED, None)
        try:
            while (work := self._work.get()) is not None:
                self._do(connection, *work)
        finally:
            connection.close()
            self._spans.session_ends()

    def _do(self, connection: Connection, number: int, statements: Sequence[str]) -> None:
        with self._spans.statement(statements[-1]):
            try:
                outcome = connection.run(statements)
            except Exception as error:
                # The conductor must not be left waiting.
                outcome = Outcome(now_ns(), False, lost=self._fault(error))
        self._tell(number, outcome)

    def _fault(self, error: Exception) -> str:
        return f"The driver of session {self.name} failed ({type(error).__name__})."

    def _tell(self, number: int, outcome: Outcome | None) -> None:
        self._mailbox.ended(Ended(self.name, number, outcome))
