"""Primes by the sieve of Eratosthenes, in segments that know nothing of one another."""

import math
import zlib
from collections.abc import Sequence


def prepare(size: int) -> tuple[bytes, str]:
    """A segment needs nothing but its bounds."""
    return b"", ""


def cut(size: int, grain: int, data: bytes) -> list[tuple[int, int]]:
    """Segments of `grain` numbers."""
    return [(first, min(first + grain, size)) for first in range(0, size, grain)]


def sieve(last: int) -> list[int]:
    """The primes below `last`."""
    flags = bytearray([1]) * last
    flags[:2] = bytes(min(2, last))
    for number in range(2, math.isqrt(max(last - 1, 0)) + 1):
        if flags[number]:
            flags[number * number :: number] = bytes(len(range(number * number, last, number)))
    return [number for number in range(last) if flags[number]]


def segment(first: int, last: int) -> tuple[int, int]:
    """How many primes there are from `first` up to `last`, and a checksum of which they are."""
    flags = bytearray([1]) * (last - first)
    for number in range(first, min(2, last)):
        flags[number - first] = 0
    for prime in sieve(math.isqrt(max(last - 1, 0)) + 1):
        begin = max(prime * prime, (first + prime - 1) // prime * prime) - first
        flags[begin::prime] = bytes(len(range(begin, last - first, prime)))
    return flags.count(1), zlib.crc32(flags)


def combine(segments: Sequence[tuple[int, int]]) -> bytes:
    """How many primes there are, and all checksums."""
    return repr((sum(count for count, _ in segments), [check for _, check in segments])).encode()
