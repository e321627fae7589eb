"""Messages of a WebSocket, seen from inside uvicorn's protocol class; each is a request of its own.

    last frame ─────────── taken ──────────────── asks for the next
    start, BEGIN   value   task.request = number  COMPLETE

The number comes with the message, in a first word `HEX-TOKEN ` as in a request's header, or else is given here. While
the handler waits for a message its task is told at the message's arrival, since a loop notes for whom a step is before
it runs it; a message that had to wait for its handler is taken in the middle of a step, which stays with the message
before.

The upgrade is a REQUEST. Its protocol hands it over here, because only the application's answer says what became of
it.
"""

import asyncio
from collections import deque
from time import perf_counter_ns
from typing import Any, Final

from explorer.probe.requests import CLIENT_GONE, HEADER, SWITCHING, RequestLog
from explorer.probe.tasks import work_for
from explorer.probe.tracer import Tracer
from explorer.records.schema import TIME_UNIT_NS, span_argument
from explorer.records.states import Flag, Kind, State

NUMBER_DIGITS: Final = 16
FAILED: Final = 500
REFUSED: Final = 403
NOTHING: Final = {"type": ""}
_MESSAGE: Final = int(Kind.MESSAGE)
_REQUEST: Final = int(Kind.REQUEST)
_RUNNING: Final = int(State.RUNNING)
_BEGIN: Final = int(Flag.BEGIN)
_COMPLETE: Final = int(Flag.COMPLETE)
_NO_VALUE: Final = span_argument()


