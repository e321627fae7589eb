"""The graph of who depends on whom, from what the statements of a run are known to have seen (`infer`).

A transaction whose writes mattered for what a statement returned comes before it (wr); one whose writes it had not
seen, and which would have changed what it returned, comes after it (rw), and so does one that wrote a row next (ww).
The statement itself decides what matters, by its result with and without those writes: so conditions and phantoms are
covered by the same rule as single rows.
"""

from dataclasses import dataclass

from explorer.labs.isolation.circle import sentence_of, shortest_circle
from explorer.labs.isolation.graph import Edge, EdgeKind, Graph, Node
from explorer.labs.isolation.infer import Effect, Inference, Inferred, Sight
from explorer.labs.isolation.replay import Copies, Key
from explorer.labs.isolation.schedule import Row, Rows, Schedule
from explorer.labs.isolation.trace import Trace
from explorer.labs.isolation.transactions import AUTOCOMMIT

UNKNOWN = "Who depends on whom cannot be told from what was seen."


@dataclass(frozen=True, slots=True)
class OldVersion:
    """A statement (its number in the trace) that had not seen writes that had taken effect, and what it would have
    read with them; None if it is a write.
    """

    statement: int
    by: tuple[str, ...]
    newest: Rows | None


def graph(schedule: Schedule, trace: Trace) -> Graph:
    """The graph of a run, or of as much of it as there is."""
    with Copies(schedule, trace.facts.engine) as copies:
        inference = Inference(schedule, trace, copies)
        found = inference.all()
        nodes = _nodes(found, copies)
        if not found.sure:
            return Graph(nodes, sentence=UNKNOWN)
        edges = _Edges(inference, found).all()
    committed = {node.transaction for node in nodes if node.ended == "committed"}
    circle = shortest_circle(edges, committed)
    words = sentence_of(nodes, edges, circle, over=trace.over, apart=trace.level == AUTOCOMMIT, whole=found.whole)
    return Graph(nodes, tuple(edges), circle, words)


def old_versions(schedule: Schedule, trace: Trace) -> dict[int, OldVersion]:
    """By number in the trace: the statements that had seen older versions than the newest there were, where that
    mattered for their result.
    """
    with Copies(schedule, trace.facts.engine) as copies:
        inference = Inference(schedule, trace, copies)
        found = inference.all()
        if not found.sure:
            return {}
        olds = (_old(inference, found, sight) for sight in found.sights)
        return {old.statement: old for old in olds if old is not None}


def _old(inference: Inference, found: Inferred, sight: Sight) -> OldVersion | None:
    unseen = []
    for effect in found.effects:
        writer = found.transactions[effect.transaction]
        was_there = (effect.statement.ended or 0) <= (sight.statement.ended or 0)
        taken_back = writer.gone is not None and writer.gone < (sight.statement.ended or 0)
        if effect.transaction != sight.transaction and was_there and not taken_back:
            place = inference.writes(effect.transaction).index(effect)
            if place >= sight.seen[effect.transaction]:
                unseen.append(effect)
    if not unseen:
        return None
    state = inference.state(sight.seen, *unseen)
    below = inference.state(sight.below, *unseen) if sight.below is not None else None
    result = inference.result(sight, state, below)
    if result == sight.result:
        return None
    by = tuple(dict.fromkeys(found.transactions[effect.transaction].session for effect in unseen))
    return OldVersion(sight.statement.number, by, result if isinstance(result, tuple) else None)


def _nodes(found: Inferred, copies: Copies) -> tuple[Node, ...]:
    """The transactions that name a table."""
    nodes: list[Node] = []
    plain: dict[str, int] = {}
    for each in found.transactions.values():
        if not any(copies.touches(one.sql) for one in each.statements):
            continue
        label = each.session + "′" * each.attempt
        again = plain[label] = plain.get(label, 0) + 1
        nodes.append(Node(each.number, each.session, label + (str(again) if again > 1 else ""), each.ended))
    return tuple(nodes)


