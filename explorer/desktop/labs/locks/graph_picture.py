"""What a picture of who waits for whom shows, and how it is put in words. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """Somebody who waits or holds, or a lock. `badge` is what stands in it, `title` what it is called."""

    key: str
    title: str
    badge: str
    is_lock: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """From an owner to the lock it waits for, or from a lock to who holds it."""

    source: str
    target: str
    waits: bool


@dataclass(frozen=True, slots=True)
class GraphPicture:
    """`cycle`: the keys of a closed circle of waiters, in order; empty while there is none."""

    nodes: tuple[Node, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    cycle: tuple[str, ...] = ()

    def beside(self) -> dict[str, str]:
        """The lock that each owner holds, else the one it waits for."""
        found = {arrow.source: arrow.target for arrow in self.arrows if arrow.waits}
        return found | {arrow.target: arrow.source for arrow in self.arrows if not arrow.waits}

    def closes(self, arrow: Arrow) -> bool:
        """Whether an arrow belongs to the circle."""
        if arrow.source not in self.cycle or arrow.target not in self.cycle:
            return False
        at = self.cycle.index(arrow.source)
        return self.cycle[(at + 1) % len(self.cycle)] == arrow.target

    def text(self) -> str:
        """The graph for who cannot see it: "Worker 1 holds A and waits for B. …"."""
        titles = {node.key: node.title for node in self.nodes}
        sentences = []
        for node in self.nodes:
            if node.is_lock:
                continue
            holds = [titles[arrow.source] for arrow in self.arrows if arrow.target == node.key]
            waits = [titles[arrow.target] for arrow in self.arrows if arrow.source == node.key]
            parts = [f"holds {listed(holds)}"] * bool(holds) + [f"waits for {listed(waits)}"] * bool(waits)
            if parts:
                sentences.append(f"{node.title} {' and '.join(parts)}.")
        if self.cycle:
            sentences.append("It is a circle: nobody in it can go on.")
        return " ".join(sentences) or "Nobody waits."


def listed(words: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
