"""The tabs beside Run, each imported when it is first opened."""

from typing import Final

from explorer.desktop.labs.isolation.lab_view import LabView
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.theme import Theme

TABS: Final = (("compare", "Compare"), ("matrix", "Matrix"), ("cost", "Cost"))
"""By id and title."""


def make(name: str, theme: Theme, session: LabSession) -> LabView:
    """The tab with this id."""
    if name == "compare":
        from explorer.desktop.labs.isolation.compare.view import CompareView

        return CompareView(theme, session)
    if name == "matrix":
        from explorer.desktop.labs.isolation.matrix.view import MatrixView

        return MatrixView(theme, session)
    from explorer.desktop.labs.isolation.cost.view import CostView

    return CostView(theme, session)
