"""What is asked of hosts, and how their clocks are followed; loads on real hosts are in the integration tests."""

import pytest

from explorer.cluster.clocks import Offset
from explorer.supervise.hosts import fleet
from explorer.supervise.hosts.carried import absent_packages
from explorer.supervise.hosts.places import Place

PLACE = Place("10.0.0.2", "tcp://10.0.0.2:1", "w2")
TEN_S = 10_000_000_000


def test_packages_that_are_not_there_are_named() -> None:
    assert absent_packages()(["numpy", "no_such_package_at_all"]) == ["no_such_package_at_all"]


@pytest.mark.parametrize(
    ("found", "taken"),
    [
        (Offset(700, 300_000), True),
        (Offset(900_000, 700_000), True),  # worse, but after ten seconds the old one is no better
        (Offset(700, 900_000), False),
    ],
)
async def test_a_clock_is_followed_unless_the_answer_is_worse_than_its_drift(
    monkeypatch: pytest.MonkeyPatch, found: Offset, taken: bool
) -> None:
    async def measured(*_: object) -> Offset:
        return found

    known = Offset(500, 300_000)
    monkeypatch.setattr(fleet, "measure_worker", measured)
    assert await fleet.offset_again(None, PLACE, known, TEN_S) == (found if taken else known)


async def test_a_host_that_does_not_answer_keeps_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(*_: object) -> Offset:
        raise OSError("connection refused")

    known = Offset(500, 300_000)
    monkeypatch.setattr(fleet, "measure_worker", gone)
    assert await fleet.offset_again(None, PLACE, known, TEN_S) is known
