"""What all requests of the load share: where they go, how they are numbered, timed, counted and given up.

A request is issued here and handed to a pool; the pool says when its bytes were written and how it ended. Everything
runs on one event loop; nothing here waits.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from explorer.load import failures
from explorer.load.connection import Connection
from explorer.load.pool import Pool
from explorer.load.records import Records
from explorer.load.refusal import Refusal
from explorer.load.request import Done, Request
from explorer.load.routes import Choice, Route
from explorer.load.tally import Tally
from explorer.records.clock import Clock, now_ns
from explorer.records.states import ABANDONED, NO_ANSWER


@dataclass(frozen=True, slots=True)
class Target:
    """The server: an address that can be connected to, and the token that makes it believe request numbers."""

    host: str
    port: int
    token: str = ""


class Client:
    """Issues requests. `timeout_ns`, `keep_alive`, `message_bytes` and `choice` may change at any time.

    `refusal` is the first answer that said no, None before. `parting` are connections that no pool knows any more and
    that wait for the server to close, too.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        target: Target,
        choice: Choice,
        tally: Tally,
        records: Records,
        *,
        clock: Clock = now_ns,
    ) -> None:
        """A client with nothing under way."""
        self.loop = loop
        self.host = target.host
        self.port = target.port
        self.choice = choice
        self.tally = tally
        self.records = records
        self.clock = clock
        self.timeout_ns = 60_000_000_000
        self.keep_alive = True
        self.message_bytes = 0
        self.refusal: Refusal | None = None
        self.parting: set[Connection] = set()
        self._under_way: dict[int, tuple[Request, Pool]] = {}
        self._held: list[tuple[Pool, int, Done | None, Route | None]] | None = None

    @property
    def under_way(self) -> int:
        """Requests that were issued and have not ended: waiting in a pool, connecting, or with the server."""
        return len(self._under_way)

    @property
    def in_flight(self) -> int:
        """The same with those that are kept because of `hold`."""
        return self.under_way + len(self._held or ())

    def issue(self, pool: Pool, intended: int, done: Done | None = None, route: Route | None = None) -> None:
        """A request that was due at `intended` (ns) goes out through `pool`; `done` hears of its end."""
        if self._held is not None:
            self._held.append((pool, intended, done, route))
            return
        if route is None:
            route = self.choice()
        records = self.records
        number = records.next_request()
        request = Request(number, route, intended, done)
        self._under_way[number] = (request, pool)
        tally = self.tally
        tally.sent += 1
        if not tally.first_send:
            tally.first_send = intended
        records.begin(number, route.name_number, intended)
        pool.submit(request)

    def hold(self) -> None:
        """Keep what is due from now on until `release`: the next server will speak otherwise than this one."""
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """Issue what was kept; it is late, and its latency says so. Without `hold` nothing happens."""
        held, self._held = self._held or [], None
        for pool, intended, done, route in held:
            # A route that was asked for by name may be spoken otherwise now.
            known = route and next((one for one in self.choice.routes if one.path == route.path), route)
            self.issue(pool, intended, done, known)

    def forget_held(self) -> None:
        """Drop what is kept: it was never sent, and nobody counted it."""
        if self._held is not None:
            self._held = []

    def refuse(self, sentence: str) -> None:
        """A request was due that is not even tried. It counts as sent and failed and leaves no record."""
        self.tally.sent += 1
        self.tally.failed += 1
        self.tally.error(sentence)

    # What the pools say

    def sent(self, request: Request) -> None:
        """The bytes were written."""
        now = self.clock()
        if not request.sent:
            self.tally.send_lag.append(now - request.intended)
        elif request.stream is not None and request.stream.begun:
            return  # a lost stream is taken up again: the service began long ago
        request.sent = now
        self.records.sent(request.number, request.intended, now, request.waited)

    def connected(self, request: Request, started: int) -> None:
        """A new connection stands; opening it began at `started`."""
        self.tally.connections += 1
        self.records.connect(request.number, started, self.clock())

    def retried(self) -> None:
        """A request goes out a second time because its connection had been closed before it arrived."""
        self.tally.retried += 1

    def received(self, events: int) -> None:
        """Events of a stream have come, or a message that answers nothing."""
        self.tally.events += events

    def first_event(self, request: Request) -> None:
        """The first event of a stream has come."""
        self.tally.first_event.append(self.clock() - request.intended)

    def resumed(self) -> None:
        """A stream that was lost in the middle has a good answer again."""
        self.tally.resumed += 1

    def answered(self, request: Request, status: int) -> None:
        """The whole answer is here."""
        now = self.clock()
        del self._under_way[request.number]
        request.over = True
        request.status = status
        tally = self.tally
        tally.last_answer = now
        if status < 400:
            tally.ok += 1
            tally.statuses[status] += 1
            tally.latency.append(now - request.intended)
            tally.service.append(now - request.sent)
        else:
            tally.failed += 1
            tally.error(failures.of_status(status))
        self.records.complete(request.number, request.route.name_number, request.intended, now, status)
        if request.done is not None:
            request.done(request, now)

    def failed(self, request: Request, sentence: str) -> None:
        """There will be no answer."""
        if not request.over:
            self.tally.failed += 1
            self.tally.error(sentence)
            self._close(request, sentence, NO_ANSWER)

    # What the driver asks for

    def expire(self) -> None:
        """Give up every request that has been due for longer than the time-out."""
        before = self.clock() - self.timeout_ns
        # Requests are issued in the order in which they are due: the oldest are first.
        expired = []
        for request, pool in self._under_way.values():
            if request.intended > before:
                break
            expired.append((request, pool))
        for request, pool in expired:
            if not request.over:
                self.tally.timed_out += 1
                self._give_up(request, pool, failures.TIMED_OUT, NO_ANSWER)

    def abandon(self, which: Callable[[Request], bool] = lambda request: True) -> int:
        """Give up requests under way (those that `which` is true of) without counting them; returns their number."""
        chosen = [(request, pool) for request, pool in self._under_way.values() if which(request)]
        for request, pool in chosen:
            self._give_up(request, pool, failures.ENDED, ABANDONED)
        return len(chosen)

    def close(self) -> None:
        """Wait no longer for servers to close."""
        for connection in list(self.parting):
            connection.retire()

    def _give_up(self, request: Request, pool: Pool, sentence: str, status: int) -> None:
        request.over = True
        pool.drop(request)
        self._close(request, sentence, status)

    def _close(self, request: Request, sentence: str, status: int) -> None:
        now = self.clock()
        self._under_way.pop(request.number, None)
        request.over = True
        request.failure = sentence
        self.records.complete(request.number, request.route.name_number, request.intended, now, status)
        if request.done is not None:
            request.done(request, now)
