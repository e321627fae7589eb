"""The room of the WebSocket workload: who gets what, on one event loop and across several."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from fastapi import WebSocket, WebSocketDisconnect
from fastapi.websockets import WebSocketState

from explorer.server.workloads.websocket import room as module
from explorer.server.workloads.websocket.room import Message, Room


class Socket:
    """A connection that keeps what is sent; `open` holds up its reader."""

    def __init__(self) -> None:
        self.application_state = WebSocketState.CONNECTED
        self.open = asyncio.Event()
        self.open.set()
        self.sent: list[Message] = []
        self.threads: set[int] = set()
        self.closed_with = 0

    async def send_text(self, text: str) -> None:
        """As the real one's."""
        await self.open.wait()
        self.threads.add(threading.get_ident())
        self.sent.append(text)

    async def send_bytes(self, data: bytes) -> None:
        """As the real one's."""
        await self.send_text(cast(Any, data))

    async def close(self, code: int) -> None:
        """As the real one's."""
        self.closed_with = code
        self.application_state = WebSocketState.DISCONNECTED


async def until(condition: Callable[[], object]) -> None:
    """Let the loop go on until something is so."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


def entered(room: Room, socket: Socket) -> Any:
    """The context of being in the room with a socket."""
    return room.member(cast(WebSocket, socket))


async def test_everybody_in_the_room_gets_it_in_order() -> None:
    room, here, there, left = Room(), Socket(), Socket(), Socket()
    async with entered(room, here), entered(room, there):
        async with entered(room, left):
            pass
        for message in ("one", b"two"):
            room.broadcast(message)
        await until(lambda: len(here.sent) == len(there.sent) == 2)
    assert here.sent == there.sent == ["one", b"two"]
    assert left.sent == []


async def test_who_is_slow_holds_up_nobody_and_gets_all_of_it() -> None:
    room, quick, slow = Room(), Socket(), Socket()
    slow.open.clear()
    async with entered(room, quick), entered(room, slow):
        for number in range(100):
            room.broadcast(str(number))
        await until(lambda: len(quick.sent) == 100)
        assert slow.sent == []
        slow.open.set()
        await until(lambda: len(slow.sent) == 100)
    assert slow.sent == quick.sent


@pytest.mark.parametrize(("limit", "most"), [("MOST_WAITING", 5), ("MOST_LENGTH", 8)])
async def test_who_falls_too_far_behind_is_sent_away(limit: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, limit, most)
    room, quick, slow = Room(), Socket(), Socket()
    slow.open.clear()
    async with entered(room, quick), entered(room, slow) as member:
        for number in range(20):
            room.broadcast(str(number))
            await until(lambda number=number: len(quick.sent) == number + 1)  # type: ignore[misc]  # its present value
        await until(lambda: slow.closed_with)
        with pytest.raises(WebSocketDisconnect):
            await member.send("too late")
        slow.open.set()
        await until(member.delivery.done)
    assert slow.closed_with == module.TOO_SLOW
    assert slow.sent == [], "what still waited for it is forgotten"
    assert len(quick.sent) == 20


def test_members_on_several_loops_are_served_by_their_own_threads() -> None:
    room, number = Room(), 4
    everybody = threading.Barrier(number)

    async def member(place: int) -> tuple[Socket, int]:
        socket = Socket()
        async with entered(room, socket):
            everybody.wait(10)
            for each in range(50):
                room.broadcast(f"{place} {each}")
            await until(lambda: len(socket.sent) == number * 50)
            everybody.wait(10)
        return socket, threading.get_ident()

    with ThreadPoolExecutor(number) as threads:
        found = list(threads.map(lambda place: asyncio.run(member(place)), range(number)))

    for socket, thread in found:
        assert socket.threads == {thread}
        for place in range(number):
            assert [text for text in socket.sent if cast(str, text).startswith(f"{place} ")] == [
                f"{place} {each}" for each in range(50)
            ]


async def test_a_member_whose_loop_has_ended_is_passed_over() -> None:
    room, here, there = Room(), Socket(), Socket()
    loop = asyncio.new_event_loop()
    async with entered(room, here), entered(room, there) as member:
        loop.close()
        member.loop = loop
        room.broadcast("hello")
        await until(lambda: here.sent)
    assert there.sent == []
