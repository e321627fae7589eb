"""Painting must not eat references to None.

PySide6 6.12.0 on Python 3.11 drops one at every virtual call from C++, and the process aborts after some thousand
paints; pyproject.toml keeps it away there. From Python 3.12 on None is immortal and cannot be lost.
"""

import sys

import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

ROUNDS = 1000


class Painted(QWidget):
    """Counts its paints, each a virtual call."""

    paints = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Called from C++."""
        self.paints += 1


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal")
def test_repainting_a_widget_keeps_the_references_to_none(qtbot: QtBot) -> None:
    widget = Painted()
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    painted, before = widget.paints, sys.getrefcount(None)
    for _ in range(ROUNDS):
        widget.repaint()
    assert widget.paints - painted == ROUNDS
    assert sys.getrefcount(None) > before - ROUNDS // 10
