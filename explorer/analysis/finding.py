"""What a finding is: something about a run that somebody should know, with its evidence and what would help.

Each module of `explorer.analysis.findings` holds one `Finding`. Its `judge` is asked about once a second while a run
goes on and once at its end; it is given what was observed over the measuring window, and answers with what it found.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from explorer.analysis.observed import Observed
from explorer.analysis.place import Place

Figure = int | float | str | None
About = Literal["server", "machine", "load"]


@dataclass(frozen=True, slots=True)
class Change:
    """A setup to compare with: knobs as `section.key` with the values to set, in this order."""

    title: str
    knobs: Mapping[str, int | float | str | bool]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: one sentence with the numbers, these numbers by name (units in the name), and where to look.

    `change` is a setup to compare with; without one `advice` says what to do in the code or on the machine.
    """

    sentence: str
    figures: Mapping[str, Figure]
    places: tuple[Place, ...] = ()
    change: Change | None = None
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look for. `about` is its class: a fault of the server, of the machine, or of the load.

    `looks_for` says in half a sentence what it watches; `order` is its place in the list.
    """

    id: str
    title: str
    about: About
    order: int
    looks_for: str
    judge: Callable[[Observed], Found | None]


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with what it found."""

    finding: Finding
    found: Found
