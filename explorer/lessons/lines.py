"""In which line of a TOML file something stands: `tomllib` forgets that as soon as it has read it."""

import re
from collections.abc import Sequence
from typing import Final

HEAD: Final = re.compile(r"^\s*(\[{1,2})\s*([^\]]+?)\s*\]{1,2}\s*(?:#.*)?$")


def line_of(text: str, place: Sequence[str | int]) -> int:
    """The line (from 1) of the key at `place`, such as ("claims", 1, "figure"); that of its table where the key itself
    is not there, and 1 where nothing of it is.
    """
    wanted = [str(part) for part in place if not isinstance(part, int)]
    nth = next((part for part in place if isinstance(part, int)), 0)
    best, depth = 1, -1
    table: list[str] = []
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        head = HEAD.match(line)
        if head is not None:
            name = head[2]
            table = [part.strip(" \"'") for part in name.split(".")]
            if head[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
            here = table
        else:
            key = line.partition("=")[0].strip(" \"'") if "=" in line else ""
            if not key or key.startswith("#"):
                continue
            here = [*table, key]
        within = counts.get(table[0]) if table else None
        if within is not None and within != nth and wanted[:1] == table[:1]:
            continue
        shared = len(here) if wanted[: len(here)] == here else 0
        if shared > depth and shared:
            best, depth = number, shared
    return best
