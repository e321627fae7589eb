"""The child's half of the control channel: JSON lines from and to the process that started this one.

Messages are read by a daemon thread, which can end the process by itself: `stop` works while the main thread is
blocked, and the end of the stream (the parent has gone) ends the child. Parent to child: `config`, `set`, `stop` and
whatever a module listens for. Child to parent: `warm`, `ready`, `applied`, `event`, `error`, `stopped`.

The same class serves a server's worker processes, with a connection to the server's parent process in place of the
two streams (`explorer.child.relay`).
"""

import json
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn, Protocol

Message = dict[str, Any]
Handler = Callable[[Message], object]

STOP_WITHIN_S: Final = 1.0
# What the system may need to end the process after that was decided.
SPARE_S: Final = 0.1


class Transport(Protocol):
    """What carries the messages: one call, one message."""

    def receive(self) -> bytes | None:
        """The next message, or None when the other side has gone."""
        ...

    def send(self, data: bytes) -> None:
        """Send one message without its line end. Raises `OSError` when the other side has gone."""
        ...


class Channel:
    """One process's channel to its parent. `start` begins to listen; `send` may be called from any thread.

    Handlers run in the listening thread and must return soon. What arrives before anybody listens for it is kept.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._handlers: dict[str, Handler] = {}
        self._early: list[Message] = []
        self._configs: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._writing = threading.Lock()
        self._handling = threading.RLock()
        self._at_end: Callable[[], object] | None = None

    def start(self) -> None:
        """Listen from now on, in a thread that does not keep the process alive."""
        threading.Thread(target=self._listen, name="control channel", daemon=True).start()

    def config(self) -> Message:
        """Wait for the configuration and return it."""
        return self._configs.get()

    def on(self, kind: str, handler: Handler) -> None:
        """Call `handler` for every message of this type, at once for those that have come already.

        A handler for `stop` asks the process to end; if it has not shortly before the message's `within` seconds are
        over, it is ended from the listening side.
        """
        with self._handling:
            self._handlers[kind] = handler
            early = [message for message in self._early if message["type"] == kind]
            self._early = [message for message in self._early if message["type"] != kind]
            for message in early:
                self._call(handler, message)

    def at_end(self, action: Callable[[], object]) -> None:
        """When the parent has gone do this, on the listening thread, before the process ends. It must be bounded."""
        self._at_end = action

    def send(self, kind: str, /, **fields: Any) -> None:
        """Send one message. A parent that has gone hears nothing: the listening thread ends this process."""
        data = json.dumps({"type": kind, **fields}, separators=(",", ":")).encode()
        with self._writing:
            try:
                self._transport.send(data)
            except OSError:
                return

    def ready(self, **fields: Any) -> None:
        """Say that the child does its work from now on."""
        self.send("ready", **fields)

    def applied(self, knob: str, pids: Sequence[int], **fields: Any) -> None:
        """Say that a `set` has taken effect in these processes, now."""
        self.send("applied", knob=knob, time=time.perf_counter_ns(), pids=list(pids), **fields)

    def event(self, name: str, /, **fields: Any) -> None:
        """Report something that happened: a `step` of the start, a `warning`, a worker that `died`."""
        self.send("event", event=name, **fields)

    def step(self, name: str, seconds: float) -> None:
        """Report that a step of the start is done, and how long it took."""
        self.event("step", name=name, seconds=round(seconds, 4))

    def error(self, sentence: str, where: str = "", **fields: Any) -> None:
        """Report what went wrong in one sentence; `where` is the knob at fault, as `section.key`."""
        self.send("error", sentence=sentence, where=where, **fields)

    def stopped(self) -> None:
        """Say that all is done; the last message of a child that ends as it should."""
        self.send("stopped")

    def _listen(self) -> None:
        while True:
            data = self._transport.receive()
            if data is None:
                self._end()
            try:
                message = json.loads(data)
                kind = message["type"]
            except (ValueError, KeyError, TypeError):
                self.error(f"A message on the control channel could not be read: {data[:80]!r}.")
                continue
            if kind == "config":
                self._configs.put(message)
            elif kind == "stop":
                self._stop(message)
            else:
                self._handle(kind, message)

    def _end(self) -> NoReturn:
        try:
            if self._at_end is not None:
                self._at_end()
        finally:
            os._exit(0)

    def _handle(self, kind: str, message: Message) -> None:
        with self._handling:
            handler = self._handlers.get(kind)
            if handler is None:
                self._early.append(message)
            else:
                self._call(handler, message)

    def _call(self, handler: Handler, message: Message) -> None:
        try:
            handler(message)
        except Exception as error:
            # A handler that fails must not end the thread that makes `stop` work.
            # The serial tells a relay which of its questions this answers.
            echo = {"serial": message["serial"]} if "serial" in message else {}
            self.error(str(error) or type(error).__name__, str(getattr(error, "where", "")), **echo)

    def _stop(self, message: Message) -> None:
        handler = self._handlers.get("stop")
        if handler is None:
            self.stopped()
            os._exit(0)
        within = float(message.get("within", STOP_WITHIN_S))
        deadline = threading.Timer(max(within - SPARE_S, SPARE_S), os._exit, (0,))
        deadline.daemon = True
        deadline.start()
        self._handle("stop", message)
