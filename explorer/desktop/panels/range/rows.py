"""The statistics of a range as rows of words: for the tables on the screen, as text, and as CSV."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from explorer.analysis.call_stacks import StackNode
from explorer.analysis.groups import GROUP, MEDIAN, NINETY_NINE, Figures, rank
from explorer.analysis.range_statistics import RangeStatistics, Where
from explorer.collect.source import Array
from explorer.desktop.widgets.flame import Flame
from explorer.desktop.words import STATE_WORDS, count, duration, request_label, state_title
from explorer.export.cells import harmless
from explorer.records.states import State, TrackKind
from explorer.wording import within_sentence

FIGURES: Final = ("count", "total", "median", "p99")
TITLES: Final = {"count": "Count", "total": "Total", "median": "Median", "p99": "p99"}
NO_NAME: Final = "No name"
SIDES: Final = {Where.LANES: "Threads", Where.REQUESTS: "Requests", Where.SAMPLER: "Sampled"}
"""Who tells of states: what threads did, what requests went through, what the sampler saw of threads."""
KIND_WORDS: Final = {
    TrackKind.LOOP: "Event loops",
    TrackKind.WINDOW: "Window",
    TrackKind.THREAD: "Threads",
    TrackKind.SESSION: "Database sessions",
    TrackKind.LOCK: "Locks",
    TrackKind.CONNECTION: "Connections",
    TrackKind.PROCESS: "Processes",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with a label (of row n), perhaps a state, and figures, (n,) of GROUP. `column` is the label's title, `short`
    a label for little room.
    """

    column: str
    figures: Array
    label: Callable[[int], str]
    state: Callable[[int], State | None] = lambda row: None
    short: Callable[[int], str] | None = None

    def __len__(self) -> int:
        return len(self.figures)

    def order(self, field: str, descending: bool) -> Array:
        """The rows in order of a figure, or of the label ("")."""
        if field:
            values = self.figures[field]
            # Among equals the longer comes first, whichever way.
            return np.lexsort((-self.figures["total"], -values if descending else values))
        labels = [self.label(row).lower() for row in range(len(self))]
        return np.array(sorted(range(len(self)), key=labels.__getitem__, reverse=descending), "<i8")


def counted(found: RangeStatistics, tab: str, side: Where) -> str:
    """How much a tab's figures were made of; `side` is who tells of the states: "1,204 spans in lanes"."""
    if tab == "latency":
        number = len(found.latencies)
        return f"{count(number)} request{'' if number == 1 else 's'} ended"
    where = side if tab == "state" else Where.REQUESTS if tab == "request" else Where.LANES
    number = found.looked[where]
    noun = "span" if number == 1 else "spans"
    forms = {Where.LANES: "{} {} in lanes", Where.REQUESTS: "{} {} of requests", Where.SAMPLER: "{} sampled {}"}
    return forms[where].format(count(number), noun)


def counted_in_all(found: RangeStatistics) -> str:
    """All that a range was looked through for, and what of the lanes on the screen it has to do with."""
    lanes, requests, sampled = (count(found.looked[where]) for where in Where)
    return (
        f"{count(found.spans)} spans touch the range: {lanes} in lanes, {requests} of requests, {sampled} sampled. "
        "Lanes that are hidden or folded count too."
    )


def sides(found: RangeStatistics) -> list[Where]:
    """Those that have told of any state."""
    told = {where for where, _ in found.states}
    return [where for where in Where if where in told]


def state_table(found: RangeStatistics, side: Where) -> Table:
    """By state, as one side tells."""
    mine = [(state, figures) for (where, state), figures in found.states.items() if where is side]
    states = [state for state, _ in mine]
    table = _listed("State", [state_title(state) for state in states], [figures for _, figures in mine], states)
    return replace(table, short=lambda row: STATE_WORDS.get(states[row], STATE_WORDS[State.UNKNOWN]).short)


def name_table(found: RangeStatistics, name: Callable[[int], str]) -> Table:
    """By name."""
    return _listed("Name", [name(number) or NO_NAME for number in found.names], list(found.names.values()))


def lane_table(found: RangeStatistics, titles: Mapping[int, tuple[str, str]]) -> Table:
    """By lane; `titles` has what each is called, in full and in short."""
    named = [titles.get(track, (NO_NAME, NO_NAME)) for track in found.lanes]
    table = _listed("Lane", [title for title, _ in named], list(found.lanes.values()))
    return replace(table, short=lambda row: named[row][1])


def request_table(found: RangeStatistics) -> Table:
    """By request; there may be hundreds of thousands, so words are made only for what is seen."""
    requests = found.requests
    return Table("Request", requests, lambda row: request_label(int(requests["key"][row])))


def _listed(column: str, labels: list[str], figures: list[Figures], states: list[State] | None = None) -> Table:
    rows = np.zeros(len(labels), GROUP)
    for at, one in enumerate(figures):
        rows[at] = (at, one.count, one.total, one.median, one.p99)
    return Table(column, rows, labels.__getitem__, (lambda row: None) if states is None else (lambda row: states[row]))


