"""Parts of the locks lab's page on their own: nothing is cut off, and nothing lies above anything else."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.desktop.labs.locks.comparison import Compared, Comparison
from explorer.desktop.labs.locks.graph_picture import Arrow, GraphPicture, Node
from explorer.desktop.labs.locks.graph_view import GraphView
from explorer.desktop.labs.locks.invitation import Invitation
from explorer.desktop.labs.locks.page import SIDE_WIDTH
from explorer.desktop.labs.locks.verdict_card import Tone, VerdictCard
from explorer.desktop.labs.locks.words import WORDS
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import text_width
from explorer.desktop.widgets.picture import Picture
from explorer.records.states import State
from tests.desktop.widgets.conftest import theme as theme

MARGINS = 32
NARROW = min(SIDE_WIDTH.values()) - MARGINS


def test_the_names_of_figures_are_not_cut(theme: Theme, qtbot: QtBot) -> None:
    table = Comparison(theme)
    qtbot.addWidget(table)
    table.resize(NARROW, 300)
    for words in WORDS.values():
        table.show_rows([Compared(title, "124 ms", "8,000") for title in words.rows.values()], cured=True)
        for title in words.rows.values():
            assert text_width(theme.font(12), title) <= table.title_room, title


def test_a_title_that_is_too_long_goes_on_in_a_second_line(theme: Theme, qtbot: QtBot) -> None:
    card = VerdictCard(theme)
    qtbot.addWidget(card)
    card.show()
    for words in WORDS.values():
        for title in (words.written, words.cured):
            card.show_verdict(Tone.GOOD, title, "It was so.", "for 1.2 s")
            QApplication.processEvents()
            card.resize(NARROW, card.heightForWidth(NARROW))
            QApplication.processEvents()
            label = next(each for each in card.findChildren(Label) if each.text() == title)
            lines = 1 if text_width(label.font(), title) <= label.width() else 2
            assert label.height() >= lines * label.fontMetrics().height(), title
            longest = max(text_width(label.font(), word) for word in title.split())
            assert longest <= label.width(), title


def test_a_sketch_stands_above_its_words(theme: Theme, qtbot: QtBot) -> None:
    page = Invitation(theme)
    qtbot.addWidget(page)
    page.resize(740, 380)
    claim = "worker-1 holds A and waits for B; worker-2 holds B and waits for A. Nobody can go on."
    page.show_claim(claim, "", cured=False, picture=[(0, 0.1, 0.4, State.RUNNING), (1, 0.2, 0.4, State.RUNNING)])
    page.show()
    words = [each for each in page.findChildren(Label) if each.isVisible()]
    qtbot.waitUntil(lambda: all(each.height() >= each.heightForWidth(each.width()) for each in words))
    [sketch] = page.findChildren(Picture)
    places: list[QRect] = [each.geometry() for each in (sketch, *words)]
    assert not any(one.intersects(other) for at, one in enumerate(places) for other in places[at + 1 :])


@pytest.mark.parametrize("size", [(222, 130), (254, 200), (298, 320)])
def test_no_word_of_an_arrow_lies_above_a_node(theme: Theme, qtbot: QtBot, size: tuple[int, int]) -> None:
    view = GraphView(theme)
    qtbot.addWidget(view)
    view.resize(*size)
    nodes = (
        *(Node(key, key, key, is_lock=False) for key in "123"),
        *(Node(key, key, key, is_lock=True) for key in "AB"),
    )
    arrows = tuple(Arrow(source, target, waits=source.isdigit()) for source, target in ("A1", "1B", "B2", "2A", "3A"))
    view.show_picture(GraphPicture(nodes, arrows, ("1", "B", "2", "A")))
    boxes = [box for box in map(view.word_box, arrows) if box is not None]
    assert not [node.key for node in nodes for box in boxes if box.intersects(view.box(node))]
