"""Which labs there are: for the command that opens each, what makes its page.

A page is imported when it is first opened: the window is to appear before what few will look at.
"""

from collections.abc import Callable, Mapping

from explorer.desktop.control import Control
from explorer.desktop.labs.entry import LabPage
from explorer.desktop.theme import Theme


def makers(theme: Theme, control: Control) -> Mapping[str, Callable[[], LabPage]]:
    """The makers of all labs' pages, by command."""

    def parallelism() -> LabPage:
        from explorer.desktop.labs.parallelism.page import ParallelismPage

        return ParallelismPage(theme, control)

    return {"lab_parallelism": parallelism}
