"""The load process: a child of the session that sends the requests, in a process that shares no GIL with the server.

It joins the run like every observed process, begins when it is told to (`begin`, or `start` in the configuration),
and reports ten times a second over the control channel. Messages to it: `set` (live knobs), `send` (single requests),
`begin`, `end`, `hold` and `release` (nothing is sent in between; the event `held` says so, as soon as what was sent
before is over or `QUIET_S` have passed), `stop`. `begin`, `set` and `release` may carry a moment `at` of this host's
clock.

One of several that send a load together has its `share` in the configuration. On a host where there is no run to join
it has `forward`, and its records travel with its reports.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Any, Final, Protocol

from explorer.child.files import allow_many_files
from explorer.load.client import Target
from explorer.load.driver import Driver, Report
from explorer.load.event_loop import collect_seldom, new_loop
from explorer.load.forwarded import ForwardedRecords
from explorer.load.records import NoRecords, Records, RingRecords
from explorer.load.reporter import Reporter
from explorer.load.share import Share
from explorer.option_error import OptionError
from explorer.options import build
from explorer.probe.tracer import Tracer
from explorer.records.states import Role
from explorer.scenario import LoadKnobs, Phase

Message = dict[str, Any]
MOST_AT_ONCE: Final = 1_000
QUIET_S: Final = 0.3
"""What is under way when the load is to hold gets so long: a request that the old server has not accepted yet, or whose
connection it closes first, would reach the new one, which speaks otherwise."""
QUIET_LOOK_S: Final = 0.005


class Channel(Protocol):
    """What the load needs of `explorer.child.channel.Channel`."""

    def on(self, kind: str, handler: Callable[[Message], None]) -> None:
        """Call `handler` for each message of a type, from another thread."""
        ...

    def ready(self, **fields: Any) -> None:
        """Say that messages are heard from now on."""
        ...

    def applied(self, knob: str, pids: list[int]) -> None:
        """Say that a knob has changed."""
        ...

    def event(self, name: str, **fields: Any) -> None:
        """Report figures."""
        ...

    def error(self, sentence: str, where: str = "") -> None:
        """Report what went wrong."""
        ...


def prepare() -> str:
    """Make what costs time before a run: the imports above. Returns the words for this step."""
    allow_many_files()
    collect_seldom()
    return "Load imported"


def main(channel: Channel, config: Message) -> None:
    """Be the load of one run until `stop`."""
    tracer = Tracer.join(Role.LOAD, "load")
    loop = new_loop()
    reporter = Reporter(channel.event)
    try:
        if "forward" in config:
            forwarded = ForwardedRecords(int(config["forward"]["first"]), int(config["forward"]["most"]))

            def along(name: str, fields: dict[str, Any]) -> None:
                if name != "refused":  # nobody hears of it there, and spans that came along would be lost
                    reporter.put(name, forwarded.along(fields))

            _run(loop, channel, config, forwarded, along)
        else:
            records: Records = RingRecords(tracer) if tracer is not None else NoRecords()
            _run(loop, channel, config, records, reporter.put)
            records.close()
    finally:
        loop.close()
        reporter.close()
        if tracer is not None:
            tracer.close()


def _run(loop: asyncio.AbstractEventLoop, channel: Channel, config: Message, records: Records, report: Report) -> None:
    driver = Driver(
        loop,
        Target(config["host"], config["port"], config.get("token", "")),
        build("load", LoadKnobs, config["load"]),
        [build("load.phase", Phase, phase) for phase in config.get("phases", [])],
        config.get("paths") or [["/job", 1.0, "http"]],
        records,
        report,
        share=Share(*config.get("share", (0, 1))),
    )
    stop = asyncio.Event()
    commands = _commands(driver, channel, stop.set)
    for kind, command in commands.items():
        channel.on(kind, _on_loop(loop, command))
    loop.call_soon(driver.start)
    if config.get("start"):
        loop.call_soon(driver.begin)
    channel.ready(pids=[os.getpid()])
    loop.run_until_complete(stop.wait())
    driver.stop()
    # Aborted connections and cancelled attempts are told so in the loop's next turns.
    loop.run_until_complete(asyncio.sleep(0.01))


def _commands(driver: Driver, channel: Channel, stop: Callable[[], object]) -> dict[str, Callable[[Message], object]]:
    def change(message: Message) -> None:
        at = int(message.get("at", 0))
        driver.later(at, lambda: change_now(message["values"], at))

    def change_now(values: dict[str, Any], at: int) -> None:
        try:
            names = driver.change(values, at)
        except OptionError as error:
            channel.error(str(error), error.where)
            return
        for name in names:
            channel.applied(f"load.{name}", [os.getpid()])

    def hold(message: Message) -> None:
        driver.client.hold()
        say_held(driver.client.loop.time() + QUIET_S)

    def say_held(by: float) -> None:
        client = driver.client
        if client.under_way and client.loop.time() < by:
            client.loop.call_later(QUIET_LOOK_S, say_held, by)
        else:
            channel.event("held")

    def send(message: Message) -> None:
        driver.send(min(int(message.get("count", 1)), MOST_AT_ONCE), str(message.get("path", "/job")))

    return {
        "set": change,
        "send": send,
        "begin": lambda message: driver.begin(int(message.get("at", 0))),
        "end": lambda message: driver.end(),
        "hold": hold,
        "release": lambda message: driver.later(int(message.get("at", 0)), driver.client.release),
        "stop": lambda message: stop(),
    }


def _on_loop(loop: asyncio.AbstractEventLoop, command: Callable[[Message], object]) -> Callable[[Message], None]:
    def handler(message: Message) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(command, message)

    return handler
