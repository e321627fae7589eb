"""What of the lab is imported only when needed: the tabs beside Run, and the card where there is no PostgreSQL."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from PySide6.QtWidgets import QWidget

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
    return tuple((name, title) for name, title, _ in TABS if _is_there(name))


def maker(name: str) -> Callable[[Theme, LabSession], LabView]:
    """What makes a tab."""
    made: Callable[[Theme, LabSession], LabView] = getattr(
        import_module(f"{HERE}.{name}.view"), next(one for tab, _, one in TABS if tab == name)
    )
    return made


def no_database(theme: Theme, session: LabSession) -> QWidget | None:
    """The card that offers ways on where there is no PostgreSQL; its signal `chosen(Target)` says which."""
    if not _is_there("no_database"):
        return None
    made: QWidget = import_module(f"{HERE}.no_database").NoDatabase(theme, session)
    return made


def _is_there(name: str) -> bool:
    spec = find_spec(f"{HERE}.{name}")
    return spec is not None and spec.origin is not None
