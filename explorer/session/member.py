"""A child process as the session's loop sees it: messages become callbacks and futures on that loop.

The supervisor's reader threads only hand over; nothing of the session runs outside its own loop.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from explorer.option_error import OptionError
from explorer.supervise.channel import Child

Message = Mapping[str, Any]


class Member:
    """One child of the run. `on_message` gets every message but answers; `on_exit` an end that nobody asked for."""

    def __init__(
        self,
        child: Child,
        name: str,
        on_message: Callable[["Member", Message], None],
        on_exit: Callable[["Member", int], None],
    ) -> None:
        self.child = child
        self.name = name
        self.stopping = False
        self.warm = False
        """Whether it has done its imports and waits for its configuration, or is past that."""
        self.finished = False
        """Whether it came to its own end, rather than being cut off."""
        self.killed = False
        self.farewell = ""
        """Why it ends by itself, in a sentence of its own; empty unless it said so."""
        self._on_message = on_message
        self._on_exit = on_exit
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[Message] = self._loop.create_future()
        self._exited: asyncio.Future[int] = self._loop.create_future()
        self._answers: dict[str, asyncio.Future[None]] = {}
        child.on_message(lambda message: self.hand_over(self._message, message))
        child.on_exit(lambda code: self.hand_over(self._exit, code))

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.child.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return not self._exited.done()

    def send(self, kind: str, **fields: Any) -> None:
        """Send one message; a child that is gone hears nothing."""
        if self.alive:
            self.child.send(kind, **fields)

    async def ask(self, kind: str, answer: str, limit_s: float) -> None:
        """Send one message and wait until the event `answer` comes back, but not longer than `limit_s`."""
        future = self._answers[answer] = self._loop.create_future()
        self.send(kind)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(future, limit_s)
        self._answers.pop(answer, None)

    async def ready(self, limit_s: float) -> Message:
        """Wait for its `ready`. Raises `OptionError` with the child's own sentence, or that it took too long."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._ready), limit_s)
        except TimeoutError:
            raise OptionError(
                f"The {self.name} did not start within {limit_s:g} s; see its log in {self.child.log}."
            ) from None

    async def stop(self, within: float) -> None:
        """Ask it to end, and end it if it has not after `within` seconds. Returns when it is gone."""
        self.stopping = True
        if self.alive:
            self.child.stop(within)
            try:
                await asyncio.wait_for(asyncio.shield(self._exited), within + 0.5)
            except TimeoutError:
                self.child.kill()
                await self._exited

    def kill(self) -> None:
        """End it at once."""
        self.killed = True
        self.child.kill()

    def hand_over(self, function: Callable[[Any], None], value: Any) -> None:
        """Call `function(value)` on the session's loop; for other threads."""
        try:
            self._loop.call_soon_threadsafe(function, value)
        except RuntimeError:  # the loop is closed: nobody is left to listen
            return

    def _message(self, message: Message) -> None:
        kind = message.get("type")
        if kind == "warm":
            self.warm = True
        elif kind == "stopped":
            self.finished = True
        elif kind == "ready":
            if not self._ready.done():
                self._ready.set_result(message)
        elif kind == "error" and not self._ready.done():
            self._fail(OptionError(*(str(message.get(key, "")) for key in ("sentence", "where", "details"))))
        elif kind == "event" and message.get("event") in self._answers:
            self._answers.pop(message["event"]).set_result(None)
        else:
            self._on_message(self, message)

    def _exit(self, code: int) -> None:
        if self._exited.done():
            return
        self._exited.set_result(code)
        if not self._ready.done():
            self._fail(OptionError(self.child.obituary()))
        elif not self.stopping and self._ready.exception() is None:  # whoever waited for it knows that it failed
            self._on_exit(self, code)

    def _fail(self, error: OptionError) -> None:
        self._ready.set_exception(error)
        # Looked at once, so that asyncio does not complain when nobody waits for this child any more.
        self._ready.exception()
