"""`audience`: thirty phones at once, each a real page of headless Chromium that shares nothing with the others.

All press the button, and each finds its own request on its own line of the run's records; all vote; the charts move.
One of them is too fast, one loses the laptop and finds it again, and in the end the lesson is over for all. Pictures of
every state, in both colour schemes, are left in a folder to be looked at.
"""

import asyncio
import os
import signal
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from explorer.analysis.statistics import RunStatistics
from explorer.lessons.audience.addresses import Address, addresses
from explorer.lessons.audience.audience import Audience
from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.figures import figures
from explorer.lessons.audience.reach import reach
from explorer.records.phones import GROUP
from explorer.records.schema import PROCESS_SHIFT
from explorer.records.states import Kind, Role, TrackKind
from tests.full.chromium import Page, crowd
from tests.full.outcome import Failed
from tests.integration.session.stage import Stage

PHONES: Final = 30
SIZE: Final = (390, 844)
SMALL: Final = (320, 568)
LIMIT_S: Final = 120.0
SCENARIO: Final = {
    "dispatch": {"id": "thread_pool", "tokens": 6},
    "workload": {"id": "sleep", "seconds": 1.0},
    "load": {"users": 2},
}
QUESTION: Final = "100 requests, 40 tokens, 1 second each. When is the last answer back?"
KNOWN: Final = ("ERR_", "status of 429", "status of 409")
STATE: Final = "document.body?.dataset.state"
ELSEWHERE: Final = (
    "performance.getEntriesByType('resource').filter(one => !one.name.startsWith(location.origin)"
    " && !one.name.startsWith('data:')).map(one => one.name).join()"
)
MIDDLE: Final = (
    "(({left, top, width, height}) => [left + width / 2, top + height / 2])"
    "(document.querySelector(%r).getBoundingClientRect())"
)
TOO_SMALL: Final = (
    "[...document.querySelectorAll('button, input')].map(one => one.getBoundingClientRect())"
    ".filter(box => box.width && (box.height < 60 || box.width < 60)).length"
)
TOO_WIDE: Final = "document.documentElement.scrollWidth > innerWidth"


def run() -> str:
    """What was seen; raises `Failed`."""
    return asyncio.run(_run())


async def _run() -> str:
    lecture = Lecture()
    try:
        return await lecture.give()
    finally:
        await lecture.close()


