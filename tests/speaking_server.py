"""FastAPI with a WebSocket and streams of events, in a process of its own: `python -m tests.speaking_server PORT`.

It prints its port (given 0, a free one) and ends when its standard input does. `/echo` sends each message back;
`/events/COUNT/PAUSE` streams so many events, PAUSE seconds apart, each with its number as id, goes on after
`Last-Event-ID`, and asks for 20 ms before a new attempt.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Header, WebSocket
from fastapi.sse import EventSourceResponse, ServerSentEvent

app = FastAPI()


@app.websocket("/echo")
async def echo(connection: WebSocket) -> None:
    """Send each message back."""
    await connection.accept()
    async for message in connection.iter_text():
        await connection.send_text(message)


@app.get("/events/{count}/{pause}", response_class=EventSourceResponse)
async def events(
    count: int, pause: float, last_event_id: Annotated[int, Header()] = 0
) -> AsyncIterator[ServerSentEvent]:
    """Events, from the one after the last that the client knows."""
    for number in range(last_event_id + 1, count + 1):
        yield ServerSentEvent(raw_data=f"event\n{number}", id=str(number), retry=20)
        await asyncio.sleep(pause)


async def serve(port: int) -> None:
    """Serve until standard input ends."""
    listener = socket.create_server(("127.0.0.1", port), backlog=2048)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    serving = asyncio.ensure_future(server.serve([listener]))
    print(listener.getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


@contextmanager
def running(port: int = 0) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The server as a child process, with the port that it serves."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.speaking_server", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield int(child.stdout.readline()), child
    finally:
        child.stdin.close()
        child.stdout.close()
        child.wait(20)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
