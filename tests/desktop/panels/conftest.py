"""A theme for each test, dark."""

import pytest
from PySide6.QtWidgets import QApplication

from explorer.desktop.theme import Theme
from explorer.paths import resources


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The dark theme; nothing is applied to the application."""
    return Theme(resources())
