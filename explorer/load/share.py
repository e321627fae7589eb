"""One load sent by several hosts: which part of it is this one's.

Knobs, phases and changes always speak of the whole; a host takes its part where something becomes due. A rate is
superposed: of an even one host number i has request i, i + k, i + 2k, …, of a Poisson process each host has one of
its own with the k-th part of the rate, and together those are a Poisson process with the whole. Users and bursts are
counted out, so that the parts add up to the whole to the last one.
"""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Share:
    """Part number `index` (from 0) of `of`. Raises ValueError if there is no such part."""

    index: int = 0
    of: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.of:
            raise ValueError(f"There is no part {self.index} of {self.of}; parts are numbered from 0.")

    def part(self, whole: int) -> int:
        """How many of `whole` are this part's. It never shrinks when the whole grows."""
        return whole // self.of + (self.index < whole % self.of)

    def random(self, seed: int, purpose: str) -> Random:
        """Random numbers of this part's own, the same for the same seed and purpose; undivided as ever."""
        return Random(self.seed(seed, purpose))

    def seed(self, seed: int, purpose: str) -> str:
        """What `random` begins with."""
        return f"{seed} {purpose}" if self.of == 1 else f"{seed} {purpose} {self.index}"


WHOLE = Share()