class Lecture:
    """A run, an audience, and the pages of its phones."""

    def __init__(self) -> None:
        self.statistics = RunStatistics()
        self.audience = Audience()
        self.stage = Stage(self.statistics.feed, self.audience.feed)
        self._telling: asyncio.Task[None] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="explorer-audience-"))

    async def close(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
        await self.audience.close()
        await self.stage.close()

    async def give(self) -> str:
        here = next(iter(addresses()), Address("127.0.0.1", "lo"))
        opened = await self.audience.open(here, 0)
        with crowd(PHONES, *SIZE, 2.0) as (pages, version):
            await self._enter(pages, opened.url)
            await self._shoot(pages[0], "asleep")
            await self._serve()
            await self._all(pages, f"{STATE} === 'ready' && !document.getElementById('send').disabled", "the button")
            await self._shoot(pages[0], "ready")
            await self._press(pages)
            lines = await self._lines(pages)
            await self._shoot(pages[0], "back")
            votes = await self._vote(pages)
            await self._too_fast(pages[1])
            await self._lose(pages[0])
            charts = await self._charts(pages)
            await self.audience.close()
            await self._all(pages, f"{STATE} === 'closed'", "the end of the lesson")
            await self._shoot(pages[0], "closed")
            self._clean(pages)
        return f"{version} at {here.host}: {lines}; {votes}; {charts}; pictures in {self.folder}"

    # -- what happens --------------------------------------------------------------------------------------------------

    async def _enter(self, pages: list[Page], url: str) -> None:
        for page in pages:
            await self._on(partial(page.open, url))
        await self._all(pages, f"{STATE} === 'ready'", "the page")
        numbers = {await self._ask(page, "document.getElementById('number').textContent") for page in pages}
        if numbers != {str(number) for number in range(1, PHONES + 1)}:
            raise Failed(f"the phones have the numbers {sorted(numbers)}")
        await self._until(lambda: self.audience.phones.here == PHONES, "all phones")

    async def _serve(self) -> None:
        await self.stage.start(**SCENARIO)
        found = reach(self.stage.catalog, self.stage.session)
        assert found is not None
        self.audience.attach(found)
        self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        """What the window does."""
        while True:
            self.audience.tell(figures(self.statistics))
            await asyncio.sleep(0.5)

    async def _press(self, pages: list[Page]) -> None:
        for page in pages:
            await self._click(page, "#send")
        await self._all(pages[-1:], f"{STATE} === 'sent'", "that it is on its way")
        await self._all(pages[-1:], "document.getElementById('doing').textContent !== 'on its way'", "what it is at")
        await self._shoot(pages[-1], "sent")
        done = f"{STATE} === 'back' && document.getElementById('keys').children.length > 0"
        await self._all(pages, done, "the answer and where its time went")

    async def _lines(self, pages: list[Page]) -> str:
        """Every request of a phone lies on the line with its number, and the server knew it."""
        batches = list(self.stage.batches)
        gateway = {one.number for batch in batches for one in batch.processes if one.role is Role.GATEWAY}
        tracks = {one.number: one for batch in batches for one in batch.tracks}
        for trip in self.audience.trips:
            if trip.request >> PROCESS_SHIFT not in gateway or trip.status != 200:
                raise Failed(f"{trip} is no good request of the gateway's")
            mine = [batch.spans[batch.spans["request"] == trip.request] for batch in batches]
            lanes = {tracks[int(number)] for rows in mine for number in rows["track"][rows["kind"] == Kind.PIECE]}
            wanted = {(TrackKind.LANE, str(trip.number), GROUP)}
            if {(lane.kind, lane.name, tracks[lane.parent].name) for lane in lanes} != wanted:
                raise Failed(f"phone {trip.number}'s request lies on {lanes}")
            if not any((rows["kind"] == Kind.REQUEST).any() for rows in mine):
                raise Failed(f"the server did not know phone {trip.number}'s request")
        if (count := len({trip.number for trip in self.audience.trips})) != PHONES:
            raise Failed(f"{count} phones have a request in the records")
        trips = {str(trip.number): trip for trip in self.audience.trips}
        for page in pages:
            trip = trips[await self._ask(page, "document.getElementById('number').textContent")]
            shown = float(await self._ask(page, "document.getElementById('total').textContent"))
            if abs(shown - (trip.end - trip.start) / 1e9) > 0.051:
                raise Failed(f"phone {trip.number} shows {shown} s for {trip}")
        slowest = max((trip.end - trip.start) / 1e9 for trip in self.audience.trips)
        return f"{PHONES} phones' requests on their own lines, the slowest took {slowest:.1f} s"

    async def _vote(self, pages: list[Page]) -> str:
        choices = ("1 s", "2.5 s", "3 s", "100 s")
        self.audience.ask(Ballot(QUESTION, choices, ("", "a steady flow", "in waves", "one after another")))
        await self._all(pages, f"{STATE} === 'vote'", "the question")
        for at, page in enumerate(pages):
            await self._click(page, f".option:nth-child({at % 4 + 1})")
        await self._until(lambda: self.audience.votes.total == PHONES, "all votes")
        if self.audience.votes.counts != (8, 8, 7, 7):
            raise Failed(f"the votes were counted as {self.audience.votes.counts}")
        chosen = "[...document.querySelectorAll('[aria-checked=true]')].length === 1"
        await self._all(pages, chosen, "each phone's own answer")
        await self._shoot(pages[0], "vote")
        self.audience.ask(Ballot("How long does the last one wait?", unit="s", low=0, high=10))
        await self._all(pages[:1], "!document.getElementById('figure').hidden", "a number")
        await self._shoot(pages[0], "number")
        self.audience.lock()
        await self._all(pages, f"{STATE} === 'back'", "the end of the vote")
        return "all votes counted"

    async def _too_fast(self, page: Page) -> None:
        """Nobody can press so fast with a finger; a script on somebody's phone can."""
        base = "new URL('.', document.scripts[0].src)"
        body = "JSON.stringify({phone: history.state.phone, answer: 1})"
        post = f"fetch(new URL('vote', {base}), {{method: 'POST', body: {body}}}).then(answer => answer.status)"
        if 429 not in await self._ask(page, f"Promise.all(Array.from({{length: 40}}, () => {post}))"):
            raise Failed("a phone may do forty things at once")
        await self._all([page], f"{STATE} === 'wait'", "One moment")
        await self._shoot(page, "wait")
        await self._all([page], f"{STATE} !== 'wait'", "its end")

    async def _lose(self, page: Page) -> None:
        """The laptop is silent for a while, as in a dead corner of the room."""
        pid = next(one.pid for batch in self.stage.batches for one in batch.processes if one.role is Role.GATEWAY)
        number = await self._ask(page, "document.getElementById('number').textContent")
        os.kill(pid, signal.SIGSTOP)
        try:
            await self._all([page], "document.querySelector('.live.lost') !== null", "that it looks for the laptop")
            if await self._ask(page, STATE) != "back":
                raise Failed("without the laptop the last state is gone")
            await self._shoot(page, "lost")
        finally:
            os.kill(pid, signal.SIGCONT)
        await self._all([page], "document.querySelector('.live.on') !== null", "the laptop")
        if await self._ask(page, "document.getElementById('number').textContent") != number:
            raise Failed("a phone that was away came back under another number")

    async def _charts(self, pages: list[Page]) -> str:
        drawn = "document.getElementById('rates').getAttribute('points').split(' ').filter(one => one).length > 3"
        said = "!document.getElementById('rate').textContent.startsWith('–')"

        await self._all(pages, f"{drawn} && {said}", "the charts")
        await self._shoot(pages[0], "charts")
        await self._shoot(pages[0], "small", SMALL)
        rate = await self._ask(pages[0], "document.getElementById('rate').textContent")
        return f"charts on all, {rate} answers a second"

    def _clean(self, pages: list[Page]) -> None:
        for page in pages:
            if elsewhere := page.evaluate(ELSEWHERE):
                raise Failed(f"a page asks for {elsewhere}")
            # That the laptop was away, and that a script of ours was too fast or too late, the browser notes by itself.
            noted = [one for one in page.logged if not any(known in one for known in KNOWN)]
            if page.said or noted:
                raise Failed(f"the console says: {[*page.said, *noted]}")

    # -- help ----------------------------------------------------------------------------------------------------------

    async def _shoot(self, page: Page, name: str, size: tuple[int, int] = SIZE) -> None:
        def shoot() -> None:
            metrics = {"deviceScaleFactor": 2, "mobile": False}
            page.call("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], **metrics)
            for scheme in ("light", "dark"):
                page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
                page.shoot(self.folder / f"{name}-{scheme}.png")
            if page.evaluate(TOO_SMALL):
                raise Failed(f"in {name} something to press is smaller than 60 px")
            if page.evaluate(TOO_WIDE):
                raise Failed(f"{name} is wider than the phone")
            page.call("Emulation.setDeviceMetricsOverride", width=SIZE[0], height=SIZE[1], **metrics)

        await self._on(shoot)

    async def _click(self, page: Page, selector: str) -> None:
        def click() -> None:
            page.evaluate(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
            x, y = page.evaluate(MIDDLE % selector)
            page.click(x, y)

        await self._on(click)

    async def _all(self, pages: list[Page], script: str, what: str) -> None:
        for page in pages:
            try:
                await self._on(partial(page.wait_for, script, what, LIMIT_S))
            except AssertionError as error:
                raise Failed(str(error)) from None

    async def _ask(self, page: Page, script: str) -> Any:
        return await self._on(lambda: page.evaluate(script))

    async def _on(self, work: Callable[[], Any]) -> Any:
        """On a thread, so that the session's loop goes on meanwhile."""
        return await asyncio.to_thread(work)

    async def _until(self, condition: Callable[[], object], what: str) -> None:
        try:
            async with asyncio.timeout(LIMIT_S):
                while not condition():
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Failed(f"waited in vain for {what}") from None
