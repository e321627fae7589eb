"""What the picture of who depends on whom shows, where its nodes are, and the same in words. No Qt."""

import math
from dataclasses import dataclass
from typing import Final

from explorer.labs.isolation.graph import Edge, Graph, Node

WORDS: Final = {"wr": "read its write", "rw": "read first", "ww": "overwrites"}
SENTENCES: Final = {
    "wr": "{second} read what {first} wrote",
    "rw": "{first} read what {second} overwrote",
    "ww": "{second} overwrote what {first} wrote",
}


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge, or several between the same two in one direction. `bend`: to which side and how far it is bent (0: it is
    straight). `tone`: "cycle", "refused" or "plain".
    """

    first: int
    second: int
    words: tuple[str, ...]
    tone: str
    bend: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes with their places (both from 0 to 1), and arrows."""

    nodes: tuple[Node, ...] = ()
    places: tuple[tuple[float, float], ...] = ()
    arrows: tuple[Arrow, ...] = ()
    text: str = ""

    def place(self, transaction: int) -> tuple[float, float]:
        """Where a node is."""
        return next(
            place for node, place in zip(self.nodes, self.places, strict=True) if node.transaction == transaction
        )


def picture(graph: Graph) -> Picture:
    """What to draw. Nodes without an edge are kept: they depend on nobody."""
    nodes = graph.nodes
    known = {node.transaction for node in nodes}
    several: dict[tuple[int, int, str], list[str]] = {}
    for edge in graph.edges:
        if edge.first in known and edge.second in known and edge.first != edge.second:
            words = several.setdefault((edge.first, edge.second, _tone(graph, edge)), [])
            if (word := f"{edge.kind} · {WORDS[edge.kind]}") not in words:
                words.append(word)
    pairs = {(first, second) for first, second, _ in several}
    arrows = []
    for first, second, tone in several:
        both = (second, first) in pairs or sum(pair[:2] == (first, second) for pair in several) > 1
        bend = 1.0 if both or len(nodes) <= 2 else 0.25
        if tone == "refused" and any(pair[:2] == (first, second) and pair[2] != tone for pair in several):
            bend = 1.7
        arrows.append(Arrow(first, second, tuple(several[first, second, tone]), tone, bend))
    return Picture(nodes, places(len(nodes)), tuple(arrows), text(graph))


def places(count: int) -> tuple[tuple[float, float], ...]:
    """Two beside each other, more on a circle with the first two at the top."""
    if count <= 1:
        return ((0.5, 0.5),) * count
    if count == 2:
        return ((0.0, 0.5), (1.0, 0.5))
    if count == 3:
        return ((0.0, 0.0), (1.0, 0.0), (0.5, 1.0))
    turns = [2 * math.pi * at / count - 3 * math.pi / 4 for at in range(count)]
    return tuple(((1 + math.cos(turn)) / 2, (1 + math.sin(turn)) / 2) for turn in turns)


def text(graph: Graph) -> str:
    """The graph for who cannot see it."""
    labels = {node.transaction: node.label for node in graph.nodes}
    told = []
    for edge in graph.edges:
        if edge.first in labels and edge.second in labels:
            words = SENTENCES[edge.kind].format(first=labels[edge.first], second=labels[edge.second])
            about = f" ({edge.about})" if edge.about else ""
            told.append(f"{words}{about}{', but that was refused' if edge.refused else ''}.")
    if graph.cycle:
        told.append("It is a circle: there is no order of these transactions that explains it.")
    return " ".join(told) or "Nobody depends on anybody."


def _tone(graph: Graph, edge: Edge) -> str:
    if edge in graph.cycle:
        return "cycle"
    return "refused" if edge.refused else "plain"
