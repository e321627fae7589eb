"""The lab's own place on a server: what it is called, how it is known as the lab's, and who sees to its removal."""

import re
import secrets
import time
from collections.abc import Callable
from typing import Final

PREFIX: Final = "explorer_lab_"
PATTERN: Final = "^explorer_lab_[0-9a-f]{8}$"
MARK: Final = "Concurrency Explorer, isolation lab: removed when the lab ends; made at "
"""How the comment of such a place begins; what follows is the time in s since 1970."""
YOUNG_S: Final = 60.0
"""So long a place may be without any session: its lab has just made it."""
OWN_USER: Final = "Its sessions are those of a user of the lab's own, who has rights in this place alone."
NAMES_ALONE: Final = (
    "Its sessions have all rights of the user in the URL, who may not make another: what a schedule reaches is limited "
    "by the check of its statements alone."
)
Keep = Callable[[str, str], None]
"""`keep(url, place)` returns once somebody will remove `place` should this process be killed."""


def new_name() -> str:
    """A name that no other place has."""
    return PREFIX + secrets.token_hex(4)


def mark() -> str:
    """The comment for a place that is made now."""
    return f"{MARK}{time.time():.0f}"


def is_old(comment: str | None) -> bool:
    """Whether this is the comment of a place that was made some time ago."""
    found = re.fullmatch(rf"{re.escape(MARK)}([0-9]+)", comment or "")
    return found is not None and time.time() - int(found[1]) > YOUNG_S


def nobody_keeps(url: str, place: str) -> None:
    """A place that ends by itself needs nobody."""
