"""What is planted in a part of real requests is found in that part.

That it is found nowhere else is asked where nobody else uses the machine (`tests.full`), and with records that are
written by hand (`tests/unit/analysis`). Here a plant is tried until the request without it came through undisturbed.
"""

from explorer.analysis.critical_path import PathPart
from explorer.records.states import Kind
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


async def test_20_ms_in_each_part_in_turn() -> None:
    async with asker() as one:
        missed = {}
        for name, (part, plant) in PLANTS.items():
            if part is PathPart.GIL and not one.stage.count(Kind.THREAD_STATE):
                continue  # nobody may look at threads from outside here
            grown = await found(one, part, plant)
            if grown:
                missed[name] = grown
    assert missed == {}
