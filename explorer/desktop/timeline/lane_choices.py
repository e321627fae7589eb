"""What somebody wants of the lanes: folded groups, pinned, hidden, order, filter, and the legend's states. No Qt.

Lanes are recognised by what they are called ("server", "server › Worker 2"), not by their tracks' numbers, so that the
choices of one run hold for the next. `arranged` applies them to the rows of a moment.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from explorer.desktop.timeline.rows import Row, RowKind
from explorer.records.states import State

BETWEEN: Final = " › "
PINNED: Final = "Pinned"
PINNED_KEY: Final = "pinned"
MOST_NAMES: Final = 500
"""Names that one scenario remembers in each list."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane with its `name`; the rows of one route are one lane."""

    name: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group: its head and the lanes below it, none while it is closed."""

    name: str
    head: Row
    lanes: tuple[Lane, ...]


@dataclass(slots=True)
class LaneChoices:
    """The choices of one scenario. `toggled`: groups that are not as they would be by default; `order` is by
    container, a group's name or "" for the groups themselves; `words` filters by name.
    """

    toggled: set[str] = field(default_factory=set)
    pinned: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    order: dict[str, list[str]] = field(default_factory=dict)
    words: str = ""
    states: frozenset[State] = frozenset()

    def toggle_group(self, name: str) -> None:
        """Open or close a group."""
        self.toggled.symmetric_difference_update({name})

    def toggle_pin(self, name: str) -> None:
        """Pin a lane to the top, after those that are there, or let it go back to its place."""
        if name in self.pinned:
            self.pinned.remove(name)
        else:
            self.pinned.append(name)
            self.hidden.discard(name)

    def toggle_hidden(self, name: str) -> None:
        """Hide a lane or a group, or show it again."""
        if name in self.hidden:
            self.hidden.remove(name)
        else:
            self.hidden.add(name)
            if name in self.pinned:
                self.pinned.remove(name)

    def shows(self, group: str, title: str) -> bool:
        """Whether a lane is shown, where it has something to show; its group may be closed."""
        name, words = lane_name(group, title), self.words.casefold()
        if group in self.hidden or name in self.hidden:
            return False
        return name in self.pinned or words in group.casefold() or words in title.casefold()

    def show_all(self) -> None:
        """Hide nothing, filter nothing."""
        self.hidden.clear()
        self.words = ""

    def reset_order(self) -> None:
        """As the program would order them, nothing pinned."""
        self.order.clear()
        self.pinned.clear()

    def move(self, shown: Sequence[str], name: str, to: int, container: str = "") -> bool:
        """Put `name` at the place `to` among its neighbours as `shown`; False if it is there already."""
        if name not in shown:
            return False
        rest = [one for one in shown if one != name]
        to = min(max(to, 0), len(rest))
        wanted = [*rest[:to], name, *rest[to:]]
        if wanted == list(shown):
            return False
        if container == PINNED:
            self.pinned = wanted
        else:
            elsewhere = [one for one in self.order.get(container, ()) if one not in wanted]
            self.order[container] = wanted + elsewhere
        return True

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; what is as usual is left out."""
        data = {
            "toggled": sorted(self.toggled)[:MOST_NAMES],
            "pinned": self.pinned[:MOST_NAMES],
            "hidden": sorted(self.hidden)[:MOST_NAMES],
            "order": {container: names[:MOST_NAMES] for container, names in list(self.order.items())[:MOST_NAMES]},
            "words": self.words,
            "states": sorted(state.name for state in self.states),
        }
        return {key: value for key, value in data.items() if value}

    @classmethod
    def from_dict(cls, data: object) -> "LaneChoices":
        """From JSON; what makes no sense there is left out."""
        if not isinstance(data, dict):
            return cls()
        order = data.get("order")
        words = data.get("words")
        return cls(
            set(_texts(data.get("toggled"))),
            _texts(data.get("pinned")),
            set(_texts(data.get("hidden"))),
            {str(key): _texts(names) for key, names in order.items()} if isinstance(order, dict) else {},
            words if isinstance(words, str) else "",
            frozenset(State[name] for name in _texts(data.get("states")) if name in State.__members__),
        )


@dataclass(frozen=True, slots=True)
class Arranged:
    """Rows as they are to be shown, how many lanes are `hidden` (those of hidden groups that are open, and filtered
    ones, included; lanes of one name, of a server and its successor, are one), and the tracks of the `pinned` ones.
    """

    rows: list[Row]
    hidden: int = 0
    pinned: frozenset[int] = frozenset()


def lane_name(group: str, title: str) -> str:
    """What a lane of a group is recognised by."""
    return f"{group}{BETWEEN}{title}"


def grouped(rows: Iterable[Row]) -> list[Group]:
    """The rows as groups of lanes, in their order."""
    groups: list[tuple[Row, list[list[Row]]]] = []
    for row in rows:
        if row.kind is RowKind.GROUP:
            groups.append((row, []))
        elif not groups:
            continue
        elif row.kind in (RowKind.REQUEST, RowKind.DEPTH) and not row.title and groups[-1][1]:
            groups[-1][1][-1].append(row)
        else:
            groups[-1][1].append([row])
    return [Group(head.title, head, tuple(_lanes(head.title, lanes))) for head, lanes in groups]


