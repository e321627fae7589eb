"""A chat: modules side by side with names that others have too, WebSockets, a mounted app, an event stream."""

from typing import Final

from tests.apps.build import App, Asked

FILES: Final = {
    "resources.py": '''
WORDS = ["lobby", "kitchen", "garden"]
''',
    "tests/__init__.py": '''
FROM = "the chat's own tests"
''',
    "packaging.py": '''
def pack(message: str) -> dict[str, str]:
    return {"message": message}
''',
    "rooms.py": '''
import asyncio
from collections import defaultdict
from typing import Annotated

from fastapi import Depends, HTTPException, WebSocketException, status

import resources


class Manager:
    def __init__(self) -> None:
        self.visits: dict[str, int] = defaultdict(int)


manager = Manager()


def get_manager() -> Manager:
    return manager


async def get_room(room: str, manager: Annotated[Manager, Depends(get_manager)]) -> str:
    await asyncio.sleep(0)
    if room not in resources.WORDS:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such room")
    manager.visits[room] += 1
    return room


async def get_socket_room(room: str) -> str:
    if room not in resources.WORDS:
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION)
    return room
''',
    "admin.py": '''
from fastapi import Depends, FastAPI

from rooms import Manager, get_manager

admin = FastAPI(title="Admin")


@admin.get("/visits/{room}")
async def visits(room: str, manager: Manager = Depends(get_manager)) -> int:
    return manager.visits[room]
''',
    "main.py": '''
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, WebSocket, WebSocketDisconnect
from only_here import GREETING

from admin import admin
from packaging import pack
from rooms import get_room, get_socket_room
from tests import FROM

app = FastAPI(title="Chat")
app.mount("/admin", admin)
history: list[str] = []


async def remember(message: str) -> None:
    history.append(message)
    del history[:-100]


@app.get("/rooms/{room}")
async def enter(room: Annotated[str, Depends(get_room)], tasks: BackgroundTasks):
    tasks.add_task(remember, room)
    return pack(f"{GREETING} in the {room}, says {FROM}")


@app.websocket("/talk/{room}")
async def talk(socket: WebSocket, room: Annotated[str, Depends(get_socket_room)]):
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        pass
''',
}  # fmt: skip

CHAT: Final = App(
    name="chat",
    target="main:app",
    files=FILES,
    requires=("fastapi", "uvicorn", "websockets"),
    routes=(
        Asked(
            "/rooms/kitchen", ("get_manager", "get_room"), endpoint="enter", template="/rooms/{room}",
            background="remember",
        ),
        Asked(
            "/admin/visits/kitchen", ("get_manager",), endpoint="visits", template="/admin/visits/{room}",
        ),
        Asked("/talk/garden", (), endpoint="talk", template="/talk/{room}", speaks="websocket"),
    ),
)  # fmt: skip
