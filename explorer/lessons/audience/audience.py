"""The explorer's side of audience mode: starts and ends the gateway, tells it what happens, and says what phones do.

Everything belongs to the asyncio loop of the main thread, but for `feed`, which may be called from any.
"""

import asyncio
import errno
import socket
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from explorer.collect.source import Batch
from explorer.lessons.audience import events
from explorer.lessons.audience.addresses import Address
from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.reach import Reach
from explorer.lessons.audience.token import new_token
from explorer.lessons.audience.trips import Trips
from explorer.option_error import OptionError
from explorer.paths import resources
from explorer.records.clock import now_ns
from explorer.records.states import Role
from explorer.session.member import Member, Message
from explorer.supervise.supervisor import Supervisor

GATEWAY: Final = "explorer.lessons.audience.gateway.process"
PORT: Final = 8412
"""Tried first, so that an address on a slide from last week is nearly right."""
ANY_PORT: Final = 0
START_LIMIT_S: Final = 20.0
STOP_S: Final = 2.0
MOST_TRIPS: Final = 200
CLOSED: Final = "The room was closed before it was open; let it in again."
ALREADY: Final = "The room can reach this laptop already; close it first."


def _taken(host: str, port: int) -> bool:
    """Whether somebody else listens at a port; 0 is never taken."""
    with socket.socket() as tried:
        if sys.platform != "win32":  # there it would let one bind beside the other
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