def ordered(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """`names` in the order of `wanted`; each that is not in there stays behind the one that it follows."""
    place = {name: at for at, name in enumerate(wanted)}
    result = sorted((name for name in names if name in place), key=place.__getitem__)
    before = ""
    for name in names:
        if name not in place:
            result.insert(result.index(before) + 1 if before else 0, name)
        before = name
    return result


def sorted_groups(rows: Iterable[Row], choices: LaneChoices) -> list[Group]:
    """The groups and their lanes in the order that was chosen."""
    groups: dict[str, list[Group]] = {}
    for group in grouped(rows):
        groups.setdefault(group.name, []).append(group)
    found = []
    for name in ordered(list(groups), choices.order.get("", ())):
        for group in groups[name]:
            lanes = {lane.name: lane for lane in group.lanes}
            names = ordered(list(lanes), choices.order.get(name, ()))
            found.append(replace(group, lanes=tuple(lanes[one] for one in names)))
    return found


def arranged(rows: Sequence[Row], choices: LaneChoices) -> Arranged:
    """`rows` as they were chosen to be shown."""
    if not (choices.pinned or choices.hidden or choices.order or choices.words):
        return Arranged(list(rows))
    shown: list[Row] = []
    pinned: dict[str, list[Row]] = {}
    hidden: set[str] = set()
    words = choices.words.casefold()
    for group in sorted_groups(rows, choices):
        if group.name in choices.hidden:
            hidden.update([lane.name for lane in group.lanes] or [group.name])
            continue
        whole = words in group.name.casefold()
        kept: list[Row] = []
        for lane in group.lanes:
            if lane.name in choices.pinned:
                pinned.setdefault(lane.name, []).extend(_pinned_rows(lane, group))
            elif lane.name in choices.hidden or not (whole or words in lane.title.casefold()):
                hidden.add(lane.name)
            else:
                kept += lane.rows
        if whole or kept:
            shown += [group.head, *kept]
        elif not group.lanes:
            hidden.add(group.name)
    top = [row for name in choices.pinned for row in pinned.get(name, ())]
    if top:
        is_open = PINNED not in choices.toggled
        head = Row(PINNED_KEY, RowKind.GROUP, PINNED_KEY, PINNED, icon="pin", is_open=is_open)
        shown = [head, *(top if is_open else ()), *shown]
    return Arranged(shown, len(hidden), frozenset(row.track for row in top))


def name_of(rows: Sequence[Row], key: str, choices: LaneChoices) -> tuple[str, str]:
    """Container and name of the row with a key: ("", group) of a group, (group, lane) of a lane, ("", "") if unknown.

    `rows` are all there are, not only those shown.
    """
    for group in grouped(rows):
        if group.head.key == key:
            return "", group.name
        for lane in group.lanes:
            if any(row.key == key for row in lane.rows):
                return (PINNED if lane.name in choices.pinned else group.name), lane.name
    return "", ""


def neighbours(rows: Sequence[Row], choices: LaneChoices, container: str) -> list[str]:
    """The names in a container in the order in which they are shown, without those that are not."""
    groups = sorted_groups(rows, choices)
    if container == PINNED:
        there = {lane.name for group in groups for lane in group.lanes}
        return [name for name in choices.pinned if name in there]
    if not container:
        return list(dict.fromkeys(group.name for group in groups if group.name not in choices.hidden))
    away = choices.hidden | set(choices.pinned)
    lanes = (lane.name for group in groups if group.name == container for lane in group.lanes)
    return [name for name in dict.fromkeys(lanes) if name not in away]


def _pinned_rows(lane: Lane, group: Group) -> list[Row]:
    """They say whose they are, as they are away from their group."""
    first, *others = lane.rows
    return [replace(first, tag=group.name if first.kind is not RowKind.COUNTER else first.tag), *others]


def _lanes(group: str, lanes: Iterable[list[Row]]) -> Iterable[Lane]:
    alike: Counter[str] = Counter()
    for rows in lanes:
        title = rows[0].title
        alike[title] += 1
        name = title if alike[title] == 1 else f"{title} ({alike[title]})"
        yield Lane(lane_name(group, name), title, tuple(rows))


def _texts(given: object) -> list[str]:
    if not isinstance(given, list):
        return []
    return list(dict.fromkeys(one for one in given[:MOST_NAMES] if isinstance(one, str)))


def words_for_nothing(choices: LaneChoices, number: int) -> str:
    """What stands where all `number` lanes are hidden, and what brings them back."""
    why = f"No lane is called '{choices.words}'" if choices.words else f"All {number:,} lanes are hidden"
    return f"{why}: Lanes (L) and Show all bring them back."


def words_for_hidden(number: int) -> str:
    """ "3 lanes hidden"; empty for none."""
    return "" if not number else "1 lane hidden" if number == 1 else f"{number:,} lanes hidden"
