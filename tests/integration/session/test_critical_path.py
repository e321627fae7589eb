"""What is planted in a part of real requests is found in that part.

That it is found nowhere else is asked where nobody else uses the machine (`tests.full`), and with records that are
written by hand (`tests/unit/analysis`). Here a plant is tried until the request without it came through undisturbed.
"""

from explorer.analysis.critical_path import PathPart
from explorer.records.sampling import PERIOD
from explorer.session.events import Warned
from tests.planted import PLANTED_MS, PLANTS, Asker, Plant, asker, try_plant

TRIES = 12


async def found(one: Asker, part: PathPart, plant: Plant) -> list[float]:
    """How much the part has grown (ms) in each of so many tries; empty if it was by what was planted at last."""
    grown = []
    for _ in range(TRIES):
        grown.append((await try_plant(one, plant, 1))[part.name])
        if grown[-1] >= 0.75 * PLANTED_MS:
            return []
    return grown


async def watched(one: Asker) -> bool:
    """Wait until the server's threads are looked at more often than what is planted takes; False if nobody may."""

    def period() -> float:
        series = [one.store.counters.get(track.number) for track in one.stage.tracks.values() if track.name == PERIOD]
        return min((float(each.values[-1]) for each in series if each), default=1e9)

    def refused() -> bool:
        return any(warned.where == "server.sampling" for warned in one.stage.said(Warned))

    await one.stage.until(lambda: period() < PLANTED_MS or refused(), what="looks at the threads")
    return not refused()


async def test_20_ms_in_each_part_in_turn() -> None:
    async with asker() as one:
        missed = {}
        seen = await watched(one)
        for name, (part, plant) in PLANTS.items():
            if part is PathPart.GIL and not seen:
                continue
            grown = await found(one, part, plant)
            if grown:
                missed[name] = grown
    assert missed == {}
