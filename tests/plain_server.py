"""A trivial HTTP server in a process of its own: `python -m tests.plain_server`, for tests and benchmarks of the load.

It prints its port, answers every request at once and ends when its standard input does. The path decides how: `/job`
200, `/status/N` N, `/close` 200 and closes, `/cut` half an answer, `/drop` closes without one, `/never` says nothing
and stays open, `/slow/S` after S seconds, `/eof` without a length, `/once` the first request of a connection and closes
at the next, `/noise` something else than HTTP, `/early` a provisional answer first, `/events/N` a stream of N events at
once, `/echo` switches to WebSocket and sends each message back.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"
EVENTS_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
EVENT = b"id: 12\nevent: news\ndata: something that is some fifty bytes long, as many are\n\n"


class Server(asyncio.Protocol):
    """One connection. Requests come whole and one at a time; that is all the load ever sends."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is not a subclass
        self.answers = 0

        self.websocket: ServerProtocol | None = None

    def data_received(self, data: bytes) -> None:
        """Answer."""
        if self.websocket is not None or data.startswith(b"GET /echo "):
            self._speak(data)
        elif data.startswith(b"GET /job "):
            self.transport.write(ANSWER)
        else:
            self._special(data.split(b" ", 2)[1].decode())
        if b"\r\nconnection: close" in data:
            self.transport.close()

    def _special(self, path: str) -> None:
        kind, _, value = path[1:].partition("/")
        if kind == "status":
            self.transport.write(b"HTTP/1.1 %b Some\r\ncontent-length: 0\r\n\r\n" % value.encode())
        elif kind == "close":
            self.transport.write(ANSWER.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
            self.transport.close()
        elif kind == "cut":
            self.transport.write(ANSWER[:-1])
            self.transport.close()
        elif kind == "drop" or (kind == "once" and self.answers):
            self.transport.close()
        elif kind == "noise":
            self.transport.write(b"220 mail.example ESMTP\r\n")
        elif kind == "early":
            self.transport.write(b"HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n" + ANSWER)
        elif kind == "eof":
            self.transport.write(b"HTTP/1.1 200 OK\r\n\r\nas long as it lasts")
            self.transport.close()
        elif kind == "slow":
            asyncio.get_running_loop().call_later(float(value), self.transport.write, ANSWER)
        elif kind == "events":
            self.transport.write(EVENTS_HEAD + _chunk(EVENT * int(value)) + _chunk(b""))
        elif kind != "never":
            self.transport.write(ANSWER)
            self.answers += 1

    def _speak(self, data: bytes) -> None:
        """WebSocket: the handshake, then an echo."""
        if self.websocket is None:
            self.websocket = ServerProtocol(max_size=None)
        protocol = self.websocket
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Request):
                protocol.send_response(protocol.accept(event))
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                protocol.send_text(event.data)
        self.transport.write(b"".join(protocol.data_to_send()))
        if protocol.close_expected():
            self.transport.close()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def serve() -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = await loop.create_server(Server, sock=listener, backlog=2048)
    print(listener.getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


@contextmanager
def running() -> Iterator[tuple[int, int]]:
    """The server as a child process: (port, pid)."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.plain_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield int(child.stdout.readline()), child.pid
    finally:
        child.stdin.close()
        child.stdout.close()
        child.wait(10)


def main() -> None:
    """Run on uvloop where there is one: the server must not be what limits the load."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve())
    else:
        uvloop.run(serve())


if __name__ == "__main__":
    main()
