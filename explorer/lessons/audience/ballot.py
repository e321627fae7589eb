"""What the room is asked, and what it may answer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

MOST_CHOICES: Final = 4
MOST_CHARACTERS: Final = 300


@dataclass(frozen=True, slots=True)
class Ballot:
    """One of at most four `choices`, each with a `note` of a few words if there are any; without choices a number
    between `low` and `high`, in `unit`.
    """

    text: str
    choices: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unit: str = ""
    low: float = 0.0
    high: float = 0.0

    def __post_init__(self) -> None:
        if not self.text or len(self.choices) == 1 or len(self.choices) > MOST_CHOICES:
            raise ValueError("A ballot has a question, and two to four choices or none.")
        if not self.choices and not self.low < self.high:
            raise ValueError("A number is asked for between a lower and a higher one.")

    def admits(self, answer: object) -> bool:
        """Whether this is an answer: the number of a choice from 0, or a number in the range."""
        if isinstance(answer, bool) or not isinstance(answer, int | float):
            return False
        if self.choices:
            return isinstance(answer, int) and 0 <= answer < len(self.choices)
        return self.low <= answer <= self.high  # not so of NaN

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Ballot":
        """From plain data."""
        return cls(**{**data, "choices": tuple(data["choices"]), "notes": tuple(data["notes"])})
