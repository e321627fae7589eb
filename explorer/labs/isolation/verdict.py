"""What a run of a schedule showed: whether the anomaly happened, and if not, how it was prevented."""

from dataclasses import dataclass
from typing import Literal

How = Literal["versions", "blocked", "aborted"]
"""A read returned an older version than the newest there was; a statement had to wait; the engine aborted one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`happened`: the anomaly (of a deadlock: a deadlock). `how`: what the engine did, in this order, whether it
    happened or not; `codes` are those of its errors.

    `title` is two or three words ("Happened", "Prevented"), `aside` one ("aborted"), `sentence` says with the values
    that were seen what came of it. `before`: the run is not over yet.
    """

    happened: bool
    how: tuple[How, ...]
    codes: tuple[str, ...]
    title: str
    aside: str
    sentence: str
    before: bool = False
