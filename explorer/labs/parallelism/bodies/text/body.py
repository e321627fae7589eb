"""Counting words, map and reduce: each task counts in its part of the text, then the counts are added up."""

import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from explorer.labs.parallelism.job import Piece

KB = 1_000
WORD = re.compile(rb"[A-Za-z_]+")


def prepare(size: int) -> tuple[bytes, str]:
    """`size` kB of the standard library's sources in the order of their names, repeated if they do not suffice."""
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    text = b"".join(file.read_bytes() for file in files)
    if not text:
        raise ValueError("The sources of this Python's standard library are not there to be read; choose another job.")
    version = "{}.{}.{}".format(*sys.version_info[:3])
    whole = f"the sources of Python {version}'s standard library, {len(files):,} files, {len(text) // KB:,} kB"
    wanted = size * KB
    times = -(-wanted // len(text))
    words = f"{size:,} kB out of {whole}{f', repeated {times:,} times' if times > 1 else ''}"
    return (text * times)[:wanted], words


def cut(size: int, grain: int, data: bytes) -> list[tuple[Piece]]:
    """Parts of about `grain` kB that end where a line ends."""
    parts, begin = [], 0
    while begin < len(data):
        end = data.find(b"\n", min(begin + grain * KB, len(data))) + 1 or len(data)
        parts.append((Piece(begin, end - begin),))
        begin = end
    return parts


def count(text: bytes) -> dict[bytes, int]:
    """Map: how often each word comes in this part."""
    words: Counter[bytes] = Counter(WORD.findall(bytes(text).lower()))
    return dict(words)


def combine(counts: Sequence[dict[bytes, int]]) -> bytes:
    """Reduce: add up all counts; the words in the order of the alphabet."""
    whole: Counter[bytes] = Counter()
    for part in counts:
        whole.update(part)
    return b"\n".join(b"%s %d" % (word, times) for word, times in sorted(whole.items()))
