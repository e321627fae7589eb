"""The paths that are asked for, each with the bytes of its requests made ready, and the shares among them."""

import base64
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from string import ascii_lowercase
from typing import Any, Final

REQUEST_HEADER: Final = "x-explorer-request"
"""Header that carries a request's run-wide number and the run's token, `HEX-TOKEN`."""


WITH_BODY: Final = frozenset(("POST", "PUT", "PATCH"))
"""Methods whose requests say how long their body is even if there is none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What makes a request besides its path. `name` is the template of the path, empty if that is not known."""

    method: str = "GET"
    name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Asked":
        """From the session's message, where the body is base64."""
        return cls(plain["method"], plain["name"], plain["headers"], base64.b64decode(plain["body"]))

    def name_of(self, path: str, speaks: str) -> str:
        """What requests to `path` are called; without its query, which may be a secret."""
        return f"{'WEBSOCKET' if speaks == 'websocket' else self.method} {self.name or path.partition('?')[0]}"


PLAIN: Final = Asked()


class Route:
    """One path and what is spoken there: `http`, `websocket` or `sse`.

    `name` is what the timeline calls its requests, `name_number` that name in this process's records. Connections of
    one `kind` can carry each other's requests: any HTTP connection can, a WebSocket belongs to its path and to the
    headers that opened it.
    """

    __slots__ = (
        "_again", "_end", "_filling", "_once", "_token", "authority", "headers", "kind", "name", "name_number", "path",
        "speaks"
    )  # fmt: skip

    def __init__(
        self,
        path: str,
        host: str,
        port: int,
        token: str,
        name_number: int = 0,
        speaks: str = "http",
        asked: Asked = PLAIN,
    ) -> None:
        """The bytes depend on everything but the number, and are put together once."""
        self.path = path
        self.speaks = speaks
        self.headers = asked.headers
        self.name = asked.name_of(path, speaks)
        self.name_number = name_number
        self.kind = f"websocket {path} {sorted(asked.headers.items())}" if speaks == "websocket" else speaks
        shown = f"[{host}]" if ":" in host else host
        self.authority = f"{shown}:{port}"
        ours = {"host": self.authority}
        if speaks == "sse":
            ours |= {"accept": "text/event-stream", "cache-control": "no-store"}
        given = {name.lower() for name in asked.headers}
        headers = {name: value for name, value in ours.items() if name not in given} | dict(asked.headers)
        start = f"{asked.method} {path} HTTP/1.1\r\n"
        start += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if asked.body or asked.method in WITH_BODY:
            start += f"content-length: {len(asked.body)}\r\n"
        self._again = f"{start}{REQUEST_HEADER}: ".encode("latin-1")
        self._once = f"{start}connection: close\r\n{REQUEST_HEADER}: ".encode("latin-1")
        self._end = f"-{token}\r\n\r\n".encode() + asked.body
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
