"""The tabs of the lab beside Run, and what makes each when it is first opened."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from explorer.desktop.labs.isolation.lab_view import LabView
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.theme import Theme

HERE: Final = "explorer.desktop.labs.isolation"
TABS: Final = (
    ("compare", "Compare", "CompareView"),
    ("matrix", "Matrix", "MatrixView"),
    ("cost", "Cost", "CostView"),
)
"""Of each its folder, its title, and its class in `view`."""


def tabs() -> tuple[tuple[str, str], ...]:
    """Those there are, by id and title."""
    return tuple((name, title) for name, title, _ in TABS if find_spec(f"{HERE}.{name}") is not None)


def maker(name: str) -> Callable[[Theme, LabSession], LabView]:
    """What makes a tab."""
    made: Callable[[Theme, LabSession], LabView] = getattr(
        import_module(f"{HERE}.{name}.view"), next(one for tab, _, one in TABS if tab == name)
    )
    return made
