"""One export: which run, which part of it, and whom to tell how far it is. Handed to a format's `write`."""

from collections.abc import Callable
from functools import cached_property
from typing import Final

from explorer.export.places import Places
from explorer.export.recorded import Recorded
from explorer.export.stretches import Stretches
from explorer.export.survey import Survey, survey
from explorer.option_error import OptionError
from explorer.progress import Progress, quietly

TOTAL: Final = 1_000
SURVEYED: Final = 250
"""Of `TOTAL`, what the first pass is: it only reads."""
NS: Final = 1_000_000_000
_EVER: Final = 1 << 62


class Job:
    """An export of `recorded`, from `since` to `until` seconds on the timeline's axis (None: from its beginning, to its
    end).

    `picture(kind)` gives the view as a file of a kind as in `Format.pictures` (None: nobody can draw here).
    Progress is told in parts of `TOTAL`, and raises `Cancelled` when the export shall end.
    """

    def __init__(
        self,
        recorded: Recorded,
        *,
        since: float | None = None,
        until: float | None = None,
        progress: Progress = quietly,
        picture: Callable[[str], bytes] | None = None,
    ) -> None:
        self.recorded = recorded
        self.picture = picture
        self.since, self.until = since, until
        self._progress = progress

    def drawn(self, kind: str) -> bytes:
        """The view as a file of kind "png" or "svg". Raises `OptionError` where nobody can draw."""
        if self.picture is None:
            raise OptionError("A picture of the lanes cannot be drawn here.")
        return self.picture(kind)

    def tell(self, share: float, begin: int = SURVEYED, end: int = TOTAL) -> None:
        """A share, 0 to 1, of the part of the work from `begin` to `end` is done."""
        self._progress(round(begin + (end - begin) * min(1.0, share)), TOTAL)

    @cached_property
    def survey(self) -> Survey:
        """What the run holds. Raises `OptionError` if it holds nothing, or nothing in the chosen part."""
        found = survey(self.recorded, lambda share: self.tell(share, 0, SURVEYED))
        if not found.spans:
            raise OptionError(f"{self.recorded.name} holds no spans, so that there is nothing to export.")
        return found

    @cached_property
    def places(self) -> Places:
        """Where the tracks stand."""
        return Places(self.survey)

    @property
    def range(self) -> tuple[int, int]:
        """Begin and end of the chosen part, ns. Raises `OptionError` if the run has nothing there."""
        first, last = self.survey.origin, max(self.survey.last, self.survey.now)
        begin = first + round((self.since or 0) * NS)
        end = last if self.until is None else first + round(self.until * NS)
        if begin > last:
            length = (last - first) / NS
            raise OptionError(f"{self.recorded.name} is {length:,.1f} s long; choose a part of it that begins before.")
        return (begin if self.since is not None else -_EVER), end

    def stretches(self) -> Stretches:
        """The spans and samples of the chosen part."""
        survey, total = self.survey, max(1, self.survey.spans)
        return Stretches(self.recorded, survey, self.places, *self.range, lambda count: self.tell(count / total))
