"""The shortest circle of a graph of transactions, and what is to be said of it."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from explorer.labs.isolation.graph import Edge, Node

KINDS: Final = ("wr", "ww", "rw")
"""Of several edges between the same two the first kind is taken."""
ALONE: Final = (
    "Each statement was a transaction of its own, which no ROLLBACK takes back: of the whole ones no order is claimed."
)
AS_IF: Final = "It is as if they had run one after the other"
_PAIRS: Final = {
    ("rw", "rw"): "{a} read what {b} then wrote, and {b} read what {a} then wrote",
    ("wr", "wr"): "{b} read what {a} wrote, and {a} read what {b} wrote",
    ("ww", "ww"): "{b} wrote over what {a} wrote, and {a} over what {b} wrote",
    ("wr", "rw"): "one part of what {b} read shows what {a} wrote, another does not",
    ("ww", "rw"): "{b} read before {a} wrote, and then wrote over it",
    ("wr", "ww"): "{b} read what {a} wrote, and {a} wrote over what {b} wrote",
}
"""Circles of two by their kinds, the first from a to b."""


def shortest_circle(edges: Iterable[Edge], nodes: Collection[int]) -> tuple[Edge, ...]:
    """The edges of a shortest circle among these nodes, without those that were refused; empty if there is none."""
    return _shortest([edge for edge in edges if not edge.refused and {edge.first, edge.second} <= set(nodes)])


def _shortest(edges: Sequence[Edge]) -> tuple[Edge, ...]:
    after: dict[int, list[Edge]] = {}
    for edge in sorted(edges, key=lambda one: (one.first, one.second, KINDS.index(one.kind))):
        after.setdefault(edge.first, []).append(edge)
    circles = (_back_to(start, after) for start in sorted(after))
    return min((circle for circle in circles if circle), key=len, default=())


def _back_to(start: int, after: Mapping[int, Sequence[Edge]]) -> tuple[Edge, ...]:
    came: dict[int, Edge] = {}
    waiting = deque([start])
    while waiting:
        for edge in after.get(waiting.popleft(), ()):
            if edge.second == start:
                path = [edge]
                while path[0].first != start:
                    path.insert(0, came[path[0].first])
                return tuple(path)
            if edge.second not in came:
                came[edge.second] = edge
                waiting.append(edge.second)
    return ()


def sentence_of(
    nodes: Sequence[Node], edges: Sequence[Edge], circle: Sequence[Edge], *, over: bool, apart: bool, whole: bool
) -> str:
    """Names the circle, or says the order. `apart`: AUTOCOMMIT, where only the meant transactions make a circle.
    `whole`: of each statement it is known what it had seen.
    """
    labels = {node.transaction: node.label for node in nodes}
    if circle:
        count = {2: "two", 3: "three"}.get(len(circle), str(len(circle)))
        words = _around(circle, labels)
        aside = "Each statement was a transaction of its own; taken together, " if apart else ""
        words = aside + words if aside else words[:1].upper() + words[1:]
        return f"{words}: no order of the {count} gives this."
    dirty = next((edge for edge in edges if edge.kind == "wr" and _gone(nodes, edge)), None)
    if dirty is not None:
        return f"{labels[dirty.second]} read what {labels[dirty.first]} then took back."
    lost = " and ".join(node.label for node in nodes if node.ended == "aborted")
    if lost and _shortest(edges):
        return f"The circle would be closed by {lost}'s write. The abort cuts it: what remains has an order."
    # SQLite refuses a write, and leaves the transaction open, which can still be committed.
    writer = next((labels[edge.second] for edge in edges if edge.refused), "")
    if writer and _shortest(edges):
        return f"The circle would be closed by {writer}'s write. Its refusal cuts it: what remains has an order."
    if not over:
        return "No circle so far." if edges else ""
    if apart:
        return ALONE
    order = _order(nodes, edges) if whole else "What some statements had seen cannot be told, so no order is claimed."
    return f"{lost} was refused. {order}" if lost and order else order


def _around(circle: Sequence[Edge], labels: Mapping[int, str]) -> str:
    if len(circle) == 2:
        for one, other in (circle, circle[::-1]):
            pair = _PAIRS.get((one.kind, other.kind))
            if pair is not None:
                return pair.format(a=labels[one.first], b=labels[one.second])
    words = [_phrase(edge, labels) for edge in circle]
    return f"{', '.join(words[:-1])}, and {words[-1]}"


def _phrase(edge: Edge, labels: Mapping[int, str]) -> str:
    first, second = labels[edge.first], labels[edge.second]
    if edge.kind == "wr":
        return f"{second} read what {first} wrote"
    if edge.kind == "rw":
        return f"{first} read what {second} then wrote"
    return f"{second} wrote over what {first} wrote"


def _gone(nodes: Sequence[Node], edge: Edge) -> bool:
    """Whether it was read from one who took it back, by one who did not."""
    ended = {node.transaction: node.ended for node in nodes}
    return ended[edge.first] in ("rolled back", "aborted") and ended[edge.second] in ("committed", "open")


def _order(nodes: Sequence[Node], edges: Sequence[Edge]) -> str:
    """In which order the committed ones could have run one after the other."""
    left = [node for node in nodes if node.ended == "committed"]
    numbers = {node.transaction for node in left}
    asked = [edge for edge in edges if not edge.refused and {edge.first, edge.second} <= numbers]
    if not left:
        return ""
    if len(left) == 1:
        return f"{left[0].label} is all that remains."
    if not asked:
        return "Nobody read or wrote over what another wrote: any order gives this."
    order = []
    while left:
        first = next(node for node in left if all(edge.second != node.transaction for edge in asked))
        left.remove(first)
        order.append(first.label)
        asked = [edge for edge in asked if edge.first != first.transaction]
    return f"{AS_IF}: {', '.join(order)}."
