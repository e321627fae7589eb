"""Drives the load of one run: begins, changes while it goes on, sends single requests beside it, ends.

Four modes: users (closed loop), rate and poisson (open loop), burst (so many at once). A heartbeat of `BEAT_S`
lets users come and go, gives up what has timed out, notices the end, and every `REPORT_NS` reports what was
counted. The heartbeat is a timer of the loop: nothing that runs here keeps the loop for longer than one slice of work.

The load ends when it is told to, when its `duration` is over, or when a burst is answered. From then on nothing is
sent, also not what was due and waited in the client; answers under way get a moment, then the totals are reported.
Requests without an answer are in no other count than `unanswered`: sent = ok + failed + timed_out + unanswered.

Where several hosts send one load, knobs speak of the whole and `share` says which part is sent here; what begins or
changes at a given moment does so on all of them.
"""

import asyncio
import heapq
import itertools
import sys
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

from explorer.load import failures
from explorer.load.arrivals import Arrivals, Pacer
from explorer.load.burst import Burst
from explorer.load.client import Client, Target
from explorer.load.pool import Pool
from explorer.load.profile import Profile, Step
from explorer.load.records import Records
from explorer.load.routes import PLAIN, Asked, Choice, Route
from explorer.load.schedule import chance, planned
from explorer.load.share import WHOLE, Share
from explorer.load.tally import Tally
from explorer.load.users import Crowd
from explorer.load.wake.waker import Waker, waker
from explorer.options import build, extra
from explorer.records.clock import Clock, now_ns
from explorer.scenario import LoadKnobs, Phase

BEAT_S: Final = 0.01
REPORT_NS: Final = 100_000_000
DRAIN_S: Final = 10.0
"""So long answers are awaited after the load's own end (its duration is over)."""
STOP_DRAIN_S: Final = 0.4
"""So long they are awaited when it was told to end: half a second is promised."""

CATCH_UP_S: Final = 1.0
"""So long requests that were due before the end of the duration may still be sent."""
MOST_UNDER_WAY: Final = 100_000
"""Requests of a rate that wait in the client or at the server; what comes on top fails instead of filling memory."""

Report = Callable[[str, dict[str, Any]], None]
"""Called with the name of an event (`load`, `load_total`; `refused` once) and its fields."""
Paths = Sequence[Sequence[Any]]
"""Each path with its share, what is spoken there (`http`, `websocket` or `sse`), and, if it is more than a GET, what
else makes the request, see `Asked.of`.
"""


