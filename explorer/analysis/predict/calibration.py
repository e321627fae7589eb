"""What a prediction needs to know of the machine and the interpreter: how much processor time a request costs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Calibration:
    """Measured from real requests that ask for next to nothing; CPU seconds for each.

    `serving_s` is what the processes with the event loops take, `places_s` what pool processes take, `load_s` what load
    and window take for it. `beside` is how many cores the sampler uses all the while; `cores` is how many there are.
    `gil`: only one thread of an interpreter computes at a time. `pace` is how long computing takes, by how long it was
    to take: its work is fixed, and a processor is not always equally fast.
    """

    serving_s: float = 0.0
    places_s: float = 0.0
    load_s: float = 0.0
    beside: float = 0.0
    cores: float = float("inf")
    gil: bool = True
    pace: float = 1.0

    @property
    def request_s(self) -> float:
        """What a request costs the server, CPU seconds."""
        return self.serving_s + self.places_s

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Calibration":
        """From plain data. Raises `TypeError` or `ValueError` where it makes no sense."""
        found = cls(**data)
        numbers: tuple[Any, ...] = (
            found.serving_s, found.places_s, found.load_s, found.beside, found.cores, found.pace,
        )  # fmt: skip
        if not all(isinstance(one, (int, float)) and one >= 0 for one in numbers) or found.gil not in (True, False):
            raise ValueError("a calibration holds numbers from 0 up")
        return found


NOTHING_KNOWN = Calibration()
"""Serving costs nothing, and there are cores enough: what is left are the laws of waiting."""
