"""The paths that are asked for, each with the bytes of its requests made ready, and the shares among them."""

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Final

REQUEST_HEADER: Final = "x-explorer-request"
"""Header that carries a request's run-wide number and the run's token, `HEX-TOKEN`."""


class Route:
    """One path. `name` is what the timeline calls its requests, `name_number` that name in this process's records."""

    __slots__ = ("_again", "_end", "_once", "name", "name_number", "path")

    def __init__(self, path: str, host: str, port: int, token: str, name_number: int = 0) -> None:
        """The bytes depend on everything but the number, and are put together once."""
        self.path = path
        self.name = f"GET {path}"
        self.name_number = name_number
        shown = f"[{host}]" if ":" in host else host
        start = f"GET {path} HTTP/1.1\r\nhost: {shown}:{port}\r\n"
        self._again = f"{start}{REQUEST_HEADER}: ".encode()
        self._once = f"{start}connection: close\r\n{REQUEST_HEADER}: ".encode()
        self._end = f"-{token}\r\n\r\n".encode()

    def bytes(self, number: int, keep_alive: bool) -> bytes:
        """What goes over the wire for request `number`."""
        return b"%b%x%b" % (self._again if keep_alive else self._once, number, self._end)


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
