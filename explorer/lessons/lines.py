"""In which line of a TOML text something stands: `tomllib` tells it of syntax alone, and people look for keys.

A small reader of headers and keys, good enough to point at a line: where it finds nothing it gives the nearest table.
"""

import re
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*["']?([A-Za-z0-9_.\-]+)["']?\s*=""")


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line (from 1) of the value at `path`, such as ("runs", 1, "kind"); else of the nearest table."""
    best, best_depth = 1, 0
    table: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    wanted = tuple(path)
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _table(header[2], header[1] == "[[", counts)
            depth = len(table)
            if wanted[:depth] == table and depth > best_depth:
                best, best_depth = number, depth
        elif key := _KEY.match(line):
            whole = (*table, *key[1].split("."))
            if wanted[: len(whole)] == whole and len(whole) > best_depth:
                best, best_depth = number, len(whole)
    return best


def _table(name: str, array: bool, counts: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    path: tuple[str | int, ...] = ()
    words = [word.strip().strip("\"'") for word in name.split(".")]
    for at, word in enumerate(words):
        path = (*path, word)
        if at == len(words) - 1 and array:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
