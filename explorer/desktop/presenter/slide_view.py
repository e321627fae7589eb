"""All that one slide shows at a moment, as plain data: made by the lecture, painted by `slide_painter`. No Qt."""

from dataclasses import dataclass, field
from enum import Enum

from explorer.desktop.presenter.curve_shape import Curve
from explorer.desktop.presenter.ladder_shape import Steps
from explorer.desktop.presenter.marks import Mark
from explorer.desktop.presenter.picture import Picture, empty


class Standing(Enum):
    """What is known of the slide's run. LIVE: it goes on; DONE: all is measured; KEPT: it broke off, and the last
    figures stay; ASKED: it waits for the speaker; NONE: the slide has no run, or nothing of it is known.
    """

    LIVE = "live"
    DONE = "measured"
    KEPT = "kept"
    ASKED = "asked"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RoomSaid:
    """What the room answered to the lesson's question: `answered` of the `here` phones. `rows` are the answers with how
    many gave each, empty as long as it would only tell others what to say; `right` is the row that was measured, or −1.
    """

    answered: int
    here: int
    rows: tuple[tuple[str, int], ...] = ()
    right: int = -1

    @property
    def words(self) -> str:
        """In words."""
        told = ", ".join(f"{text} {count}{' (measured)' if at == self.right else ''}" for at, (text, count)
                         in enumerate(self.rows))  # fmt: skip
        return f"The room predicted: {told}." if told else f"{self.answered} of {self.here} phones have answered."


@dataclass(frozen=True, slots=True)
class SlideView:
    """`number` and `unit` are as they are read; `law` is the formula and what it comes to, as text. `run` names the
    run. `at` of `count` slides of this lesson are behind one; `page` counts over the lecture.
    """

    sentence: str
    page: str = ""
    at: int = 0
    count: int = 1
    run: str = ""
    number: str = ""
    unit: str = ""
    law: tuple[str, str] | None = None
    standing: Standing = Standing.NONE
    picture: Picture = field(default_factory=lambda: empty(1.0))
    waves: tuple[tuple[float, float, int], ...] = ()
    requests: int = 0
    """How many stand ready, where the run has not begun."""
    size: float = 1.0
    """By how much labels are larger than at first."""
    ladder: Steps | None = None
    curve: Curve | None = None
    """Of the labs for isolation and parallelism: the shape, in place of `picture`."""
    verdict: tuple[str, str] | None = None
    """What came of a run that has no number, in a word or two, and its colour."""
    room: RoomSaid | None = None
    """Where the room is asked: what it answers."""

    @property
    def words(self) -> str:
        """The slide in words, for a screen reader."""
        parts = [f"Slide {self.page}: {self.sentence}."]
        if self.run:
            parts.append(f"{self.run}.")
        if self.number:
            parts.append(f"{self.number} {self.unit}".strip() + f", {self.standing.value}.")
        elif self.standing is not Standing.NONE:
            parts.append(f"{self.standing.value.capitalize()}.")
        if self.law is not None:
            parts.append(f"Law: {self.law[0]} = {self.law[1]}.")
        if self.verdict is not None:
            parts.append(f"{self.verdict[0]}.")
        if self.room is not None:
            parts.append(self.room.words)
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mark and how strongly it is drawn now."""

    mark: Mark
    strength: float
