"""The gateway as a child of the explorer: opens its one address, then does as it is told.

Configuration: `token`, `host`, `port` (0: any), `page` (the page's folder). It says `ready` with the port. Messages to
it: `attach` (a run serves, see `reach.Reach`), `detach`, `ask` and `lock` (the ballot), `parts` (where a request's time
went), `figures`, `stop`. It reports `room` (phones and votes) and `journey` (a phone's request set off, or is back).
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Protocol

from explorer.child.files import allow_many_files
from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.gateway.forward import Forwarder, Journey
from explorer.lessons.audience.gateway.http import Connections
from explorer.lessons.audience.gateway.limits import Limiter
from explorer.lessons.audience.gateway.live import Live
from explorer.lessons.audience.gateway.page import Page
from explorer.lessons.audience.gateway.room import Phone, Room
from explorer.lessons.audience.gateway.routes import ANY_BURST, ANY_RATE, Routes
from explorer.option_error import OptionError

Message = dict[str, Any]
MOST_CONNECTIONS: Final = 700
MOST_EACH: Final = 120
"""Of one address, behind which there may be several phones; never so many that nobody else gets in."""
BACKLOG: Final = 128
FAREWELL_S: Final = 0.2
"""What good-byes need to reach the phones."""
NOT_FREE: Final = "{}, port {}, cannot be opened ({}); choose another address, or connect to the network again."


class Channel(Protocol):
    """What the gateway needs of `explorer.child.channel.Channel`."""

    def on(self, kind: str, handler: Callable[[Message], None]) -> None:
        """Call `handler` for each message of a type, from another thread."""
        ...

    def ready(self, **fields: Any) -> None:
        """Say that the page is served."""
        ...

    def event(self, name: str, **fields: Any) -> None:
        """Report something."""
        ...


def prepare() -> str:
    """What the imports above were for. Returns the words for this step."""
    allow_many_files()
    return "Gateway imported"


def main(channel: Channel, config: Message) -> None:
    """Be the gateway until `stop`."""
    asyncio.run(Gateway(channel, config).run())


class Gateway:
    """Everything in its place, on one loop."""

    def __init__(self, channel: Channel, config: Message) -> None:
        self._channel = channel
        self._config = config
        self._stop = asyncio.Event()
        self._forwarder: Forwarder | None = None
        self._flying: dict[int, Phone] = {}
        self._told: Message = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._changing = asyncio.Lock()

    async def run(self) -> None:
        """Serve. Raises `OptionError` if the address cannot be had."""
        loop = self._loop = asyncio.get_running_loop()
        config = self._config
        self._room = Room(loop.time, self._changed)
        self._live = Live(self._room, loop)
        page = Page.read(Path(config["page"]))
        routes = Routes(
            config["token"], page, self._room, self._live, self._send, Limiter(ANY_RATE, ANY_BURST, loop.time)
        )
        connections = Connections(routes, MOST_CONNECTIONS, MOST_EACH)
        try:
            server = await self._open(connections)
            for kind, command in self._commands().items():
                self._channel.on(kind, self._on_loop(command))
            self._channel.ready(port=server.sockets[0].getsockname()[1])
            await self._stop.wait()
            server.close()
            self._live.end()
            await self._detach()
            await asyncio.sleep(FAREWELL_S)
        finally:
            connections.close()

    async def _open(self, connections: Connections) -> asyncio.Server:
        host, port = str(self._config["host"]), int(self._config["port"])
        try:
            return await self._loop.create_server(connections.make, host, port, backlog=BACKLOG)
        except OSError as error:
            raise OptionError(NOT_FREE.format(host, port, error.strerror or error)) from None

    # -- what the explorer says ----------------------------------------------------------------------------------------

    def _commands(self) -> dict[str, Callable[[Message], object]]:
        room = self._room
        return {
            "attach": lambda message: self._begin(self._attach(message)),
            "detach": lambda message: self._begin(self._detach()),
            "ask": lambda message: room.ask(Ballot.of(message["ballot"]) if message["ballot"] else None),
            "lock": lambda message: room.lock(),
            "parts": lambda message: room.tell_parts(message["number"], message["request"], message["parts"]),
            "figures": self._figures,
            "stop": lambda message: self._stop.set(),
        }

    def _on_loop(self, command: Callable[[Message], object]) -> Callable[[Message], None]:
        def handler(message: Message) -> None:
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(command, message)

        return handler

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attach(self, message: Message) -> None:
        async with self._changing:
            await self._leave()
            if message["title"]:
                self._forwarder = Forwarder(message, self._journey)
            self._room.serve(message["title"], message["why"])

    async def _detach(self) -> None:
        async with self._changing:
            await self._leave()
            self._room.serve("")

    async def _leave(self) -> None:
        forwarder, self._forwarder = self._forwarder, None
        if forwarder is not None:
            await forwarder.close()
        flying, self._flying = self._flying, {}
        for phone in flying.values():  # those whose request had not set off yet: nobody tells of them any more
            self._room.back(phone, 0.0, 0)

    def _figures(self, message: Message) -> None:
        self._room.figures = message["figures"]  # told of with the next beat
        self._room.tell_doing({int(request): str(state) for request, state in message["doing"].items()})

    # -- what the phones do --------------------------------------------------------------------------------------------

    def _send(self, phone: Phone) -> bool:
        if self._forwarder is None:
            return False
        request = self._forwarder.send(phone.number)
        self._flying[request] = phone
        self._room.sent(phone, request)
        return True

    def _journey(self, journey: Journey) -> None:
        if journey.end:
            phone = self._flying.pop(journey.request, None)
            if phone is not None:
                self._room.back(phone, (journey.end - journey.start) / 1e9, journey.status)
        self._channel.event("journey", **asdict(journey))

    def _changed(self) -> None:
        self._live.soon()
        room = self._room
        asks = room.ballot is not None and not room.ballot.choices
        told = {
            "here": room.here,
            "ever": len(room.phones),
            "counts": room.counts(),
            "numbers": room.answers if asks else [],
        }
        if told != self._told:
            self._told = told
            self._channel.event("room", **told)
