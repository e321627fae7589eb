"""Sends a phone's request to the server on loopback: numbered, written down, and never more than the scenario's own.

Each goes over a connection of its own, as a phone's would. The body of an answer is read and dropped.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httptools

from explorer.load.records import NoRecords, Records, RingRecords
from explorer.load.routes import PLAIN, Asked, Route
from explorer.probe.tracer import RUN, Tracer
from explorer.records.clock import now_ns
from explorer.records.phones import phone_name
from explorer.records.states import Role

PATIENCE_S: Final = 60.0
PIECE: Final = 65_536


@dataclass(frozen=True, slots=True)
class Journey:
    """A request of phone `number` that is on its way or, with an `end`, back. Times are ns."""

    number: int
    request: int
    start: int
    end: int = 0
    status: int = 0


class Forwarder:
    """The way to the server of one run. `told(journey)` hears when a request sets off and when it is back."""

    def __init__(self, target: Mapping[str, Any], told: Callable[[Journey], object]) -> None:
        """`target`: the run's folder, the server's host and port, and what is asked for there (see `reach.Reach`)."""
        self._told = told
        self._host, self._port = str(target["host"]), int(target["port"])
        self._tracer = Tracer.join(Role.GATEWAY, "gateway", environ={RUN: str(Path(target["run"]))})
        tracer = self._tracer
        self._records: Records = RingRecords(tracer) if tracer is not None else NoRecords()
        asked = Asked.of(target["asked"]) if target.get("asked") else PLAIN
        token = tracer.token if tracer is not None else ""
        self._route = Route(
            str(target["path"]), self._host, self._port, token, speaks=str(target["speaks"]), asked=asked
        )
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, number: int) -> int:
        """Send a request for a phone; its number among the run's requests."""
        request = self._records.next_request()
        task = asyncio.get_running_loop().create_task(self._travel(number, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return request

    async def close(self) -> None:
        """Wait for no answer any more, and leave the run."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._records.close()
        if self._tracer is not None:
            self._tracer.ended(now_ns(), "")  # it lives on, but for the run it is as if it had ended
            self._tracer.close()

    async def _travel(self, number: int, request: int) -> None:
        name = self._records.name(phone_name(number))
        start = now_ns()
        self._records.begin(request, name, start)
        self._told(Journey(number, request, start))
        status = 0
        try:
            async with asyncio.timeout(PATIENCE_S):
                status = await self._ask(request)
        except (OSError, TimeoutError, httptools.HttpParserError):
            status = 0
        finally:
            end = now_ns()
            self._records.complete(request, name, start, end, status)
            self._told(Journey(number, request, start, end, status))

    async def _ask(self, request: int) -> int:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(self._route.request(request, keep_alive=False))
            answer = _Answer()
            while not answer.whole and (data := await reader.read(PIECE)):
                answer.parser.feed_data(data)
            return answer.status
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class _Answer:
    """What httptools tells of an answer; a provisional one (103) is none."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.status = 0
        self.whole = False

    def on_headers_complete(self) -> None:
        """Its status is known."""
        self.status = self.parser.get_status_code()

    def on_message_complete(self) -> None:
        """It is all here."""
        self.whole = self.status >= 200
