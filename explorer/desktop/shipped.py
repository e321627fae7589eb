"""The scenarios that come with the program."""

import tomllib
from pathlib import Path

from explorer.paths import resources


def shipped_scenarios() -> list[tuple[str, Path]]:
    """Name and file of each scenario that comes with the program."""
    files = sorted((resources() / "scenarios").glob("*.toml"))
    return [(str(tomllib.loads(file.read_text(encoding="utf-8")).get("name", file.stem)), file) for file in files]
