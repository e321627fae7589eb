"""A load on the test's own event loop against the trivial server, and waiting for what it reports."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from explorer.load.client import Target
from explorer.load.driver import Driver
from explorer.load.records import NoRecords
from explorer.scenario import LoadKnobs, Phase


class Noted(NoRecords):
    """Records kept as tuples."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = [""]
        self.begun: dict[int, tuple[str, int]] = {}
        self.ended: dict[int, tuple[str, int, int, int]] = {}
        self.connects: list[int] = []
        self.sends: dict[int, tuple[int, int, bool]] = {}

    def name(self, text: str) -> int:
        self.names.append(text)
        return len(self.names) - 1

    def begin(self, request: int, name: int, start: int) -> None:
        assert request not in self.begun
        self.begun[request] = (self.names[name], start)

    def complete(self, request: int, name: int, start: int, end: int, status: int) -> None:
        assert request not in self.ended
        self.ended[request] = (self.names[name], start, end, status)

    def connect(self, request: int, start: int, end: int) -> None:
        self.connects.append(request)

    def sent(self, request: int, intended: int, end: int, waited: bool) -> None:
        self.sends[request] = (intended, end, waited)


class Stage:
    """One load. `paths` is a path, pairs of path and share, or triples with what is spoken there (default `speaks`)."""

    def __init__(
        self,
        port: int,
        paths: str | Sequence[tuple[str, float] | tuple[str, float, str]] = "/job",
        *,
        speaks: str = "http",
        phases: Sequence[Phase] = (),
        **knobs: Any,
    ) -> None:
        several = [(paths, 1.0)] if isinstance(paths, str) else paths
        self.records = Noted()
        self.reports: list[dict[str, Any]] = []
        self.refused: list[int] = []
        self.total: dict[str, Any] | None = None
        self.driver = Driver(
            asyncio.get_running_loop(),
            Target("127.0.0.1", port, "70ken"),
            LoadKnobs(**knobs),
            phases,
            [(path, share, rest[0] if rest else speaks) for path, share, *rest in several],
            self.records,
            self._heard,
        )
        self.driver.start()

    async def __aenter__(self) -> "Stage":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.driver.stop()
        await asyncio.sleep(0.02)

    @property
    def tally(self) -> Any:
        return self.driver.tally

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline, f"gave up: {what}, {self.driver.tally.totals()}"
            await asyncio.sleep(0.002)

    async def ended(self) -> dict[str, Any]:
        """The totals, when they have come."""
        await self.until(lambda: self.total is not None, "the totals")
        assert self.total is not None
        found = self.total
        assert found["sent"] == found["ok"] + found["failed"] + found["timed_out"] + found["unanswered"]
        return found

    def summed(self, key: str) -> int:
        """One count over all reports."""
        return sum(report[key] for report in self.reports)

    def _heard(self, name: str, fields: dict[str, Any]) -> None:
        if name == "load":
            self.reports.append(fields)
        elif name == "refused":
            self.refused.append(fields["status"])
        else:
            assert name == "load_total"
            assert self.total is None
            self.total = fields
