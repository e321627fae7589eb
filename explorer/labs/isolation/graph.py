"""Who depends on whom: the direct serialization graph (Adya) of the transactions of a run."""

from dataclasses import dataclass, field
from typing import Final, Literal

EdgeKind = Literal["wr", "rw", "ww"]
"""wr: the second read what the first wrote. rw: the first read what the second then overwrote. ww: the second
overwrote what the first wrote.
"""

ANOTHER: Final = " It is an anomaly, but another one than this scenario is about."


@dataclass(frozen=True, slots=True)
class Node:
    """A transaction: its number in the trace, its session, how it ended ("committed", "rolled back", "aborted", or
    "open" while it goes on). `label` is the session's name, with a prime for each retry.
    """

    transaction: int
    session: str
    label: str
    ended: str


@dataclass(frozen=True, slots=True)
class Edge:
    """`first` and `second` are numbers of transactions, `about` what it is about ("account Ann", "rows of on_call"),
    `statements` the numbers in the trace of the two statements that make it.

    `refused`: one of its ends was aborted, so that it never came to be.
    """

    kind: EdgeKind
    first: int
    second: int
    about: str
    statements: tuple[int, int]
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """All nodes and edges, and the edges of a shortest cycle of committed transactions (empty: they have an order).

    `sentence` names the cycle or says the order.
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    cycle: tuple[Edge, ...] = field(default=())
    sentence: str = ""

    def told(self, *, happened: bool) -> str:
        """The sentence beside a verdict: a circle without the anomaly that was looked for is another one."""
        return self.sentence + (ANOTHER if self.cycle and not happened else "")
