"""One request on its way: what is known of it between the moment it was due and its end."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from explorer.load.routes import Route

if TYPE_CHECKING:
    from explorer.load.connection import Connection
    from explorer.load.event_source import Stream

Done = Callable[["Request", int], None]
"""Called at the end of a request with the time (ns); `status` and `failure` of the request say how it ended."""


class Request:
    """Times are nanoseconds of `perf_counter_ns`.

    `intended` is when it was due, `sent` when its bytes were written (0: not yet), `status` the answer's (0: none),
    `waited` says that no connection was free when it was due, `failure` the sentence that says why it failed, `over`
    whether it has ended. `connection` is what carries it now; `again` says that it has already been sent a second time,
    over a fresh connection. `stream` is what has come of a stream of events.
    """

    __slots__ = (
        "again", "connection", "done", "failure", "intended", "number", "over", "route", "sent", "status", "stream",
        "waited",
    )  # fmt: skip

    def __init__(self, number: int, route: Route, intended: int, done: Done | None) -> None:
        """A request that was due at `intended`; `done` hears of its end."""
        self.number = number
        self.route = route
        self.intended = intended
        self.done = done
        self.sent = 0
        self.waited = False
        self.status = 0
        self.failure = ""
        self.again = False
        self.over = False
        self.connection: Connection | None = None
        self.stream: Stream | None = None
