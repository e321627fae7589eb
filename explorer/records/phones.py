"""What a request of a phone is called: its number decides on which lane of the timeline it is drawn."""

import re
from typing import Final

GROUP: Final = "Phones"
"""The lanes of all phones together."""
MOST: Final = 250
"""Phones that there may be at once; each has a line of its own."""
_NAME: Final = re.compile(r"Phone ([1-9]\d{0,2})")


def phone_name(number: int) -> str:
    """The name of the requests of a phone; numbers begin with 1."""
    return f"Phone {number}"


def phone_of(name: str) -> int:
    """The number of the phone whose requests are called so; 0 if that is no phone's name."""
    found = _NAME.fullmatch(name)
    number = int(found[1]) if found else 0
    return number if number <= MOST else 0
