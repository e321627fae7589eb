"""What was measured of each run of a lecture: its figures, its shape, and whether that is all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.desktop.presenter.curve_shape import Curve
from explorer.desktop.presenter.ladder_shape import Steps
from explorer.desktop.presenter.picture import Picture, empty
from explorer.desktop.presenter.slide_view import Standing

Key = tuple[str, str]
"""A lesson's id and the id of one of its runs."""


@dataclass(slots=True)
class Result:
    """What is known of a run."""

    figures: Mapping[str, Any] = field(default_factory=dict)
    picture: Picture = field(default_factory=lambda: empty(1.0))
    waves: tuple[tuple[float, float, int], ...] = ()
    standing: Standing = Standing.LIVE
    ladder: Steps | None = None
    curve: Curve | None = None
    """Of a run of the isolation lab, and of the parallelism lab: its shape, in place of the picture."""


class Results:
    """By run. A run that is made again takes the place of the one before when its first records come."""

    def __init__(self) -> None:
        self._known: dict[Key, Result] = {}

    def of(self, key: Key) -> Result | None:
        """What is known of a run; None: it was not made."""
        return self._known.get(key)

    def done(self, key: Key) -> bool:
        """Whether a run was made to its end."""
        found = self._known.get(key)
        return found is not None and found.standing is Standing.DONE

    def put(self, key: Key, result: Result) -> None:
        """Another run of this kind begins."""
        self._known[key] = result

    def drop(self, key: Key) -> None:
        """A run that was cut short is as if it had not been made."""
        self._known.pop(key, None)

    def figures(self, lesson: str) -> dict[str, Mapping[str, Any]]:
        """The figures of a lesson's runs, by their ids."""
        return {run: one.figures for (of, run), one in self._known.items() if of == lesson and one.figures}