class Driver:
    """The load of one run. All methods are called on the loop's thread."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        target: Target,
        knobs: LoadKnobs,
        phases: Sequence[Phase],
        paths: Paths,
        records: Records,
        report: Report,
        *,
        share: Share = WHOLE,
        clock: Clock = now_ns,
    ) -> None:
        """A load that has not begun; `start` makes it live."""
        self._loop = loop
        self._target = target
        self._knobs = knobs
        self._first = knobs  # as they were at the beginning; seed and ramp count from there
        self._phases = tuple(phases)
        self._records = records
        self._report = report
        self._share = share
        self._clock = clock
        self.tally = Tally()
        self._random_paths, self._random_pauses = Random(), Random()
        self.client = Client(loop, target, self._choice(paths), self.tally, records, clock=clock)
        self._shared = Pool(self.client, self._most_connections(knobs))
        self._crowd = Crowd(self.client, self._random_pauses, knobs.think_time)
        self._profile = Profile()
        self._arrivals: Arrivals | None = None
        self._pacer: Pacer | None = None
        self._waker: Waker | None = None
        self._burst: Burst | None = None
        self._begun = 0  # when the load began; 0 = it has not, or it has ended
        self._drained_by = 0  # while answers are awaited: until when
        self._unanswered = 0  # requests that were given up when the load ended
        self._reported = self._report_due = clock()
        self._later: list[tuple[int, int, Callable[[], object]]] = []  # a heap: when, which in order of arrival, what
        self._turns = itertools.count()
        self._alarm: asyncio.TimerHandle | None = None
        self._idle_reports = 1
        self._told_refusal = False
        self._heart: asyncio.TimerHandle | None = None
        self._seed()
        self._apply_plain()

    # -- what the control channel asks for --------------------------------------------------------------------------

    def start(self) -> None:
        """Let the heartbeat begin; nothing is sent before `begin` or `send`."""
        self._beat()

    def begin(self, at: int = 0) -> None:
        """Begin the load, counting from zero; `at` is when (ns), if not now."""
        if self._begun or self._drained_by:
            return
        if at > self._clock():
            self.later(at, lambda: self.begin(at))
            return
        now = at or self._clock()
        self._say_interval(self._clock())
        self._reported = now
        self._report_due = now + REPORT_NS
        self.tally.restart(self.client.in_flight)
        self._unanswered = 0
        self._begun = now
        self._first = self._knobs
        self._seed()
        self._set_off(now)

    def end(self) -> None:
        """Send nothing more, await answers for `STOP_DRAIN_S`, then report the totals."""
        self._forget_later()
        if self._begun or self._drained_by:
            self._finish(STOP_DRAIN_S)

    def change(self, values: dict[str, Any], at: int = 0) -> list[str]:
        """Take over changed knobs (also `phases`, `paths`, `target`: host and port); returns what counts from now on.

        It counts from `at` (ns) on if not from now; with `later` it also comes then. Raises `OptionError`. Seed and
        ramp are kept for the next `begin`. A new target holds for new connections; those there are end with the old
        server.
        """
        values = dict(values)
        names = list(values)
        phases, paths, target = (values.pop(key, None) for key in ("phases", "paths", "target"))
        before = self._knobs
        self._knobs = build("load", LoadKnobs, before.model_dump() | values)
        if target is not None:
            self._target = Target(str(target[0]), int(target[1]), self._target.token)
            self.client.host, self.client.port = self._target.host, self._target.port
        if paths is not None:
            self.client.choice = self._choice(paths)
            spoken = {route.speaks for route in self.client.choice.routes}
            # A stream that was cut off by the old server cannot be taken up again where nobody speaks streams.
            self._unanswered += self.client.abandon(lambda request: request.route.speaks not in spoken)
        self._apply_plain()
        if phases is not None:
            self._phases = tuple(build("load.phase", Phase, phase) for phase in phases)
        if self._begun:
            self._change_running(before, phases is not None, at or self._clock())
        fields = LoadKnobs.model_fields
        return [name for name in names if name not in fields or extra(fields[name], "effect") != "start"]

    def later(self, at: int, action: Callable[[], object]) -> None:
        """Call `action` at the moment `at` (ns), at once if it has passed; never after the end of the load.

        What is due at one moment happens in the order in which it was asked for.
        """
        heapq.heappush(self._later, (at, next(self._turns), action))
        self._do_due()

    def send(self, count: int, path: str) -> None:
        """Send this part of `count` requests at once, beside the load and whether or not it runs."""
        count = self._share.part(count)
        known = next((route for route in self.client.choice.routes if route.path == path), None)
        route = known or self._route(path, "http")
        now = self._clock()
        for _ in range(count):
            self.client.issue(self._shared, now, route=route)

    def stop(self) -> None:
        """End everything at once: close what is open, report what is left to report."""
        self._forget_later()
        if self._begun or self._drained_by:
            self._halt()
            self._total()
        self.client.abandon()
        self._say_interval(self._clock())
        self._shared.close()
        self.client.close()
        if self._pacer is not None:
            self._pacer.stop()
        if self._waker is not None:
            self._waker.close()
            self._waker = None
        if self._heart is not None:
            self._heart.cancel()
            self._heart = None

    # -- the heartbeat ----------------------------------------------------------------------------------------------

    def _beat(self) -> None:
        self._heart = self._loop.call_later(BEAT_S, self._beat)
        now = self._clock()
        self.client.expire()
        if self._begun:
            self._go_on(now)
        elif self._drained_by and (now >= self._drained_by or not self.client.in_flight):
            self._total()
        if now >= self._report_due:
            # On a fixed grid, the same for all who began together.
            self._report_due += REPORT_NS * (1 + (now - self._report_due) // REPORT_NS)
            self._say_interval(now)

    def _go_on(self, now: int) -> None:
        elapsed = (now - self._begun) / 1e9
        if self._knobs.mode == "users":
            self._crowd.resize(self._users(elapsed))
        over = self._knobs.duration > 0 and elapsed >= self._knobs.duration
        if over and self._arrivals is not None and self._arrivals.due < self._begun + self._knobs.duration * 1e9:
            # What was due in time is sent, if late: a rate of 100 for 5 s is 500 requests.
            over = elapsed >= self._knobs.duration + CATCH_UP_S
        answered = self._knobs.mode == "burst" and not (self._burst and self._burst.left) and not self.client.in_flight
        if over or answered:
            self._finish(min(DRAIN_S, self._knobs.timeout))

    def _say_interval(self, now: int) -> None:
        interval, self._reported = now - self._reported, now
        found = self.tally.interval()
        if not (self._begun or self._drained_by or found["sent"] or self.client.in_flight):
            # Nothing goes on. One empty report tells the charts so.
            self._idle_reports += 1
            if self._idle_reports > 1:
                return
        else:
            self._idle_reports = 0
        elapsed = (now - self._begun) / 1e9
        paced = self._begun and self._knobs.mode in ("rate", "poisson")
        rate = self._profile.value(elapsed) / self._share.of if paced else 0.0
        live = {"users": self._crowd.size, "rate": rate, "in_flight": self.client.in_flight}
        self._report("load", {"time": now, "interval_ns": interval, **live, **found})
        refusal = self.client.refusal
        if refusal is not None and not self._told_refusal:
            self._told_refusal = True
            self._report("refused", {"status": refusal.status, "details": refusal.body})

    # -- setting off and ending --------------------------------------------------------------------------------------

    def _set_off(self, now: int) -> None:
        """Begin in the present mode: at the beginning, or when the mode or the plan has changed."""
        knobs = self._knobs
        if knobs.mode == "burst":
            if self._burst is not None:
                self._burst.stop()
            self._burst = Burst(self.client, self._shared, self._share.part(knobs.requests), now)
            self._burst.start()
            return
        self._profile = self._planned()
        if knobs.mode == "users":
            self._crowd.resize(self._users((now - self._begun) / 1e9))
        else:
            random = chance(knobs.mode, self._first.seed, self._share)
            self._arrivals = Arrivals(self._profile, self._begun, random, now, self._share)
            self._waker = self._waker or waker(self._loop, self._clock)
            self._pacer = Pacer(self._loop, self._waker, self._arrivals, self._issue, self._clock)
            self._pacer.start()

    def _users(self, seconds: float) -> int:
        return self._share.part(round(self._profile.value(seconds)))

    def _planned(self) -> Profile:
        """Users or rate over the seconds of the load, as knobs and phases say."""
        return planned(self._knobs, self._phases, self._first.ramp)

    def _change_running(self, before: LoadKnobs, phases: bool, now: int) -> None:
        knobs = self._knobs
        at = (now - self._begun) / 1e9
        if knobs.mode != before.mode or (phases and knobs.mode != "burst"):
            self._halt()
            self._set_off(now)
        elif knobs.mode == "users" and knobs.users != before.users:
            self._profile.change(Step(at, knobs.users))
            self._crowd.resize(self._users(at))
        elif knobs.mode in ("rate", "poisson") and knobs.rate != before.rate and self._arrivals and self._pacer:
            self._arrivals.change(Step(at, knobs.rate), now)
            self._pacer.start()
        elif knobs.mode == "burst" and knobs.requests != before.requests:
            self._set_off(now)

    def _halt(self) -> None:
        """Issue nothing more; users leave after their present request."""
        if self._pacer is not None:
            self._pacer.stop()
            self._pacer = self._arrivals = None
        if self._burst is not None:
            self._burst.stop()
            self._burst = None
        self._crowd.resize(0)

    def _finish(self, within: float) -> None:
        self._begun = 0
        self._halt()
        self.client.forget_held()
        waiting = {request.number for request in self._shared.waiting()}
        self._unanswered += self.client.abandon(lambda request: request.number in waiting)
        by = self._clock() + round(within * 1e9)
        self._drained_by = min(by, self._drained_by) if self._drained_by else by

    def _total(self) -> None:
        """Give up what is left and report the totals."""
        self._begun = self._drained_by = 0
        unanswered = self._unanswered + self.client.abandon()
        now = self._clock()
        self._say_interval(now)
        self._report("load_total", {"time": now, "unanswered": unanswered, **self.tally.totals()})

    # -- sending -------------------------------------------------------------------------------------------------------

    def _issue(self, due: int) -> None:
        if self._knobs.duration and due >= self._begun + self._knobs.duration * 1e9:
            return
        if self.client.in_flight < MOST_UNDER_WAY:
            self.client.issue(self._shared, due)
        else:
            self.client.refuse(failures.TOO_MANY)

    # -- knobs that need no more than to be stored -------------------------------------------------------------------

    def _apply_plain(self) -> None:
        knobs = self._knobs
        self.client.timeout_ns = round(knobs.timeout * 1e9)
        self.client.keep_alive = knobs.keep_alive
        self.client.message_bytes = knobs.message_bytes
        self._shared.resize(self._most_connections(knobs))
        self._crowd.think(knobs.think_time)

    def _most_connections(self, knobs: LoadKnobs) -> int:
        return max(1, self._share.part(knobs.connections))

    def _choice(self, paths: Paths) -> Choice:
        routes = [self._route(path, speaks, Asked.of(more[0]) if more else PLAIN) for path, _, speaks, *more in paths]
        return Choice(routes, [share for _, share, *_ in paths], self._random_paths)

    def _seed(self) -> None:
        self._random_paths.seed(self._share.seed(self._knobs.seed, "paths"))
        self._random_pauses.seed(self._share.seed(self._knobs.seed, "think"))

    def _do_due(self) -> None:
        """Do what is due. A timer of the loop may be up to a millisecond early: then it is set again."""
        try:
            while self._later and self._later[0][0] <= self._clock():
                heapq.heappop(self._later)[2]()
        finally:
            self._silence()
            if self._later:
                left = (self._later[0][0] - self._clock()) / 1e9
                self._alarm = self._loop.call_later(max(left, 0.0005), self._do_due)

    def _forget_later(self) -> None:
        self._later.clear()
        self._silence()

    def _silence(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _route(self, path: str, speaks: str, asked: Asked = PLAIN) -> Route:
        target, number = self._target, self._records.name(sys.intern(asked.name_of(path, speaks)))
        return Route(path, target.host, target.port, target.token, number, speaks, asked)
