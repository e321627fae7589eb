"""The closed loop: users who wait for their answer, think, and ask again.

A user has a connection of its own, or one for each way of speaking if the load has several. One who is no longer
wanted leaves after its present request.
"""

import asyncio
import sys
from random import Random
from typing import Final

from explorer.load.client import Client
from explorer.load.pool import Pool
from explorer.load.request import Request

AFTER_FAILURE_S: Final = 0.1
"""Pause of a user who got no answer at all; without it users of a dead server would only burn processor time."""


class User:
    """One user: asks, and asks again `think_time` after each answer."""

    __slots__ = ("_crowd", "_pause", "asking", "leaving", "pool")

    def __init__(self, crowd: "Crowd") -> None:
        """A user who has not asked yet."""
        self._crowd = crowd
        self._pause: asyncio.TimerHandle | None = None
        # With one request at a time a connection of each kind is the most that will ever be open.
        self.pool = Pool(crowd.client, sys.maxsize)
        self.asking = False
        self.leaving = False

    def ask(self) -> None:
        """Send a request now."""
        self._ask(self._crowd.client.clock())

    def think_again(self) -> None:
        """The think time has changed: a pause under way is replaced by a new one."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = self._crowd.client.loop.call_later(self._crowd.pause(), self.ask)

    def leave(self) -> None:
        """Go, at once or when the present request has ended."""
        self.leaving = True
        if not self.asking:
            if self._pause is not None:
                self._pause.cancel()
            self._gone()

    def _ask(self, now: int) -> None:
        self._pause = None
        self.asking = True
        self._crowd.client.issue(self.pool, now, self._answered)

    def _answered(self, request: Request, now: int) -> None:
        self.asking = False
        if self.leaving:
            self._gone()
            return
        pause = self._crowd.pause()
        if not request.status:
            pause = max(pause, AFTER_FAILURE_S)
        if pause > 0:
            self._pause = self._crowd.client.loop.call_later(pause, self.ask)
        else:
            self._ask(now)

    def _gone(self) -> None:
        self.pool.close()
        self._crowd.gone(self)


class Crowd:
    """All users."""

    def __init__(self, client: Client, random: Random, think_time: float = 0.0) -> None:
        """Nobody is there. `think_time` is the mean of an exponential distribution, in seconds; 0: no pause."""
        self.client = client
        self._think_time = think_time
        self._random = random
        self._users: list[User] = []
        self._leaving: set[User] = set()

    @property
    def size(self) -> int:
        """Users who stay; those who only wait for their last answer are not counted."""
        return len(self._users)

    def resize(self, size: int) -> None:
        """Let users come or go until there are `size`."""
        while len(self._users) < size:
            user = User(self)
            self._users.append(user)
            user.ask()
        while len(self._users) > size:
            user = self._users.pop()
            self._leaving.add(user)
            user.leave()

    def think(self, think_time: float) -> None:
        """Change the think time; who is thinking begins anew."""
        if think_time == self._think_time:
            return
        self._think_time = think_time
        for user in list(self._users):
            user.think_again()

    def pause(self) -> float:
        """How long a user thinks now, in seconds."""
        return self._random.expovariate(1.0 / self._think_time) if self._think_time > 0 else 0.0

    def gone(self, user: User) -> None:
        """A user has left."""
        self._leaving.discard(user)
