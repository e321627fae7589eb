"""A lab that stands still: `python -m tests.full.isolation_held SCENARIO STEPS` with the target in LAB_URL runs so many
steps, says `held`, and waits to be killed.
"""

import asyncio
import os
import sys

from explorer.labs.isolation.lab import IsolationLab
from explorer.labs.isolation.levels import USUAL
from explorer.labs.isolation.library import named
from explorer.labs.isolation.target import Target


async def main(name: str, steps: int) -> None:
    """Run them and wait."""
    target = Target(os.environ["LAB_URL"])
    lab = IsolationLab(target)
    await lab.start()
    await lab.begin(named(name), USUAL[target.kind])
    await lab.advance(steps)
    print("held", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