class _Edges:
    """Collects the edges, of each kind between two transactions the first."""

    def __init__(self, inference: Inference, found: Inferred) -> None:
        self._inference, self._found = inference, found
        self._edges: dict[tuple[EdgeKind, int, int, bool], Edge] = {}

    def all(self) -> list[Edge]:
        for sight in self._found.sights:
            self._reads(sight)
        self._overwrites()
        self._attempts()
        edges = list(self._edges.values())
        made = {(edge.kind, edge.first, edge.second) for edge in edges if not edge.refused}
        return [edge for edge in edges if not edge.refused or (edge.kind, edge.first, edge.second) not in made]

    def _add(self, kind: EdgeKind, first: Effect | Sight, second: Effect | Sight, about: str, refused: bool) -> None:
        numbers = first.transaction, second.transaction
        statements = first.statement.number, second.statement.number
        self._edges.setdefault((kind, *numbers, refused), Edge(kind, *numbers, about, statements, refused))

    # -- what was read ---------------------------------------------------------------------------------------------

    def _reads(self, sight: Sight) -> None:
        for number in self._found.transactions:
            if number == sight.transaction:
                continue
            self._seen(sight, number)
            if self._found.transactions[number].ended != "rolled back":
                self._unseen(sight, number)

    def _seen(self, sight: Sight, number: int) -> None:
        """wr: without the writes of that transaction the result would have been another."""
        count = max(sight.seen[number], (sight.below or {}).get(number, 0))
        effects = self._inference.writes(number)[:count]
        if not effects or not self._differs_without(sight, effects):
            return
        needed = [effect for effect in effects if self._differs_without(sight, [effect])] or effects
        self._add("wr", needed[-1], sight, about(needed), False)

    def _differs_without(self, sight: Sight, effects: list[Effect]) -> bool:
        def state(seen: dict[int, int]) -> list[Effect]:
            writes = self._inference.writes
            return [one for number, count in seen.items() for one in writes(number)[:count] if one not in effects]

        seen = self._inference.overlay(state(dict(sight.seen)))
        below = self._inference.overlay(state(dict(sight.below))) if sight.below is not None else None
        return self._inference.result(sight, seen, below) != sight.result

    def _unseen(self, sight: Sight, number: int) -> None:
        """rw: with the writes of that transaction, which it had not seen, the result would have been another."""
        effects = [
            one for one in self._inference.writes(number)[sight.seen[number] :] if self._next(sight, one)
        ]  # fmt: skip
        if not effects or not self._differs_with(sight, effects):
            return
        needed = [effect for effect in effects if self._differs_with(sight, [effect])] or effects
        refused = not self._found.transactions[number].lives
        self._add("rw", sight, needed[0], about(needed), refused)

    def _differs_with(self, sight: Sight, effects: list[Effect]) -> bool:
        only = [Effect(one.place, one.statement, one.transaction, self._next(sight, one)) for one in effects]
        seen = self._inference.state(sight.seen, *only)
        below = self._inference.state(sight.below, *only) if sight.below is not None else None
        result = self._inference.result(sight, seen, below)
        return result is not None and result != sight.result

    def _next(self, sight: Sight, effect: Effect) -> dict[Key, Row | None]:
        """Those of its rows that are the next version after the one that was seen: whoever wrote the one after depends
        on who wrote this.
        """
        found: dict[Key, Row | None] = {}
        for key, row in effect.rows.items():
            between = [
                one
                for one in self._found.effects
                if key in one.rows
                and one.place < effect.place
                and one.transaction != effect.transaction
                and (self._found.transactions[one.transaction].lives or one.transaction == sight.transaction)
                and not self._was_seen(sight, one)
            ]
            if not between:
                found[key] = row
        return found

    def _was_seen(self, sight: Sight, effect: Effect) -> bool:
        place = self._inference.writes(effect.transaction).index(effect)
        return place < sight.seen[effect.transaction]

    # -- what was overwritten --------------------------------------------------------------------------------------

    def _overwrites(self) -> None:
        latest: dict[Key, Effect] = {}
        for effect in self._found.effects:
            second = self._found.transactions[effect.transaction]
            for key in effect.rows:
                first = latest.get(key)
                if first is not None and first.transaction != effect.transaction:
                    before = self._found.transactions[first.transaction]
                    if "rolled back" not in (before.ended, second.ended):
                        refused = not (before.lives and second.lives)
                        self._add("ww", first, effect, about_key(key), refused)
                latest[key] = effect

    def _attempts(self) -> None:
        """What an engine refused: ww, the row was another's; else rw, another had read what would have changed."""
        for each in self._found.transactions.values():
            for one in each.statements:
                changes = self._inference.attempted(one)
                if changes is None:
                    continue
                for key in changes.rows:
                    before = [
                        effect
                        for effect in self._found.effects
                        if key in effect.rows
                        and effect.transaction != each.number
                        and self._found.transactions[effect.transaction].ended != "rolled back"
                        and (effect.statement.ended or 0) <= (one.ended or 0)
                    ]
                    if before:
                        self._add("ww", before[-1], Sight(one, each.number, {}, None, None), about_key(key), True)
                place = sum((effect.statement.ended or 0) <= (one.ended or 0) for effect in self._found.effects)
                self._read_before(Effect(place, one, each.number, changes.rows))

    def _read_before(self, attempt: Effect) -> None:
        """rw to a refused write, from who had read what it would have changed, unless a ww says why already."""
        for sight in self._found.sights:
            pair = sight.transaction, attempt.transaction
            lives = self._found.transactions[sight.transaction].lives
            before = (sight.statement.ended or 0) <= (attempt.statement.ended or 0)
            if pair[0] == pair[1] or not (lives and before) or ("ww", *pair, True) in self._edges:
                continue
            if self._differs_with(sight, [attempt]):
                self._add("rw", sight, attempt, about([attempt]), True)


def about_key(key: Key) -> str:
    """A row in words: "account Ann"."""
    return f"{key[0]} {key[1]}"


def about(effects: list[Effect]) -> str:
    """What these writes changed: a row, or several of a table."""
    keys = {key for effect in effects for key in effect.rows}
    return about_key(next(iter(keys))) if len(keys) == 1 else f"rows of {min(key[0] for key in keys)}"
