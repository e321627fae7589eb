"""The paths that are asked for, each with the bytes of its requests made ready, and the shares among them."""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from string import ascii_lowercase
from typing import Final

REQUEST_HEADER: Final = "x-explorer-request"
"""Header that carries a request's run-wide number and the run's token, `HEX-TOKEN`."""


class Route:
    """One path and what is spoken there: `http`, `websocket` or `sse`.

    `name` is what the timeline calls its requests, `name_number` that name in this process's records. Connections of
    one `kind` can carry each other's requests: any HTTP connection can, a WebSocket belongs to its path.
    """

    __slots__ = (
        "_again", "_end", "_filling", "_once", "_token", "authority", "kind", "name", "name_number", "path", "speaks"
    )  # fmt: skip

    def __init__(self, path: str, host: str, port: int, token: str, name_number: int = 0, speaks: str = "http") -> None:
        """The bytes depend on everything but the number, and are put together once."""
        self.path = path
        self.speaks = speaks
        self.name = name_of(path, speaks)
        self.name_number = name_number
        self.kind = f"websocket {path}" if speaks == "websocket" else speaks
        shown = f"[{host}]" if ":" in host else host
        self.authority = f"{shown}:{port}"
        start = f"GET {path} HTTP/1.1\r\nhost: {self.authority}\r\n"
        if speaks == "sse":
            start += "accept: text/event-stream\r\ncache-control: no-store\r\n"
        self._again = f"{start}{REQUEST_HEADER}: ".encode()
        self._once = f"{start}connection: close\r\n{REQUEST_HEADER}: ".encode()
        self._end = f"-{token}\r\n\r\n".encode()
        self._token = token.encode()
        self._filling = b""

    def request(self, number: int, keep_alive: bool) -> bytes:
        """What goes over the wire for request `number` of HTTP."""
        return b"%b%x%b" % (self._again if keep_alive else self._once, number, self._end)

    def word(self, number: int) -> bytes:
        """The word that tells the server which request this is, and that its message of a WebSocket begins with."""
        return b"%x-%b" % (number, self._token)

    def filling(self, size: int) -> bytes:
        """A space and letters, `size` bytes in all (at least the space): what follows the word in a message."""
        if len(self._filling) != size:
            letters = ascii_lowercase.encode()
            self._filling = (b" " + letters * (size // len(letters) + 1))[: max(size, 1)]
        return self._filling


def name_of(path: str, speaks: str) -> str:
    """What requests to a path are called."""
    return f"WEBSOCKET {path}" if speaks == "websocket" else f"GET {path}"


class Choice:
    """Picks a route by shares, which need not add up to 1, with random numbers of its own."""

    __slots__ = ("_random", "_reach", "routes")

    def __init__(self, routes: Sequence[Route], shares: Sequence[float], random: Random) -> None:
        """One share for each route; shares of 0 are never picked, unless all are."""
        if not routes or len(routes) != len(shares):
            raise ValueError("A load needs at least one path, and one share for each.")
        self.routes = tuple(routes)
        self._reach = list(accumulate(shares if sum(shares) > 0 else [1.0] * len(routes)))
        self._random = random

    def __call__(self) -> Route:
        """The route of the next request."""
        routes = self.routes
        if len(routes) == 1:
            return routes[0]
        return routes[min(bisect(self._reach, self._random.random() * self._reach[-1]), len(routes) - 1)]