class Audience:
    """Audience mode, closed at first. `hear` gets every event; more may be added to `hearers`."""

    def __init__(self, hear: Callable[[events.Event], object] = lambda event: None) -> None:
        self.hearers: list[Callable[[events.Event], object]] = [hear]
        self.opened: events.Opened | None = None
        self.phones = events.Phones(0, 0)
        self.votes = events.Votes()
        self.ballot: Ballot | None = None
        self.locked = False
        self.flying: dict[int, events.Sent] = {}
        """By the number of the request."""
        self.trips: deque[events.Trip] = deque(maxlen=MOST_TRIPS)
        self.reach: Reach | None = None
        self._trips = Trips(self._told_stays)
        self._early: dict[int, tuple[events.Stay, ...]] = {}  # by request, until the gateway tells of its end
        self._supervisor: Supervisor | None = None
        self._gateway: Member | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    # -- opening and closing -------------------------------------------------------------------------------------------

    async def open(self, address: Address, port: int = PORT) -> events.Opened:
        """Let the room in at this address: only after whoever sits here has agreed to it. Where the port is taken,
        another is. Raises `OptionError`; then nothing listens.
        """
        if self._supervisor is not None:
            raise OptionError(ALREADY)
        self._loop = asyncio.get_running_loop()
        supervisor = self._supervisor = Supervisor()
        try:
            token = new_token()
            try:
                bound = await self._start(supervisor, address, port, token)
            except OptionError:
                if self._supervisor is not supervisor or not _taken(address.host, port):
                    raise
                bound = await self._start(supervisor, address, ANY_PORT, token)
        except BaseException:
            if self._supervisor is supervisor:
                await self.close()
            raise  # else it was closed meanwhile, and another opening may be under way
        origin = f"http://{address.host}:{bound}/"
        self.opened = events.Opened(origin + token, origin, token, address.network)
        if self.ballot is not None:
            self.ask(self.ballot)
        self._tell_reach()
        self._emit(self.opened)
        return self.opened

    async def _start(self, supervisor: Supervisor, address: Address, port: int, token: str) -> int:
        if self._supervisor is not supervisor:
            raise OptionError(CLOSED)
        child = supervisor.spawn(GATEWAY, role=Role.GATEWAY)
        member = self._gateway = Member(child, "gateway", self._message, self._ended)
        page = str(resources() / "audience")
        child.configure(host=address.host, port=port, token=token, page=page)
        try:
            ready = await member.ready(START_LIMIT_S)
        except OptionError:
            await member.stop(STOP_S)
            raise
        if self._supervisor is not supervisor:
            raise OptionError(CLOSED)
        return int(ready["port"])

    async def close(self) -> None:
        """Nobody is let in any more; returns when the gateway has ended."""
        gateway, self._gateway = self._gateway, None
        supervisor, self._supervisor = self._supervisor, None
        if gateway is not None:
            await gateway.stop(STOP_S)
        if supervisor is not None:
            supervisor.close()
        self._forget("")

    def _forget(self, sentence: str) -> None:
        was, self.opened = self.opened, None
        self.phones, self.votes = events.Phones(0, 0), events.Votes()
        self.flying.clear()
        self.trips.clear()
        if was is not None:
            self._emit(events.Closed(sentence))

    # -- the run -------------------------------------------------------------------------------------------------------

    def attach(self, reach: Reach) -> None:
        """A run serves, or serves otherwise than before: phones may send."""
        if reach == self.reach:
            return
        if self.reach is None or self.reach.run != reach.run:
            self._trips.begin()
            self._early.clear()
            self.trips.clear()
            self.flying.clear()
        self.reach = reach
        self._tell_reach()

    def _tell_reach(self) -> None:
        if self.reach is not None:
            self._send("attach", **self.reach.plain())

    def detach(self) -> None:
        """The run ends: nothing is sent any more, and the gateway leaves it."""
        self.reach = None
        self._send("detach")

    def feed(self, batch: Batch) -> None:
        """What the run recorded; from any thread."""
        self._trips.feed(batch)

    def so_far(self, request: int, now: int) -> tuple[events.Stay, ...]:
        """The states that a request which is under way has been in up to `now` (ns)."""
        return self._trips.so_far(request, now)

    def tell(self, figures: Mapping[str, Any]) -> None:
        """What phones are to show of the run (`figures.figures`), about twice a second; with it goes what the requests
        under way are at.
        """
        now = now_ns()
        stays = {request: self.so_far(request, now) for request in self.flying}
        doing = {request: known[-1].state for request, known in stays.items() if known}
        self._send("figures", figures=dict(figures), doing=doing)

    # -- the ballot ----------------------------------------------------------------------------------------------------

    def ask(self, ballot: Ballot | None) -> None:
        """Ask the room; None: ask nothing any more. Earlier votes are gone."""
        self.ballot, self.locked, self.votes = ballot, False, events.Votes()
        self._send("ask", ballot=ballot.plain() if ballot is not None else None)
        self._emit(self.votes)

    def lock(self) -> None:
        """Votes stay as they are: the run starts."""
        self.locked = True
        self._send("lock")

    # -- what the gateway says -----------------------------------------------------------------------------------------

    def _message(self, member: Member, message: Message) -> None:
        if member is not self._gateway or message.get("type") != "event":
            return
        if message.get("event") == "room":
            self._hear_room(message)
        elif message.get("event") == "journey":
            self._hear_journey(message)

    def _hear_room(self, message: Message) -> None:
        phones = events.Phones(int(message["here"]), int(message["ever"]))
        if phones != self.phones:
            self.phones = phones
            self._emit(phones)
        votes = events.Votes(tuple(message["counts"]), tuple(message["numbers"]))
        if votes != self.votes:
            self.votes = votes
            self._emit(votes)

    def _hear_journey(self, message: Message) -> None:
        number, request, start, end, status = (
            int(message[key]) for key in ("number", "request", "start", "end", "status")
        )
        if not end:
            self.flying[request] = sent = events.Sent(number, request, start)
            self._emit(sent)
            return
        self.flying.pop(request, None)
        trip = events.Trip(number, request, start, end, status)
        self.trips.append(trip)
        self._emit(trip)
        if request in self._early:
            self._hear_stays(request, self._early.pop(request))

    def _told_stays(self, request: int, stays: tuple[events.Stay, ...]) -> None:
        """On the collector's thread: the records have told where a request's time went."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._hear_stays, request, stays)

    def _hear_stays(self, request: int, stays: tuple[events.Stay, ...]) -> None:
        if request in self.flying:
            self._early[request] = stays
            return
        for at, trip in enumerate(self.trips):
            if trip.request == request:
                self.trips[at] = whole = replace(trip, stays=stays)
                self._emit(whole)
                parts = {state: ns / 1e9 for state, ns in whole.parts.items() if ns > 0}
                self._send("parts", number=trip.number, request=request, parts=parts)

    def _ended(self, member: Member, code: int) -> None:
        if member is self._gateway:
            self._gateway = None
            supervisor, self._supervisor = self._supervisor, None
            if supervisor is not None:
                supervisor.close()
            self._forget(f"The room was cut off. {member.child.obituary()}")

    def _send(self, kind: str, **fields: Any) -> None:
        if self._gateway is not None:
            self._gateway.send(kind, **fields)

    def _emit(self, event: events.Event) -> None:
        for hear in tuple(self.hearers):
            hear(event)
