"""Environments to build in: each holds what its lock files say and nothing else, so that what happens to be installed
for development neither travels along nor changes what is built.
"""

import hashlib
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from builder.tools import PACKAGING, fresh, run, say, work

RUNTIME = PACKAGING / "requirements.lock"
FREEZE = (RUNTIME, PACKAGING / "requirements-build.lock")
PUBLISH = (PACKAGING / "requirements-publish.lock",)


def ready(name: str, locks: Sequence[Path]) -> Path:
    """The interpreter of the environment `name`, kept from build to build while its locks and this Python stay."""
    place = work("environments") / name
    said = "".join(lock.read_text("utf-8") for lock in locks) + sys.version
    stamp, wanted = place / "stamp", hashlib.sha256(said.encode()).hexdigest()
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    say(f"making an environment to {name} in")
    fresh(place)
    venv.create(place, with_pip=True)
    for lock in locks:
        run([python, "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", lock])
    stamp.write_text(wanted)
    return python