def flame_of(found: RangeStatistics, name: Callable[[int], str]) -> Flame:
    """The call stacks as bars."""
    whole = max(1, found.stacks.total)

    def bar(node: StackNode) -> Flame:
        text = KIND_WORDS.get(node.kind, "Lanes") if node.kind is not None else name(node.name) or NO_NAME
        share = f"{100 * node.total / whole:.1f} %"
        words = f"{text}\n{duration(node.total)}, {share} of all; {count(node.count)} spans"
        states: list[tuple[State, int]] = []
        if node.kind is None:
            states = sorted(node.spent().items())
            most = within_sentence(state_title(node.state))
            words += f"\n{_shares(states)}\n{duration(node.own)} of its own, most of it {most}"
        return Flame(text, words, node.total, states, tuple(bar(child) for child in node.ordered() if child.total))

    children = tuple(bar(child) for child in found.stacks.ordered() if child.total)
    total = sum(child.width for child in children)
    return Flame(
        f"All lanes, {duration(total)}", f"All lanes\n{duration(total)} that were not idle", total, (), children
    )


def _shares(states: Sequence[tuple[State, int]]) -> str:
    """ "Running 269 ms, waiting for the GIL 454 ms", in order of the states."""
    told = [(state_title(state), duration(time)) for state, time in states if time]
    words = (f"{within_sentence(title) if at else title} {time}" for at, (title, time) in enumerate(told))
    return ", ".join(words) or "Nobody knows in which states"


def stack_lines(found: RangeStatistics, name: Callable[[int], str]) -> Iterator[tuple[tuple[str, ...], StackNode]]:
    """Each stack, the callers first, with its node; the longest first on each level."""

    def walk(node: StackNode, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], StackNode]]:
        for child in node.ordered():
            text = KIND_WORDS.get(child.kind, "Lanes") if child.kind is not None else name(child.name) or NO_NAME
            here = (*path, text)
            yield here, child
            yield from walk(child, here)

    yield from walk(found.stacks, ())


def table_text(table: Table, order: Array) -> str:
    """A table in columns for a fixed-width font, times with their units."""
    rows = [[table.column, *(TITLES[field] for field in FIGURES)]]
    for row in order.tolist():
        figures = table.figures[row]
        rows.append(
            [table.label(row), count(int(figures["count"])), *(duration(int(figures[one])) for one in FIGURES[1:])]
        )
    return aligned(rows)


def table_csv(table: Table, order: Array) -> str:
    """A table as CSV, times in ns."""
    rows: list[list[object]] = [[table.column.lower(), "count", "total_ns", "median_ns", "p99_ns"]]
    rows += [[table.label(row), *(int(table.figures[row][field]) for field in FIGURES)] for row in order.tolist()]
    return csv_text(rows)


def stacks_text(found: RangeStatistics, name: Callable[[int], str]) -> str:
    """The call stacks, indented."""
    rows = [["Stack", "Count", "Total", "Own"]]
    for path, node in stack_lines(found, name):
        label = "  " * (len(path) - 1) + path[-1]
        rows.append([label, count(node.count), duration(node.total), duration(node.own)])
    return aligned(rows)


def stacks_csv(found: RangeStatistics, name: Callable[[int], str]) -> str:
    """The call stacks, the names of each joined by ";" as flame graph tools want them, times in ns."""
    rows: list[list[object]] = [["stack", "count", "total_ns", "own_ns"]]
    rows += [[";".join(path), node.count, node.total, node.own] for path, node in stack_lines(found, name)]
    return csv_text(rows)


def latency_marks(found: RangeStatistics) -> tuple[tuple[str, int], ...]:
    """The median and the 99th percentile of the latencies; nothing if no request ended."""
    values = found.latencies
    if not len(values):
        return ()
    return (("p50", int(values[rank(len(values), MEDIAN)])), ("p99", int(values[rank(len(values), NINETY_NINE)])))


def latency_words(found: RangeStatistics) -> str:
    """ "1,204 requests ended in this range, 3 of them failed. 16 others were given up: the load ended or changed."."""
    ended = len(found.latencies)
    others = f"{count(found.abandoned)} other{'s were' if found.abandoned != 1 else ' was'}"
    given_up = f" {others} given up: the load ended or changed." if found.abandoned else ""
    if not ended:
        return f"No request ended in this range.{given_up}"
    one = f"{count(ended)} request{'s' if ended != 1 else ''} ended in this range"
    failed = f", {count(found.failed)} of them failed" if found.failed else ""
    return f"{one}{failed}.{given_up}"


def bins_text(edges: Array, counts: Array) -> str:
    """A histogram as text."""
    rows = [["From", "To", "Requests"]]
    for at in np.flatnonzero(counts).tolist():
        rows.append([duration(edges[at]), duration(edges[at + 1]), count(int(counts[at]))])
    return aligned(rows)


def bins_csv(edges: Array, counts: Array) -> str:
    """A histogram as CSV, limits in ns."""
    rows: list[list[object]] = [["from_ns", "to_ns", "requests"]]
    rows += [[round(edges[at]), round(edges[at + 1]), int(counts[at])] for at in range(len(counts))]
    return csv_text(rows)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns: the first to the left, figures to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = []
    for label, *figures in rows:
        cells = [label.ljust(widths[0]), *(text.rjust(wide) for text, wide in zip(figures, widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def csv_text(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV; a text that a spreadsheet would compute has an apostrophe before it (`export.cells`)."""
    out = io.StringIO()
    cells = ([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    csv.writer(out, lineterminator="\n").writerows(cells)
    return out.getvalue()