class Messages:
    """The messages of one connection. All calls are made on its loop's thread."""

    __slots__ = (
        "_log",
        "_name",
        "_present",
        "_queued",
        "_reader",
        "_request",
        "_scope",
        "_tracer",
        "_word",
        "asked_since",
    )

    def __init__(self, log: RequestLog) -> None:
        """A connection of which nothing is known yet."""
        self._log = log
        self._tracer = log.tracer
        self._word = NUMBER_DIGITS + len(f"-{log.tracer.token} ")
        self._scope: Any = {}
        self._name = 0  # not before the application has routed the upgrade
        self._request = 0  # of the upgrade; the task's while it is not at a message
        self.asked_since = 0  # ns, of an upgrade without an answer; 0 = it has one, or is not recorded
        self._queued: deque[tuple[int, int]] = deque()  # start (ns) and number of those that no handler has taken
        self._present: tuple[int, int, int] | None = None  # start, number, wait (ns) of the one being handled
        self._reader: object = None  # the task that waits for a message

    # -- the upgrade ---------------------------------------------------------------------------------------------------

    def asked(self, numbers: list[str]) -> int:
        """An upgrade is asked for, with these values of the header that numbers a request; its number."""
        self._request = self._log.identity([(HEADER, value.encode(errors="replace")) for value in numbers])
        return self._request

    def handled(self, scope: Any) -> None:
        """The upgrade will be answered by the application, which gets this scope."""
        self._scope = scope

    def upgrade(self, began: float) -> None:
        """The upgrade began at `began` (s), and its task, if it is to have one, is about to run."""
        self.asked_since = start = int(began * 1e9)
        name = self._log.known.get("WEBSOCKET", {}).get(self._scope.get("path", ""))
        if name is not None:  # the first of a path is told when it has been routed, or it were on a lane without a name
            self._tracer.thread_ring().begin(start, self._request, name, self._log.track, _REQUEST, _RUNNING)

    def answered(self, status: int) -> None:
        """The upgrade was answered. A second answer is none."""
        start, self.asked_since = self.asked_since, 0
        if start:
            self._write(_REQUEST, start, self._request, status)

    # -- messages ------------------------------------------------------------------------------------------------------

    def arrived(self, start: int, frames: list[bytes]) -> None:
        """A message is complete since `start` (ns)."""
        head = frames[0]
        if len(head) < self._word:
            head = b"".join(frames)
        word, space, _ = bytes(head[: self._word]).partition(b" ")
        request = (self._tracer.request_from(word) if space else 0) or self._tracer.next_request()
        name = self._name or self._named()
        ring = self._tracer.thread_ring()
        ring.write(start, 0, request, _NO_VALUE, name, self._log.track, _MESSAGE, _RUNNING, 0, _BEGIN)
        self._queued.append((start, request))
        if self._reader is not None:
            work_for(self._reader, request)
            self._reader = None

    def wanted(self) -> None:
        """The handler asks for the next message: it is done with the one before."""
        task = asyncio.current_task()
        if self._present is not None:
            self.finish()
            work_for(task, self._request)
        self._reader = None if self._queued else task

    def received(self, message: bool) -> None:
        """The handler waits no more: it has the next message, or has given up."""
        self._reader = None
        request = self._request
        if message and self._queued:
            start, request = self._queued.popleft()
            self._present = (start, request, perf_counter_ns() - start)
        work_for(asyncio.current_task(), request)

    def finish(self) -> None:
        """The handler is done with its message."""
        if self._present is not None:
            (start, request, wait), self._present = self._present, None
            self._write(_MESSAGE, start, request, wait // TIME_UNIT_NS)

    @property
    def request(self) -> int:
        """The number of the upgrade."""
        return self._request

    @property
    def name(self) -> int:
        """The name of its route."""
        return self._name or self._named()

    def end(self, status: int) -> None:
        """The handler has ended; messages that it did not take have waited in vain. `status` of an open upgrade."""
        self.answered(status)
        self._reader = None
        self.finish()
        while self._queued:
            start, request = self._queued.popleft()
            self._write(_MESSAGE, start, request, (perf_counter_ns() - start) // TIME_UNIT_NS)

    def _write(self, kind: int, start: int, request: int, value: int) -> None:
        ring, name = self._tracer.thread_ring(), self._name or self._named()
        argument, duration = span_argument(value), perf_counter_ns() - start
        ring.write(start, duration, request, argument, name, self._log.track, kind, _RUNNING, 0, _COMPLETE)

    def _named(self) -> int:
        self._name = self._log.name(self._scope)
        return self._name


def watched_websocket(protocol: type[Any], tracer: Tracer) -> type[Any]:
    """A subclass of uvicorn's sans-I/O WebSocket class (or of one like it) that records messages; pass it as `ws=`."""
    log = RequestLog(tracer)
    receive, send, complete = protocol.receive, protocol.send, protocol.send_receive_event_to_app

    class WatchedWebSocket(protocol):  # type: ignore[misc]  # the base is chosen at run time
        """uvicorn's protocol, watched."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.messages = Messages(log)

        def handle_connect(self, event: Any) -> None:
            self.loop.starting = self.messages.asked(event.headers.get_all(HEADER.decode()))
            super().handle_connect(event)
            self.loop.starting = 0  # of an upgrade that was refused no task was made
            if self.response.status_code == SWITCHING:
                self.messages.handled(self.scope)

        def send_receive_event_to_app(self) -> None:
            start, frames, waiting = perf_counter_ns(), self.frames, self.queue.qsize
            before = waiting()
            complete(self)
            # What was no text, or came behind the end, is not for the handler.
            if waiting() > before and not self.close_sent:
                self.messages.arrived(start, frames)

        async def receive(self) -> Any:
            messages, message = self.messages, NOTHING
            messages.wanted()
            try:
                message = await receive(self)
                return message
            finally:
                messages.received(message["type"] == "websocket.receive")

        def send(self, message: Any) -> Any:
            if self.messages.asked_since:
                return self._answer(message)
            return send(self, message) if self.writable.is_set() else self._wait_and_send(message)

        async def _wait_and_send(self, message: Any) -> None:
            messages = self.messages
            tracer.paused[id(self)] = perf_counter_ns(), messages.request, messages.name
            try:
                await send(self, message)
            finally:
                tracer.paused.pop(id(self), None)

        async def _answer(self, message: Any) -> None:
            await send(self, message)
            kind = message["type"]
            if kind == "websocket.accept":
                self.messages.answered(SWITCHING)
            else:
                self.messages.answered(message.get("status", REFUSED))

        def on_task_complete(self, task: Any) -> None:
            self.messages.end(CLIENT_GONE if self.disconnected else FAILED)
            super().on_task_complete(task)

    return WatchedWebSocket
