"""A theme, and a view of a simulated run."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.paths import resources
from explorer.store.store import Store

MakeView = Callable[..., TimelineView]


@pytest.fixture(params=["dark", "light"])
def theme(request: pytest.FixtureRequest, qapp: QApplication) -> Theme:
    """Both themes, one after the other."""
    return Theme(resources(), request.param)


@pytest.fixture
def dark(qapp: QApplication) -> Theme:
    """The dark theme."""
    return Theme(resources())


@pytest.fixture
def make_view(qtbot: QtBot) -> MakeView:
    """Makes a view of a store, shown at a size."""

    def make(theme: Theme, store: Store, live: bool = True, width: int = 1196, height: int = 600) -> TimelineView:
        view = TimelineView(theme)
        qtbot.addWidget(view)
        view.resize(width, height)
        view.set_store(store, live=live)
        with qtbot.waitExposed(view):
            view.show()
        view.frame(store.now)
        return view

    return make
