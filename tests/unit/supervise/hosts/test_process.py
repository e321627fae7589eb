"""What the session is told of what hosts say one by one, without any hosts."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest

from explorer.child.channel import Channel
from explorer.cluster.clocks import Clocks, Offset
from explorer.supervise.hosts.places import Place
from explorer.supervise.hosts.process import Bridge

PLACES = [Place(f"10.0.0.{number}", f"tls://10.0.0.{number}:1", f"w{number}") for number in (1, 2, 3)]


class Said:
    """A channel that keeps what is said, but for the end of hosts."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def event(self, name: str, /, **fields: Any) -> None:
        """Keep it."""
        if name != "host_ended":
            self.told.append(name)

    def applied(self, knob: str, pids: list[int]) -> None:
        """Keep it."""
        self.told.append(f"applied {knob}")


class Stage:
    """A bridge to three hosts whose loads are ready; the test says what they say."""

    def __init__(self) -> None:
        self.said = Said()
        config = {"load": {"mode": "rate"}}
        offsets = [Offset(0, 0)] * len(PLACES)
        self.bridge = Bridge(cast(Channel, self.said), config, None, PLACES, Clocks(None), offsets, None)
        for number in range(len(PLACES)):
            self.say(number, type="ready")

    def say(self, number: int, **message: Any) -> None:
        """As the host's load does."""
        self.bridge._fleet._event((0.0, {"host": number, "message": message}))


HELD = {"type": "event", "event": "held"}
APPLIED = {"type": "applied", "knob": "load.rate"}


@pytest.mark.parametrize(("word", "told"), [(HELD, "held"), (APPLIED, "applied load.rate")])
async def test_a_word_is_told_when_the_host_that_it_waited_for_has_gone(word: dict[str, Any], told: str) -> None:
    stage = Stage()
    stage.say(0, **word)
    stage.say(1, **word)
    assert stage.said.told == []

    stage.say(2, type="gone", status=1)

    assert stage.said.told == [told]
    # What was said then counts no more the next time.
    stage.say(0, **word)
    assert stage.said.told == [told]
    stage.say(1, **word)
    assert stage.said.told == [told, told]


async def test_a_word_waits_for_all_who_live() -> None:
    stage = Stage()
    stage.say(0, **HELD)
    stage.say(1, type="gone", status=1)
    assert stage.said.told == []
    stage.say(2, **HELD)
    assert stage.said.told == ["held"]


async def test_a_release_is_due_behind_what_was_set_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    passed_on: list[Mapping[int, dict[str, Any]]] = []

    async def tell(messages: Mapping[int, dict[str, Any]]) -> None:
        passed_on.append(messages)

    monkeypatch.setattr(stage.bridge._fleet, "tell", tell)
    passing = asyncio.ensure_future(stage.bridge._pass_on())
    stage.bridge.take({"type": "set", "section": "load", "values": {"paths": [["/echo", 1.0, "websocket"]]}})
    stage.bridge.take({"type": "release"})
    async with asyncio.timeout(10):
        while len(passed_on) < 2:
            await asyncio.sleep(0)
    passing.cancel()
    changed, released = passed_on
    for number in range(len(PLACES)):
        assert changed[number]["at"] <= released[number]["at"]
