"""The lab's child: it opens the database, and then runs what it is told to.

Messages `begin {serial, schedule, level}`, `advance {serial, steps, pace}`, `finish {serial}` and `close {serial}` are
each answered by an event `done {serial}`, or `refused {serial, sentence}`; before that come the events of
`Trace.apply`, with the `run` that they belong to (the serial of its `begin`). `pause {serial}` ends an `advance` after
its present step.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from explorer.child.channel import Channel, Message
from explorer.labs.isolation.check import Wrong, check_run
from explorer.labs.isolation.child.keeper import Keeper
from explorer.labs.isolation.child.mailbox import Mailbox
from explorer.labs.isolation.child.runner import Run
from explorer.labs.isolation.child.spans import Spans
from explorer.labs.isolation.child.wire import facts_as_json, schedule_from_json
from explorer.labs.isolation.engines.engine import Engine, Lost
from explorer.labs.isolation.engines.find import engine_for
from explorer.labs.isolation.engines.place import nobody_keeps
from explorer.labs.isolation.target import Target
from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.server import tracing

LOOK_S: Final = 0.5
ORDERS: Final = ("begin", "advance", "finish", "close")


def main(channel: Channel, config: Message) -> None:
    """Serve until told to stop. `config`: `url`, `journal`, `embedded`, `scratch`; `run` if it is to be observed."""
    tracing.log_everything()
    tracer = tracing.join(Role.LAB, "isolation lab") if "run" in config else None
    mailbox = Mailbox()
    for kind in ORDERS:
        channel.on(kind, mailbox.order)
    channel.on("pause", lambda message: mailbox.pause(message["serial"]))
    channel.on("stop", mailbox.order)
    target = Target(config["url"], config["journal"])
    embedded = config["embedded"]
    keeper = Keeper() if target.kind != "sqlite" and not embedded else None
    keep = keeper.keep if keeper is not None else nobody_keeps
    engine = engine_for(target, Path(config["scratch"]), mailbox.wake, keep, embedded=embedded)
    try:
        channel.ready(facts=facts_as_json(engine.open()))
        _Lab(channel, engine, mailbox, Spans(tracer)).serve()
        if keeper is not None:
            keeper.release()
    finally:
        if tracer is not None:
            tracer.close()


class _Lab:
    def __init__(self, channel: Channel, engine: Engine, mailbox: Mailbox, spans: Spans) -> None:
        self._channel, self._engine, self._mailbox, self._spans = channel, engine, mailbox, spans
        self._run: Run | None = None
        self._serial = 0
        self._closed = False

    def serve(self) -> None:
        """Carry out one order after the other until `stop` comes."""
        orders = self._mailbox.orders
        while True:
            while not orders:
                one = self._mailbox.take(LOOK_S)
                if one is not None and self._run is not None:
                    self._run.take(one)
                elif one is None and not self._closed:
                    self._engine.look()
            message = orders.popleft()
            if message["type"] == "stop":
                self._close()
                return
            self._carry_out(message)

    def _carry_out(self, message: Message) -> None:
        kind, serial = message["type"], message["serial"]
        if kind != "advance":
            self._mailbox.abandon.clear()
        try:
            if kind == "begin":
                self._begin(message)
            elif kind == "close":
                self._close()
            elif self._run is None:
                raise OptionError("Nothing was begun yet.")
            elif kind == "finish":
                self._run.finish()
            else:
                paused = lambda: self._mailbox.paused >= serial  # noqa: E731
                self._run.advance(message["steps"], message["pace"], paused)
        except OptionError as error:
            self._channel.event("refused", serial=serial, sentence=str(error))
        else:
            self._channel.event("done", serial=serial)

    def _begin(self, message: Message) -> None:
        self._end_run()
        self._serial = serial = message["serial"]

        def tell(event: Mapping[str, Any]) -> None:
            self._channel.send("event", run=serial, **event)

        schedule = schedule_from_json(message["schedule"])
        try:
            check_run(schedule)
        except Wrong as wrong:
            raise wrong.told() from None
        self._run = Run(self._engine, schedule, message["level"], self._mailbox, self._spans, tell)

    def _end_run(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            run.close()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            try:
                self._end_run()
            except Lost:  # removing the place ends what hangs
                pass
            self._engine.close()
