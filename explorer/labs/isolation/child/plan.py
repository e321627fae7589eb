"""In which order statements are sent: as the schedule says, but for sessions that still wait and those that retry."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from explorer.labs.isolation.engines.engine import Engine
from explorer.labs.isolation.schedule import ENDS, Schedule, Step, Value

OWN: Final = -1
"""The step of what the runner does by itself: a ROLLBACK."""
_NAME: Final = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class Item:
    """Something to be sent. `step` is its place in the schedule or `OWN`; `attempt` counts retries from 0; `late`: its
    turn came while its session waited; `again`: it was sent before, and is to be tried once more.
    """

    session: str
    step: int
    attempt: int = 0
    late: bool = False
    again: bool = False


class Plan:
    """What is still to be sent, in its order."""

    def __init__(self, schedule: Schedule) -> None:
        self._steps = schedule.steps
        self._left = [Item(step.session, place) for place, step in enumerate(schedule.steps)]

    def peek(self, waiting: Collection[str], held: Collection[str] = ()) -> Item | None:
        """What comes next while these sessions cannot do anything; None when nothing can be sent. Those that are held
        are only to roll back.
        """
        return next(
            (
                item
                for item in self._left
                if item.session not in waiting and (item.step == OWN or item.session not in held)
            ),
            None,
        )

    def take(self, item: Item) -> None:
        """It is sent now; what stood before it has missed its turn, but for what is to be tried again."""
        place = next(place for place, one in enumerate(self._left) if one is item)
        for missed in self._left[:place]:
            missed.late = not missed.again
        del self._left[place]

    def roll_back(self, session: str, attempt: int) -> None:
        """This session is to roll back before anything else is sent."""
        self._left.insert(0, Item(session, OWN, attempt))

    def again(self, session: str, first: int, attempt: int) -> None:
        """This session sends its transaction from step `first` on once more, before anything else is sent."""
        steps = [place for place, step in enumerate(self._steps) if step.session == session and place >= first]
        end = next((place for place in steps if self._steps[place].control in ENDS), steps[-1])
        steps = [place for place in steps if place <= end]
        others = [item for item in self._left if item.session != session or item.step not in steps]
        self._left = [*(Item(session, place, attempt, again=True) for place in steps), *others]

    def has(self, session: str) -> bool:
        """Whether this session has anything left to do."""
        return any(item.session == session for item in self._left)

    def clear(self) -> list[Item]:
        """Nothing more is to be sent; what was left."""
        left, self._left = self._left, []
        return left


def statement(step: Step, engine: Engine, kept: Mapping[str, Value], names: Sequence[str]) -> str:
    """The step's statement with the values that were kept; `names` are all that the schedule keeps."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return engine.literal(kept.get(name)) if name in names else found[0]

    return _NAME.sub(value, step.on(engine.id)).strip().rstrip(";")
