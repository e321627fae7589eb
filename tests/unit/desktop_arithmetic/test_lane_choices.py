"""Pinning, hiding, ordering and filtering lanes by what they are called."""

import pytest

from explorer.desktop.timeline.lane_choices import (
    PINNED,
    LaneChoices,
    arranged,
    name_of,
    neighbours,
    ordered,
    words_for_hidden,
)
from explorer.desktop.timeline.rows import Row, RowKind
from explorer.records.states import State


def group(title: str, key: str = "") -> Row:
    return Row(key or title, RowKind.GROUP, key or title, title)


def lane(group: str, title: str, track: int, kind: RowKind = RowKind.LANE) -> Row:
    return Row(f"track {track}", kind, group, title, track=track)


ROWS = [
    group("server"),
    lane("server", "Event loop", 1),
    lane("server", "Worker 1", 2),
    lane("server", "Worker 2", 3),
    group("Requests"),
    lane("Requests", "GET /a", 4, RowKind.REQUEST),
    lane("Requests", "", 5, RowKind.REQUEST),
    lane("Requests", "GET /b", 6, RowKind.REQUEST),
    group("load"),
]


def titles(choices: LaneChoices) -> list[str]:
    return [row.title or f"({row.track})" for row in arranged(ROWS, choices).rows]


def test_without_choices_all_is_as_it_is() -> None:
    assert arranged(ROWS, LaneChoices()).rows == ROWS


def test_whether_a_lane_is_shown_is_known_also_where_it_has_no_row() -> None:
    choices = LaneChoices()
    assert choices.shows("Requests", "GET /a")
    choices.toggle_hidden("Requests › GET /a")
    assert not choices.shows("Requests", "GET /a")
    assert choices.shows("Requests", "GET /b")
    choices.words = "/C"
    assert not choices.shows("Requests", "GET /b")
    assert choices.shows("Requests", "GET /c")
    choices.toggle_pin("Requests › GET /b")
    assert choices.shows("Requests", "GET /b"), "what is pinned is not filtered"
    choices.toggle_hidden("Requests")
    assert not choices.shows("Requests", "GET /b")


def test_hidden_lanes_and_groups_are_counted() -> None:
    choices = LaneChoices()
    choices.toggle_hidden("server › Worker 1")
    assert arranged(ROWS, choices).hidden == 1
    choices.toggle_hidden("Requests")
    found = arranged(ROWS, choices)
    assert titles(choices) == ["server", "Event loop", "Worker 2", "load"]
    assert arranged([*ROWS, *ROWS], choices).hidden == found.hidden, "a successor has the same lanes"
    assert found.hidden == 3  # two routes, however many rows they have
    choices.toggle_hidden("load")
    assert arranged(ROWS, choices).hidden == 4  # a closed group counts as one
    choices.show_all()
    assert arranged(ROWS, choices).rows == ROWS


def test_the_rows_of_a_route_go_together() -> None:
    choices = LaneChoices()
    choices.toggle_pin("Requests › GET /a")
    assert titles(choices)[:3] == [PINNED, "GET /a", "(5)"]
    assert arranged(ROWS, choices).pinned == {4, 5}
    choices.toggle_hidden("Requests › GET /a")
    assert "(5)" not in titles(choices)
    assert PINNED not in titles(choices)


def test_the_depths_of_a_thread_go_with_it() -> None:
    rows = [group("trace"), lane("trace", "main", 1), lane("main", "", 2, RowKind.DEPTH), lane("trace", "io", 3)]
    choices = LaneChoices()
    choices.toggle_hidden("trace › main")
    assert [row.track for row in arranged(rows, choices).rows] == [0, 3]


def test_pinned_lanes_stand_on_top_and_say_whose_they_are() -> None:
    choices = LaneChoices()
    choices.toggle_pin("server › Worker 2")
    choices.toggle_pin("server › Event loop")
    rows = arranged(ROWS, choices).rows
    assert [row.title for row in rows[:5]] == [PINNED, "Worker 2", "Event loop", "server", "Worker 1"]
    assert rows[1].tag == "server"
    assert rows[1].group == "server"  # the process, by which threads are looked up
    choices.toggle_group(PINNED)
    assert titles(choices)[:3] == [PINNED, "server", "Worker 1"]


def test_a_filter_leaves_lanes_or_whole_groups() -> None:
    assert titles(LaneChoices(words="WORKER")) == ["server", "Worker 1", "Worker 2"]
    assert titles(LaneChoices(words="serv")) == ["server", "Event loop", "Worker 1", "Worker 2"]
    assert arranged(ROWS, LaneChoices(words="/b")).hidden == 5
    assert titles(LaneChoices(words="nothing like this")) == []


def test_moving_a_lane_and_a_group() -> None:
    choices = LaneChoices()
    shown = neighbours(ROWS, choices, "server")
    assert choices.move(shown, "server › Worker 2", 0, "server")
    assert titles(choices)[:4] == ["server", "Worker 2", "Event loop", "Worker 1"]
    assert not choices.move(neighbours(ROWS, choices, "server"), "server › Worker 2", 0, "server")
    choices.move(neighbours(ROWS, choices, ""), "load", 0)
    assert titles(choices)[0] == "load"
    choices.toggle_pin("server › Worker 1")
    choices.toggle_pin("Requests › GET /b")
    assert name_of(ROWS, "track 6", choices) == (PINNED, "Requests › GET /b")
    choices.move(neighbours(ROWS, choices, PINNED), "Requests › GET /b", 0, PINNED)
    assert titles(choices)[1:3] == ["GET /b", "Worker 1"]
    choices.reset_order()
    assert arranged(ROWS, choices).rows == ROWS


@pytest.mark.parametrize(
    ("names", "wanted", "result"),
    [
        ("abc", "", "abc"),
        ("abc", "cba", "cba"),
        ("abcd", "ca", "cdab"),
        ("xab", "ba", "xba"),
        ("ab", "bqa", "ba"),
    ],
)
def test_who_was_never_ordered_follows_whom_it_follows_by_default(names: str, wanted: str, result: str) -> None:
    assert "".join(ordered(list(names), list(wanted))) == result


def test_two_starts_of_a_server_share_their_choices() -> None:
    again = [group("server", "process 9"), lane("process 9", "Worker 1", 12)]
    choices = LaneChoices()
    choices.toggle_hidden("server › Worker 1")
    assert [row.track for row in arranged([*ROWS[:4], *again], choices).rows if row.track] == [1, 3]


def test_lanes_of_one_title_are_told_apart() -> None:
    rows = [group("server"), lane("server", "asyncio", 1), lane("server", "asyncio", 2)]
    choices = LaneChoices()
    choices.toggle_hidden("server › asyncio (2)")
    assert [row.track for row in arranged(rows, choices).rows if row.track] == [1]


def test_choices_survive_json_and_nonsense_does_not() -> None:
    choices = LaneChoices({"load"}, ["a › b"], {"c"}, {"": ["load", "server"]}, "work", frozenset({State.BLOCKED}))
    assert LaneChoices.from_dict(choices.to_dict()) == choices
    assert LaneChoices().to_dict() == {}
    odd = {"toggled": 3, "pinned": [1, "x", "x"], "order": {"": "no", "a": [None]}, "words": [], "states": ["NO"]}
    assert LaneChoices.from_dict(odd) == LaneChoices(pinned=["x"], order={"": [], "a": []})
    assert LaneChoices.from_dict([]) == LaneChoices()


def test_how_many_are_hidden_in_words() -> None:
    assert [words_for_hidden(n) for n in (0, 1, 3)] == ["", "1 lane hidden", "3 lanes hidden"]
