"""Tiles of the Mandelbrot set: a square picture, cut into bands of rows."""

from collections.abc import Sequence

MOST = 100
LEFT, TOP, WIDTH = -2.0, -1.25, 2.5


def prepare(size: int) -> tuple[bytes, str]:
    """A tile needs nothing but its numbers."""
    return b"", ""


def cut(size: int, grain: int, data: bytes) -> list[tuple[int, int, int]]:
    """Bands of `grain` rows."""
    return [(size, first, min(first + grain, size)) for first in range(0, size, grain)]


def tile(size: int, first: int, last: int) -> bytes:
    """How many steps each point of these rows stays; one byte a point."""
    step = WIDTH / size
    counts = bytearray()
    for row in range(first, last):
        y0 = TOP + row * step
        for column in range(size):
            x0 = LEFT + column * step
            x = y = 0.0
            count = 0
            while count < MOST and x * x + y * y <= 4.0:
                x, y = x * x - y * y + x0, 2.0 * x * y + y0
                count += 1
            counts.append(count)
    return bytes(counts)


def combine(tiles: Sequence[bytes]) -> bytes:
    """The picture."""
    return b"".join(tiles)
