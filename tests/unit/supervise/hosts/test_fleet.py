"""What is asked of hosts, and how their clocks are followed; loads on real hosts are in the integration tests."""

from typing import Any, cast

import pytest

from explorer.cluster.boarding import Boarding
from explorer.cluster.clocks import Clocks, Offset
from explorer.option_error import OptionError
from explorer.supervise.hosts import fleet
from explorer.supervise.hosts.carried import absent_packages
from explorer.supervise.hosts.places import Place

PLACE = Place("10.0.0.2", "tcp://10.0.0.2:1", "w2")


def test_packages_that_are_not_there_are_named() -> None:
    assert absent_packages()(["numpy", "no_such_package_at_all"]) == ["no_such_package_at_all"]


async def test_a_host_that_does_not_tell_its_clock_is_named() -> None:
    class Silent:
        async def measure(self, workers: object) -> dict[str, Offset]:
            return {}

    with pytest.raises(OptionError, match="The host w2 did not answer within 2 s") as caught:
        await fleet.offsets(cast(Clocks, Silent()), [PLACE], "load.cluster")

    assert caught.value.where == "load.cluster"


class Scheduler:
    """Knows one worker, elsewhere and without TLS."""

    async def identity(self, n_workers: int) -> dict[str, Any]:
        """Tell of it."""
        return {"workers": {PLACE.worker: {"name": PLACE.name}}}


class Client:
    """A client of that scheduler which cannot ask workers anything."""

    scheduler = Scheduler()


async def test_a_host_without_tls_is_asked_nothing() -> None:
    client = Client()
    with pytest.raises(OptionError, match=f"its worker {PLACE.worker} is only used with TLS"):
        await fleet.find(client, "load.cluster", Boarding(client, "holder"), embedded=False)


class Fleet:
    """A fleet of two hosts whose loads are ready, without any; the test says what time it is and what is heard."""

    def __init__(self) -> None:
        self.now = 100.0
        self.heard: list[tuple[int, dict[str, Any]]] = []
        places = [PLACE, Place("10.0.0.3", "tcp://10.0.0.3:1", "w3")]
        self.fleet = fleet.Fleet(None, places, "topic", lambda *said: self.heard.append(said), lambda: self.now)
        for number in (0, 1):
            self.say(number, "ready")

    def say(self, number: int, kind: str, **fields: Any) -> None:
        self.fleet._event((0.0, {"host": number, "message": {"type": kind, **fields}}))

    def look_for(self, seconds: float, *alive: int) -> None:
        for _ in range(round(seconds / 0.5)):
            self.now += 0.5
            for number in alive:
                self.say(number, "alive")
            self.fleet.look()


async def test_a_host_that_falls_silent_has_gone_and_is_told_so_once() -> None:
    stage = Fleet()
    stage.look_for(4.5, 0)
    assert stage.fleet.living == [0, 1]
    stage.look_for(10, 0)
    assert stage.fleet.living == [0]
    assert stage.heard == [(1, {"type": "gone", "why": "nothing was heard of it for 5 s"})]
    stage.say(1, "event", event="load")
    assert len(stage.heard) == 1, "what a host says after that is not counted"


async def test_who_has_slept_does_not_take_the_hosts_for_dead() -> None:
    stage = Fleet()
    stage.now += 3_600
    stage.fleet.look()
    stage.look_for(2, 0, 1)
    assert stage.fleet.living == [0, 1]


async def test_a_load_that_ends_by_itself_is_told_with_its_last_words() -> None:
    stage = Fleet()
    stage.say(0, "gone", status=-9, words="Killed")
    assert stage.heard == [(0, {"type": "gone", "why": "its load ended with status -9 (Killed)"})]
    assert stage.fleet.living == [1]
