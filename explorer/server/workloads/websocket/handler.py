"""A WebSocket: one connection, over which messages go both ways until one side closes it.

The handler takes one message at a time and works at it in the way of the dispatch. The answer goes back to the sender,
or to everybody who is connected.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from explorer.server.workloads.websocket.room import Room


async def job(socket: WebSocket) -> None:
    """Serve one connection."""
    state = socket.app.state
    await socket.accept()
    async with state.room.member(socket) as member:
        try:
            while True:
                answer = await state.run(await message_from(socket))
                if state.settings.broadcast:
                    state.room.broadcast(answer)
                else:
                    await member.send(answer)
        except WebSocketDisconnect:
            pass  # the client has gone, or the server stops


async def message_from(socket: WebSocket) -> str | bytes:
    """The next message, text or binary."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    text: str | None = message.get("text")
    return message["bytes"] if text is None else text


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """All connections of this process share one room."""
    app.state.room = Room()
    yield
