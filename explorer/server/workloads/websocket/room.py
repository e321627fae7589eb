"""Who is connected to this process, and how a message reaches everybody.

Every member has a mailbox, emptied by a task of its own: who reads slowly or not at all keeps nobody else waiting. Who
falls too far behind is sent away, or cut off if its client does not even read. Members may live on different event
loops (a thread for each connection): only its own loop's thread touches a member's mailbox.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import WebSocket, WebSocketDisconnect
from fastapi.websockets import WebSocketState

MOST_WAITING: Final = 10_000
"""Messages that may wait for one member."""
MOST_LENGTH: Final = 64 << 20
"""So long they may be together: a message may be a megabyte."""
TOO_SLOW: Final = 1013
GONE: Final = 1006

Message = str | bytes


class Member:
    """One connection."""

    def __init__(self, socket: WebSocket) -> None:
        self.loop = asyncio.get_running_loop()
        self._socket = socket
        self._mailbox: asyncio.Queue[Message] = asyncio.Queue()
        self._length = 0  # of the messages in the mailbox
        self._farewell: asyncio.Task[None] | None = None
        self.delivery = asyncio.create_task(self._deliver())
        """Empties the mailbox for as long as the connection lasts and keeps up."""

    async def send(self, message: Message) -> None:
        """Send a message now. Raises `WebSocketDisconnect` when nobody is there any more."""
        self._check()
        if isinstance(message, str):
            await self._socket.send_text(message)
        else:
            await self._socket.send_bytes(message)

    def put(self, message: Message) -> None:
        """Send a message as soon as those before it are sent; called on the member's loop."""
        if self._farewell is not None:
            return
        if self._mailbox.qsize() >= MOST_WAITING or self._length >= MOST_LENGTH:
            self.delivery.cancel()  # it may wait for a client that reads no more
            self._mailbox = asyncio.Queue()
            self._farewell = self.loop.create_task(self._send_away())
            return
        self._length += len(message)
        self._mailbox.put_nowait(message)

    async def _deliver(self) -> None:
        try:
            while True:
                message = await self._mailbox.get()
                self._length -= len(message)
                await self.send(message)
        except WebSocketDisconnect:
            pass  # the handler hears of it as well

    async def _send_away(self) -> None:
        try:
            self._check()
            await self._socket.close(TOO_SLOW)
        except WebSocketDisconnect:
            pass  # it has just gone

    def _check(self) -> None:
        """Of the handler and the mailbox's task, the one that is told second may not send any more."""
        if self._socket.application_state is not WebSocketState.CONNECTED:
            raise WebSocketDisconnect(GONE)


class Room:
    """The members, on whatever loops they are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._members: set[Member] = set()

    @asynccontextmanager
    async def member(self, socket: WebSocket) -> AsyncIterator[Member]:
        """Be in the room with this connection, which has been accepted."""
        member = Member(socket)
        with self._lock:
            self._members.add(member)
        try:
            yield member
        finally:
            with self._lock:
                self._members.discard(member)
            member.delivery.cancel()

    def broadcast(self, message: Message) -> None:
        """Put a message into every mailbox."""
        here = asyncio.get_running_loop()
        with self._lock:
            members = list(self._members)
        for member in members:
            if member.loop is here:
                member.put(message)
            else:
                try:
                    member.loop.call_soon_threadsafe(member.put, message)
                except RuntimeError:
                    continue  # its loop has been closed: its connection has just ended
