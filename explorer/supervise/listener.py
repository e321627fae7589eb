"""The listening socket: bound by the session, served by one server after the other.

Because it outlives servers, a restart keeps the URL and fails no connection attempt: what arrives meanwhile waits in
the backlog. It is made with IPPROTO_TCP: asyncio sets TCP_NODELAY only on connections of such a listener, and without
that every second request over a connection takes 40 ms.
"""

import errno
import ipaddress
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from explorer.option_error import OptionError

ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}
PRIVILEGED: Final = 1024

Resolved = tuple[socket.AddressFamily, tuple[str, int]]
"""What a host and a port mean here, as `resolve` found: how to open a socket, and where to bind it."""


class Listener:
    """A bound and listening socket. `host` and `port` are where a client on this machine reaches it."""

    def __init__(self, sock: socket.socket, wanted: tuple[str, int]) -> None:
        """Keep `sock`; `wanted` is the host and port that were asked for (`serves`)."""
        self.socket = sock
        self.host, self.port = _reachable(sock)
        self._wanted = wanted
        self._bound = sock.getsockname()[:2]

    @property
    def url(self) -> str:
        """The address for people, without a slash at the end."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def exposed(self) -> str:
        """The address at which other machines may reach it; empty if it is for this machine alone."""
        address = ipaddress.ip_address(self._bound[0])
        plain = getattr(address, "ipv4_mapped", None) or address
        return "" if plain.is_loopback else str(self._bound[0])

    def serves(self, host: str, port: int, resolved: Resolved | None = None) -> bool:
        """Whether this listener is what `bind(host, port, resolved=resolved)` would make; any port will do for port 0.

        Raises `OptionError` for an unknown host.
        """
        return self._wanted == (host, port) or (resolved or resolve(host, port))[1] == self._bound

    def share(self, pid: int) -> bytes:
        """The socket as bytes for process `pid`, on Windows."""
        share = getattr(self.socket, "share", None)
        if share is None:
            raise OSError(f"sockets cannot be shared as bytes on {sys.platform}")
        data: bytes = share(pid)
        return data

    def close(self) -> None:
        """Give the address up."""
        self.socket.close()


def bind(
    host: str,
    port: int,
    backlog: int = 2048,
    *,
    beside: Listener | None = None,
    resolved: Resolved | None = None,
) -> Listener:
    """Listen on `host` and `port` (0: a free one). Raises `OptionError` with what stands in the way and what to do.

    `beside` is the program's own listener that this one is to follow: it may hold the same port on another address.
    `resolved` is what `resolve` found for them; without it that is asked here.
    """
    family, address = resolved or resolve(host, port)
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two programs share one port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.set_inheritable(False)
        with _shared_port([sock, beside.socket] if beside is not None and beside.port == port else []):
            sock.bind(address)
            sock.listen(backlog)
    except OSError as error:
        sock.close()
        raise _refusal(error, host, port) from None
    return Listener(sock, (host, port))


@contextmanager
def _shared_port(sockets: Sequence[socket.socket]) -> Iterator[None]:
    """Let these sockets listen on one port; who asks for it in the ordinary way is still refused.

    The old one cannot just be closed first: the server that still serves has it open too.
    """
    option = getattr(socket, "SO_REUSEPORT", None)
    if option is None:  # Windows lets one program listen on an address and on all addresses anyway
        yield
        return
    for sock in sockets:
        sock.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        yield
    finally:
        for sock in sockets:
            sock.setsockopt(socket.SOL_SOCKET, option, 0)


def resolve(host: str, port: int) -> Resolved:
    """What `host` and `port` mean on this machine. Raises `OptionError` for an unknown host.

    For any thread, and better not for the one that paints: a name server may take its time.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        found = []
    if not host or not found:
        raise OptionError(
            f"The host '{host}' is unknown here; use 127.0.0.1 or an address of this machine.", "server.host"
        )
    family, _, _, _, address = found[0]
    return family, (str(address[0]), int(address[1]))


def _reachable(sock: socket.socket) -> tuple[str, int]:
    name = sock.getsockname()
    return ANY.get(name[0], name[0]), name[1]


def _refusal(error: OSError, host: str, port: int) -> OptionError:
    if error.errno == errno.EADDRINUSE:
        holder = holder_of(port)
        by = f" by {holder}" if holder else " by another program"
        return OptionError(f"Port {port} is in use{by}; end that program or choose another port.", "server.port")
    if error.errno in (errno.EACCES, errno.EPERM):
        choice = f"choose one from {PRIVILEGED:,} on" if port < PRIVILEGED else "choose another"
        return OptionError(f"Port {port} may not be opened by this user; {choice}.", "server.port")
    if error.errno == errno.EADDRNOTAVAIL:
        return OptionError(f"{host} is not an address of this machine; use 127.0.0.1 or one that is.", "server.host")
    return OptionError(f"{host}, port {port} cannot be opened ({error.strerror}); choose another port.", "server.port")


def holder_of(port: int) -> str:
    """The program that listens on `port`, as "python3 (pid 4711)"; empty where the system does not tell."""
    inodes = _listening_inodes(port)
    if not inodes:
        return ""
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            for descriptor in (process / "fd").iterdir():
                if descriptor.readlink().name.removeprefix("socket:[").removesuffix("]") in inodes:
                    return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:  # another user's, or gone
            continue
    return ""


def _listening_inodes(port: int) -> set[str]:
    listening = "0A"
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == listening and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes
