"""The two streams that carry the control channel, and what becomes of the child's standard descriptors.

Descriptors 0 and 1 are taken away from the program: the channel keeps private duplicates, which no child inherits;
0 then reads nothing, and what is written to 1 and 2 goes to the run's log, so that a `print` in a handler corrupts
nothing.
"""

import base64
import os
import socket
import stat
import sys
from pathlib import Path
from typing import Any, Final

TAIL: Final = 4096
CHUNK: Final = 65_536
MOST_DESCRIPTORS: Final = 8


class Streams:
    """Transport over standard input and output; sockets come along with the message that speaks of them.

    Where standard input is a Unix socket, descriptors arrive beside the bytes; on Windows a socket comes as text in
    the message's own field `shared`.
    """

    def __init__(self) -> None:
        """Take over descriptors 0 and 1 of this process."""
        self._output = os.dup(1)
        self._input = os.dup(0)
        is_socket = hasattr(socket, "recv_fds") and stat.S_ISSOCK(os.fstat(self._input).st_mode)
        self._socket = socket.socket(fileno=self._input) if is_socket else None
        self._received: list[int] = []
        self._buffer = b""
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        # Until there is a log, what is printed goes where the parent reads the last words of a failed start.
        os.dup2(2, 1)

    def receive(self) -> bytes | None:
        """The next line, or None at the end of the stream."""
        while b"\n" not in self._buffer:
            data = self._read()
            if not data:
                return None
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def send(self, data: bytes) -> None:
        """Write one line whole."""
        rest = memoryview(data + b"\n")
        while rest:
            rest = rest[os.write(self._output, rest) :]

    def listener(self, shared: str = "") -> socket.socket:
        """The listening socket that came with a message. Raises `LookupError` when there was none."""
        if shared:
            return from_text(shared)
        if not self._received:
            raise LookupError("The configuration names a listener, but none came with it.")
        return socket.socket(fileno=self._received.pop(0))

    def _read(self) -> bytes:
        try:
            if self._socket is None:
                return os.read(self._input, CHUNK)
            private = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
            data, descriptors, _, _ = socket.recv_fds(self._socket, CHUNK, MOST_DESCRIPTORS, private)
        except OSError:
            return b""
        self._received += descriptors
        return data


def log_to(path: Path) -> None:
    """Send everything that is printed from here on to the file `path`, line by line."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    log = os.open(path, flags, 0o600)
    for target in (1, 2):
        os.dup2(log, target)
    os.close(log)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(line_buffering=True, errors="backslashreplace")


def log_path(run: Path, role: str, pid: int) -> Path:
    """Where a child of this role and pid prints to."""
    return run / f"log-{role}-{pid}.txt"


def last_line(path: Path) -> str:
    """The last line with anything on it; empty if there is none, or no such file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            return last_of(file.read())
    except OSError:
        return ""


def last_of(output: bytes) -> str:
    """The last line of some output with anything on it; empty if there is none."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def to_text(sock: socket.socket, pid: int) -> str:
    """A socket for process `pid`, as Windows passes sockets on."""
    share: Any = getattr(sock, "share", None)
    if share is None:
        raise LookupError(f"A socket cannot be sent as text on {sys.platform}.")
    return base64.b64encode(share(pid)).decode()


def from_text(shared: str) -> socket.socket:
    """The socket that `to_text` wrote for this process."""
    from_share = getattr(socket, "fromshare", None)
    if from_share is None:
        raise LookupError(f"A socket cannot be received as text on {sys.platform}.")
    sock: socket.socket = from_share(base64.b64decode(shared))
    return sock
