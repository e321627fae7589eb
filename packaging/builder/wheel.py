"""What `pip install` takes: the sdist, and the wheel that is built from it, both checked as the index checks them."""

from pathlib import Path

from builder import environment
from builder.tools import ROOT, fresh, run, say, version, work

STEM = "concurrency_explorer"


def build(output: Path) -> list[Path]:
    """Write STEM-VERSION.tar.gz and STEM-VERSION-py3-none-any.whl; returns both."""
    python = environment.ready("publish", environment.PUBLISH)
    place = fresh(work("wheel"))
    # Without an environment of its own: hatchling is in this one, by its hash.
    run([python, "-m", "build", "--no-isolation", "--outdir", place, ROOT])
    made = [place / f"{STEM}-{version()}.tar.gz", place / f"{STEM}-{version()}-py3-none-any.whl"]
    run([python, "-m", "twine", "check", "--strict", *made])
    for file in made:
        file.replace(output / file.name)
        say(f"{output / file.name}: {(output / file.name).stat().st_size / 1e6:.1f} MB")
    return [output / file.name for file in made]
