"""The product of two square matrices of small whole numbers, kept as floats: every order of adding gives the same."""

from array import array
from collections.abc import Sequence
from operator import mul

from explorer.labs.parallelism.job import Piece

DOUBLE = 8


def prepare(size: int) -> tuple[bytes, str]:
    """The first matrix by rows, then the second by columns; numbers from 0 to 9 that look random."""
    numbers, state = array("d"), 1
    for _ in range(2 * size * size):
        state = (state * 1_103_515_245 + 12_345) & 0x7FFF_FFFF
        numbers.append(float((state >> 16) % 10))
    return numbers.tobytes(), ""


def cut(size: int, grain: int, data: bytes) -> list[tuple[int, Piece, Piece]]:
    """`grain` rows of the first matrix with all columns of the second."""
    row, whole = DOUBLE * size, DOUBLE * size * size
    return [
        (size, Piece(first * row, (min(first + grain, size) - first) * row), Piece(whole, whole))
        for first in range(0, size, grain)
    ]


def rows(size: int, some: bytes, columns: bytes) -> bytes:
    """These rows of the product."""
    left, right = array("d", bytes(some)), array("d", bytes(columns))
    by_column = [right[begin : begin + size] for begin in range(0, size * size, size)]
    product = array("d")
    for begin in range(0, len(left), size):
        row = left[begin : begin + size]
        product.extend([sum(map(mul, row, column)) for column in by_column])
    return product.tobytes()


def combine(blocks: Sequence[bytes]) -> bytes:
    """The product, row by row."""
    return b"".join(blocks)
