"""A thousand damaged copies of a real run's recording: each opens as far as it is whole or says one sentence.

None ends the process that reads it, none takes longer than `PATIENCE_S`, and none more than twice the memory of the
healthy one.
"""

import asyncio
import json
import selectors
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from explorer.catalog import Catalog
from explorer.scenario import assign, default
from explorer.session import events
from explorer.session.session import Session
from tests import damaged
from tests.full.outcome import ROOT, Failed

COPIES = 1_000
PATIENCE_S = 30
MOST_MEMORY = 2
SETTINGS = ("dispatch.id=coroutine", "workload.seconds=0.002", "load.mode=rate", "load.rate=200", "load.duration=3")


def run() -> str:
    """Record, damage, read; how many opened, how many said a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        healthy = Path(folder)
        asyncio.run(_record(healthy))
        most = MOST_MEMORY * max(damaged.read(healthy / name, None, None).peak for name in (damaged.RUN, damaged.FILE))
        readings = _read_all(healthy)
        larger = [reading for reading in readings if reading["peak"] > most]
        faulty = [reading for reading in readings if reading["fault"]]
        said = [reading for reading in readings if reading["sentence"]]
        if larger or faulty:
            first = (faulty or larger)[0]
            raise Failed(
                f"{len(faulty)} of {COPIES:,} went wrong, {len(larger)} took more than {most / 1e6:.0f} MB, of which "
                f"the first: {first['damage']}: {first['fault'][:300] or first['peak']}"
            )
    longest = max(reading["seconds"] for reading in readings)
    return (
        f"{len(readings):,} damaged copies: {len(readings) - len(said):,} opened, {len(said):,} said one sentence, the "
        f"longest took {longest:.1f} s, the largest {max(r['peak'] for r in readings) * MOST_MEMORY / most:.2f} of the "
        "healthy one's memory"
    )


async def _record(healthy: Path) -> None:
    """A real run of three seconds, as its folder and as a file."""
    ended = asyncio.Event()

    def heard(event: events.Event) -> None:
        if isinstance(event, events.LoadEnded | events.Died | events.Failed):
            ended.set()

    catalog = Catalog()
    session = Session(catalog, heard, [])
    try:
        await session.start(assign(catalog, default(catalog), SETTINGS))
        await asyncio.wait_for(ended.wait(), 60)
        await session.stop()
        await session.save(healthy / damaged.FILE)
        kept = ("run.json", "events.jsonl", "*.arrow", "*.arrows")
        (healthy / damaged.RUN).mkdir()
        for path in {path for pattern in kept for path in session.run.glob(pattern)}:
            shutil.copyfile(path, healthy / damaged.RUN / path.name)
    finally:
        await session.stop()
        session.discard()


def _read_all(healthy: Path) -> list[dict[str, Any]]:
    """Read all copies in processes of their own; one that ends or stands still fails, with the copy that it read."""
    command = [sys.executable, "-m", "tests.damaged", str(healthy), "0", str(COPIES)]
    reading = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, bufsize=0)  # nothing may wait in a buffer
    with reading as reader, selectors.DefaultSelector() as waiting:
        assert reader.stdout is not None
        waiting.register(reader.stdout, selectors.EVENT_READ)
        lines: list[dict[str, Any]] = []
        try:
            while waiting.select(PATIENCE_S):
                line = reader.stdout.readline()
                if not line:
                    break
                lines.append(json.loads(line))
            else:
                raise Failed(f"nothing came for {PATIENCE_S} s while it read {lines[-1] if lines else 'the first'}")
        finally:
            reader.kill()
    found = [line for line in lines if "fault" in line]
    if len(found) < COPIES:
        raise Failed(f"the process ended while it read {lines[-1] if lines else 'the first'}")
    return found
