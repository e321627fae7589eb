"""Tooltips show what a file says as it is written there, whatever Qt might take it for."""

import pytest
from PySide6.QtGui import Qt, QTextDocument
from pytestqt.qtbot import QtBot

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import ElidedLabel
from explorer.desktop.widgets.tip import tip

HOSTILE = "<b>bold</b> <img src='file:///etc/hostname'> &lt; & more\nand a second line"


@pytest.mark.parametrize("text", [HOSTILE, "&lt;", "<module> (a.py:1)", "GET /job", "a\nb", ""])
def test_a_tooltip_reads_as_its_text(text: str) -> None:
    made = tip(text)
    document = QTextDocument()
    if Qt.mightBeRichText(made):
        document.setHtml(made)
    else:
        document.setPlainText(made)
    assert document.toPlainText() == text
    assert "<img" not in made


def test_a_label_that_is_cut_has_such_a_tooltip(theme: Theme, qtbot: QtBot) -> None:
    label = ElidedLabel(theme, HOSTILE)
    qtbot.addWidget(label)
    label.resize(40, 20)
    label.show()
    assert label.toolTip() == tip(HOSTILE)
