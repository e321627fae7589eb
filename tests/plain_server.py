"""A trivial HTTP server in a process of its own: `python -m tests.plain_server`, for tests and benchmarks of the load.

It prints its port, answers every request at once and ends when its standard input does. The path decides how: `/job`
200, `/status/N` N, `/close` 200 and closes, `/cut` half an answer, `/drop` closes without one, `/never` says nothing
and stays open, `/slow/S` after S seconds, `/eof` without a length, `/once` the first request of a connection and closes
at the next, `/noise` something else than HTTP, `/early` a provisional answer first.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"


class Server(asyncio.Protocol):
    """One connection. Requests come whole and one at a time; that is all the load ever sends."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is not a subclass
        self.answers = 0

    def data_received(self, data: bytes) -> None:
        """Answer."""
        if data.startswith(b"GET /job "):
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
        elif kind != "never":
            self.transport.write(ANSWER)
            self.answers += 1


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
