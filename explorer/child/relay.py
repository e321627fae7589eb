"""Passes the control channel on: from a server's process to its own workers, which the session did not start.

A worker gets a `Channel` as the server itself has one, over a connection to the server's process: `set` and `stop`
reach every worker, and what workers answer is gathered into one answer. Messages are JSON in `multiprocessing`'s
framing, never pickled, and both sides prove that they know the key. When the server's process is gone, so are its
workers: the end of the stream ends them.
"""

import json
import logging
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any, Final, cast

from explorer.child.channel import Channel, Message
from explorer.child.streams import from_text, to_text

Take = Callable[[socket.socket], object]
PROOF_WITHIN_S: Final = 5.0
ACCEPT_AGAIN_S: Final = 0.1

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """What a worker needs to call its server; goes to it with its other arguments."""

    name: str
    key: bytes


class ConnectionTransport:
    """Messages over a `multiprocessing` connection."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection

    def receive(self) -> bytes | None:
        """The next message, or None when the other side has gone."""
        try:
            return self._connection.recv_bytes()
        except (EOFError, OSError):
            return None

    def send(self, data: bytes) -> None:
        """Send one message."""
        self._connection.send_bytes(data)

    def receive_socket(self, message: Message) -> socket.socket:
        """The socket that comes with the message just received: behind it, or on Windows inside it."""
        if "shared" in message:
            return from_text(str(message["shared"]))
        with socket.socket(fileno=os.dup(self._connection.fileno())) as stream:
            private = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
            _, descriptors, _, _ = socket.recv_fds(stream, 1, 1, private)
        return socket.socket(fileno=descriptors[0])


def join_relay(address: Address, seen: int = 0, take: Take | None = None) -> Channel:
    """A worker's channel to its server's process; it listens already. Raises `OSError` when nobody is there.

    `seen` is the number of changes that the worker's plan contains; it is told those that came after. `take` gets the
    sockets that the server hands over, on the listening thread.
    """
    transport = ConnectionTransport(Client(address.name, authkey=address.key))
    channel = Channel(transport)
    if take is not None:
        channel.on("socket", lambda message: take(transport.receive_socket(message)))
    channel.send("hello", pid=os.getpid(), seen=seen)
    channel.start()
    return channel


@dataclass(slots=True)
class _Question:
    """A broadcast whose answers are awaited: of whom, from whom they came, whether one was no, and what to do then."""

    awaited: set[int]
    answered: list[int] = field(default_factory=list)
    refused: bool = False
    done: Callable[[list[int]], None] = lambda pids: None


class Relay:
    """The server's end. `deliver(pid, message)` is called for what workers say, each from its worker's own thread.

    `missed(seen)` are the messages that a worker gets when it joins, see `join_relay`. It is called under the relay's
    lock: what is asked before is among them, what is asked afterwards reaches the worker by itself.
    """

    def __init__(
        self,
        run: Path | None,
        deliver: Callable[[int, Message], None],
        missed: Callable[[int], Sequence[Message]] = lambda seen: (),
    ) -> None:
        key = secrets.token_bytes(32)
        # Without the key: accept would ask for it in its own thread, where one who does not answer blocks all others.
        self._listener = Listener(_name(run))
        name: str | bytes = self._listener.address  # bytes for a name outside the file system
        self.address = Address(name if isinstance(name, str) else name.decode(), key)
        self._deliver = deliver
        self._missed = missed
        self._lock = threading.Lock()
        self._workers: dict[int, Connection[Any, Any]] = {}
        self._questions: dict[int, _Question] = {}
        self._serial = 0
        self._closing = False
        self._complained = False
        threading.Thread(target=self._accept, name="relay", daemon=True).start()

    @property
    def pids(self) -> list[int]:
        """The workers that are connected."""
        with self._lock:
            return sorted(self._workers)

    def tell(self, pid: int, message: Message) -> None:
        """Send a message to one worker; one that has gone hears nothing."""
        with self._lock:
            connection = self._workers.get(pid)
            if connection is not None:
                try:
                    connection.send_bytes(json.dumps(message).encode())
                except OSError:  # it has just ended
                    return

    def hand_over(self, pid: int, sock: socket.socket) -> None:
        """Give a worker a socket, which it closes; ours stays open. Raises `OSError` when the worker has gone."""
        with self._lock:
            connection = self._workers.get(pid)
            if connection is None:
                raise ProcessLookupError(f"Process {pid} has gone.")
            if sys.platform == "win32":
                connection.send_bytes(json.dumps({"type": "socket", "shared": to_text(sock, pid)}).encode())
                return
            # Not multiprocessing's send_handle: on macOS it waits for an answer, which our reading thread would take.
            # The duplicate first: once the word is out, the worker waits for the socket.
            with socket.socket(fileno=os.dup(connection.fileno())) as stream:
                connection.send_bytes(b'{"type":"socket"}')
                socket.send_fds(stream, [b"!"], [sock.fileno()])

    def broadcast(self, message: Message) -> None:
        """Send a message to every worker."""
        data = json.dumps(message).encode()
        with self._lock:
            for connection in self._workers.values():
                try:
                    connection.send_bytes(data)
                except OSError:  # it has just ended
                    continue

    def ask(self, message: Message, done: Callable[[list[int]], None]) -> None:
        """Send a `set` to every worker; `done` gets the pids that answered `applied` once all that live have answered.

        Those that answered `error` with the question's serial are left out; if nobody else is there, `done` is not
        called.
        """
        with self._lock:
            self._serial += 1
            serial = self._serial
            self._questions[serial] = _Question(set(self._workers), done=done)
        self.broadcast({**message, "serial": serial})
        self._settle()

    def close(self) -> None:
        """Take no more calls."""
        self._closing = True
        try:
            # Closing a socket wakes nobody who waits in accept; a call does.
            Client(self.address.name).close()
        except (OSError, EOFError):
            pass
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except (EOFError, ConnectionError):
                continue
            except OSError as error:  # no file descriptors, usually: whoever calls waits for a while
                if self._closing:
                    return
                self._complain(error)
                time.sleep(ACCEPT_AGAIN_S)
                continue
            if self._closing:
                connection.close()
                return
            threading.Thread(target=self._serve, args=(connection,), name="relay to a worker", daemon=True).start()

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            self._complained = True
            logger.warning("Worker processes cannot be heard just now (%s).", error)

    def _serve(self, connection: "Connection[Any, Any]") -> None:
        if not _knows_the_key(connection, self.address.key):
            connection.close()
            return
        pid = 0
        transport = ConnectionTransport(connection)
        while (data := transport.receive()) is not None:
            message: Message = json.loads(data)
            if message["type"] == "hello":
                pid = int(message["pid"])
                with self._lock:
                    self._workers[pid] = connection
                    try:
                        for missed in self._missed(int(message.get("seen", 0))):
                            transport.send(json.dumps(missed).encode())
                    except OSError:  # it has just ended
                        continue
            elif message["type"] == "applied":
                self._settle(answer=pid, serial=int(message.get("serial", 0)))
            else:
                if message["type"] == "error" and "serial" in message:
                    self._settle(refusal=pid, serial=int(message["serial"]))
                self._deliver(pid, message)
        with self._lock:
            if self._workers.get(pid) is connection:  # if not, its pid is another worker's already
                del self._workers[pid]
        connection.close()
        self._settle()

    def _settle(self, answer: int = 0, refusal: int = 0, serial: int = 0) -> None:
        """Note an answer, forget about the dead, and finish the questions that nobody has still to answer."""
        finished = []
        with self._lock:
            question = self._questions.get(serial)
            if question is not None and answer in question.awaited:
                question.answered.append(answer)
            if question is not None:
                question.refused |= bool({refusal} & question.awaited)
                question.awaited -= {answer, refusal}
            for number, waiting in list(self._questions.items()):
                if not waiting.awaited & self._workers.keys():
                    finished.append(self._questions.pop(number))
        for question in finished:
            if question.answered or not question.refused:
                question.done(sorted(question.answered))


class _Impatient:
    """A connection that waits no longer than `PROOF_WITHIN_S` for each message."""

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection
        self.send_bytes = connection.send_bytes

    def recv_bytes(self, maxlength: int | None = None) -> bytes:
        if not self._connection.poll(PROOF_WITHIN_S):
            raise TimeoutError
        return self._connection.recv_bytes(maxlength)


def _knows_the_key(connection: "Connection[Any, Any]", key: bytes) -> bool:
    """Let both sides prove that they know the key, as a `multiprocessing` listener with a key does."""
    impatient = cast("Connection[Any, Any]", _Impatient(connection))
    try:
        deliver_challenge(impatient, key)
        answer_challenge(impatient, key)
    except (AuthenticationError, EOFError, OSError):
        return False
    return True


def _name(run: Path | None) -> str | None:
    """Where workers call: nowhere in the file system on Linux, so that nothing is left behind however this ends."""
    if sys.platform == "linux":
        return f"\0concurrency-explorer-{os.getpid()}-{secrets.token_hex(8)}"
    if sys.platform == "win32" or run is None:
        return None
    path = str(run / f"relay-{os.getpid()}")
    # A Unix socket's path has room for about 100 bytes; multiprocessing then makes a folder of its own.
    return path if len(os.fsencode(path)) < 100 else None
