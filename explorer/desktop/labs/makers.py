"""Which labs there are: for the command that opens each, what makes its page.

A page is imported when it is first opened: the window is to appear before what few will look at.
"""

from collections.abc import Callable, Mapping

from explorer.desktop.control import Control
from explorer.desktop.labs.entry import LabPage
from explorer.desktop.labs.locks.run import LabRun
from explorer.desktop.theme import Theme
from explorer.labs.locks.scenarios import scenarios


def makers(theme: Theme, control: Control) -> Mapping[str, Callable[[], LabPage]]:
    """The makers of all labs' pages, by command."""

    def parallelism() -> LabPage:
        from explorer.desktop.labs.parallelism.page import ParallelismPage

        return ParallelismPage(theme, control)

    # What a run shows is judged from its first record on, so this one listens before its page is there.
    run = LabRun(control, scenarios(), control)

    def locks() -> LabPage:
        from explorer.desktop.labs.locks.lab import LocksLab

        return LocksLab(theme, control, run).page

    def isolation() -> LabPage:
        from explorer.desktop.labs.isolation.page import IsolationPage

        return IsolationPage(theme, control)

    return {"lab_locks": locks, "lab_isolation": isolation, "lab_parallelism": parallelism}
