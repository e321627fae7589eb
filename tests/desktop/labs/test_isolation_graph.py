"""The picture of who depends on whom, painted."""

from itertools import combinations

from pytestqt.qtbot import QtBot

from explorer.desktop.labs.isolation.side.dependency_view import DependencyView
from explorer.desktop.theme import Theme
from explorer.labs.isolation.graph import Edge, Graph, Node
from tests.desktop.widgets.conftest import theme as theme


def test_the_words_of_arrows_cover_no_others(theme: Theme, qtbot: QtBot) -> None:
    """Of a reader who saw a part of one transaction, and of whom another depends: two arrows are bent far out."""
    nodes = tuple(Node(at, name, name, "committed") for at, name in enumerate("ABC"))
    circle = (Edge("wr", 1, 2, "account Ann", (2, 3)), Edge("rw", 2, 1, "account Bob", (3, 4)))
    edges = (Edge("ww", 0, 1, "account Ann", (0, 2)), Edge("wr", 0, 2, "account Bob", (1, 3)), *circle)
    view = DependencyView(theme)
    qtbot.addWidget(view)
    for width in (240, 300):
        view.show_graph(Graph(nodes, edges, circle))
        view.resize(width, view.sizeHint().height())
        view.grab()
        assert len(view.said) == 4
        assert not [(one, other) for one, other in combinations(view.said, 2) if one.intersects(other)]
