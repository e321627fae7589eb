"""A theme, and a view of a simulated run."""

from collections.abc import Callable, Iterator

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
def make_view(qtbot: QtBot) -> Iterator[MakeView]:
    """Makes a view of a store, shown at a size.

    The views are kept until the test is over: qtbot holds them weakly, and a view that only cycles refer to would be
    collected by the first collection of garbage after the test's last line, be it in the middle of its own painting.
    """
    views: list[TimelineView] = []

    def make(theme: Theme, store: Store, live: bool = True, width: int = 1196, height: int = 600) -> TimelineView:
        view = TimelineView(theme)
        qtbot.addWidget(view)
        view.resize(width, height)
        view.set_store(store, live=live)
        with qtbot.waitExposed(view):
            view.show()
        view.frame(store.now)
        views.append(view)
        return view

    yield make
    for view in views:
        view.close()
