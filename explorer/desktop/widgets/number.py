"""What a number may be: bounds, step, and how it is written and read. Plain arithmetic, no Qt."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers from `minimum` to `maximum` (both allowed), changed by `by` a step; whole numbers if `whole`.

    `grouped`: with thousands commas. What names something and counts nothing, a port, has none.
    """

    minimum: float
    maximum: float = math.inf
    by: float = 1.0
    whole: bool = True
    grouped: bool = True

    def step(self, value: float, steps: int) -> float:
        """`value` moved by `steps`, on the grid of the step, kept within the bounds."""
        moved = value + steps * self.by
        # Steps such as 0.1 are not exact in binary: 0.1 + 0.2 must read 0.3.
        return min(self.maximum, max(self.minimum, round(moved, self._decimals() + 2)))

    def parse(self, text: str) -> float | None:
        """The number that `text` says, or None when it says none or one that is not allowed."""
        value = _number(text)
        if value is None or not self.minimum <= value <= self.maximum:
            return None
        return None if self.whole and not value.is_integer() else value

    def text(self, value: float) -> str:
        """The number with no more decimals than it has."""
        comma = "," if self.grouped else ""
        if self.whole:
            return f"{round(value):{comma}}"
        written = f"{value:{comma}.{max(6, self._decimals())}f}".rstrip("0").rstrip(".")
        return "0" if written in ("", "-0") else written

    def widest(self, value: float) -> str:
        """The longest text a field for these numbers has to hold, near enough; `value` stands in for an open end."""
        end = self.maximum if math.isfinite(self.maximum) else max(10 * abs(value), 1000.0)
        return max((self.text(end), self.text(self.minimum), self.text(value), self.text(end - self.by)), key=len)

    def sentence(self, text: str = "") -> str:
        """What is allowed; with the refused `text` it says what kind of number, where that was the fault."""
        given = _number(text) if text else float(self.minimum)
        kind = "A number from" if given is None else "From"
        if self.whole and given is not None and not given.is_integer():
            kind = "A whole number from"
        if not math.isfinite(self.maximum):
            return f"{kind} {self.text(self.minimum)} up."
        return f"{kind} {self.text(self.minimum)} to {self.text(self.maximum)}."

    def _decimals(self) -> int:
        return 0 if self.whole else max(0, -math.floor(math.log10(self.by)))


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "").strip())
    except ValueError:
        return None
    return value if math.isfinite(value) else None
