"""What a lesson's page and the start page compute before anything is painted."""

from pathlib import Path

import numpy as np
import pytest

from explorer.catalog import Catalog
from explorer.collect.source import Track
from explorer.desktop.gallery.cards import LESSONS, RECENT, Card, lesson_cards, matching, run_cards, scenario_cards
from explorer.desktop.lessons.code_of import listings
from explorer.desktop.lessons.low_rows import lines, low_rows
from explorer.desktop.lessons.markdown import as_html, as_words
from explorer.desktop.lessons.overlap import most_at_once
from explorer.desktop.lessons.reveal import filled
from explorer.desktop.lessons.watched_rows import faded, named, watched_rows
from explorer.desktop.lessons.words import in_whole_terms, number, told
from explorer.desktop.timeline.layout import Density, Placed, arrange
from explorer.desktop.timeline.rows import Row, RowKind
from explorer.lessons.library import Broken
from explorer.paths import resources
from explorer.records.states import State, TrackKind
from explorer.scenario import default


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (1, "1"), (0.034, "0.034"), (0.21, "0.21"), (3.117, "3.1"), (12.04, "12"), (48.26, "48.3"),
     (497.3, "497"), (12_345, "12,345"), (float("inf"), "–")],
)  # fmt: skip
def test_numbers_have_the_digits_that_matter(value: float, words: str) -> None:
    assert number(value) == words


def test_units_stand_as_people_write_them() -> None:
    assert [told(3, "s"), told(1.67, "×"), told(60, "%"), told(8, "")] == ["3.0 s", "1.7×", "60 %", "8"]
    assert [told(1, "threads"), told(2, "threads"), told(1, "ms"), told(1, "s")] == [
        "1 thread", "2 threads", "1 ms", "1.0 s",
    ]  # fmt: skip


def test_markdown_is_text_first() -> None:
    html = as_html("A <b> & `x < y` is **not** *markup*.\n\n- one\n- two\n\n```\na  b\n```")
    assert "A &lt;b&gt; &amp; " in html
    assert "x &lt; y</span>" in html
    assert "<b>not</b> <i>markup</i>" in html
    assert html.count("<li") == 2
    assert "a  b</pre>" in html
    assert as_words("A `def` **and** *more*\nlines") == "A def and more lines"


def test_a_formula_with_its_numbers() -> None:
    assert filled("⌈N / T⌉ · S", {"N": 100, "T": 40, "S": 1.0}) == "⌈100 / 40⌉ · 1"
    assert filled("min(W, C) / D", {"W": 4, "C": 2, "D": 0.05}) == "min(4, 2) / 0.050"


def test_a_formula_is_broken_between_its_terms_only() -> None:
    assert in_whole_terms("max over workers of ⌈Nᵢ / T⌉ · S").split(" ") == [
        "max", "over", "workers", "of", "⌈Nᵢ\u00a0/\u00a0T⌉\u00a0·\u00a0S",
    ]  # fmt: skip
    law = "1 / (A + (1 − A) / min(2, C))"
    assert in_whole_terms(law).split(" ") == [
        "1\u00a0/\u00a0(A", "+\u00a0(1\u00a0−\u00a0A)\u00a0/\u00a0min(2,\u00a0C))",
    ]  # fmt: skip
    assert in_whole_terms(law).replace("\u00a0", " ") == law


def test_how_many_are_there_at_once() -> None:
    begins = np.array([0, 10, 20, 30], np.int64)
    assert most_at_once(begins, begins + 25) == 3
    assert most_at_once(begins, begins + 10) == 1, "who ends when another begins is not beside it"
    assert most_at_once(begins[:0], begins[:0]) == 0


def rows() -> tuple[list[Row], dict[int, Track]]:
    """A server with a loop and two workers, requests, and the load."""
    kinds = {1: TrackKind.LOOP, 2: TrackKind.THREAD, 3: TrackKind.THREAD, 4: TrackKind.LANE}
    tracks = {at: Track(at, kind, "", 1) for at, kind in kinds.items()}
    found = [
        Row("p", RowKind.GROUP, "p", "server"),
        Row("1", RowKind.LANE, "p", "Event loop", track=1),
        Row("2", RowKind.LANE, "p", "Worker 1", track=2),
        Row("3", RowKind.LANE, "p", "Worker 2", track=3),
        Row("requests", RowKind.GROUP, "requests", "Requests"),
        Row("4", RowKind.REQUEST, "requests", "GET /job", track=4),
        Row("load", RowKind.GROUP, "load", "load", is_open=False),
    ]
    return found, tracks


def test_what_is_named_stands_first_and_the_rest_fades() -> None:
    found, tracks = rows()
    shown = watched_rows(found, ("request",), tracks)
    assert [row.key for row in shown] == ["requests", "4", "p", "1", "2", "3", "load"]
    assert faded(shown, ("request",), tracks) == {"p", "1", "2", "3", "load"}
    assert faded(found, ("worker",), tracks) == {"1", "requests", "4", "load"}
    assert faded(found, ("loop",), tracks) == {"2", "3", "requests", "4", "load"}
    assert watched_rows(found, (), tracks) == found
    assert not faded(found, (), tracks)
    assert not faded(found, ("pool",), tracks), "of a run without a pool all is as it is"


def test_the_lanes_of_a_pool_are_named_by_its_processes() -> None:
    kinds = {1: TrackKind.LOOP, 2: TrackKind.THREAD, 3: TrackKind.PROCESS}
    tracks = {at: Track(at, kind, "", 1) for at, kind in kinds.items()}
    found = [
        Row("p", RowKind.GROUP, "p", "server"),
        Row("1", RowKind.LANE, "p", "Event loop", track=1),
        Row("q", RowKind.GROUP, "q", "pool 1"),
        Row("2", RowKind.LANE, "q", "Main thread", track=2),
        Row("3", RowKind.LANE, "q", "Other threads", track=3),
    ]
    shown = watched_rows(found, ("pool",), tracks)
    assert [row.key for row in shown] == ["q", "2", "3", "p", "1"]
    assert named(found, ("pool",), tracks) == {"2"}
    assert faded(shown, ("pool",), tracks) == {"3", "p", "1"}


def test_of_many_named_lanes_none_is_folded_away() -> None:
    many = [Row(str(at), RowKind.REQUEST, "requests", track=at) for at in range(64)]
    found = [Row("requests", RowKind.GROUP, "requests", "Requests"), *many]
    whole = arrange(found, 420, Density.WHOLE)
    assert [placed.row.key for placed in whole.placed] == [row.key for row in found]
    assert whole.height <= 420
    assert min(placed.height for placed in whole.placed) >= 5
    low = arrange(found, 100, Density.WHOLE)
    assert len(low.placed) == len(found), "with no room at all it scrolls"


def low(*titles: str, high: int = 8, group: str = "p", top: int = 0, kind: RowKind = RowKind.LANE) -> list[Placed]:
    """Rows of this height, one below the other."""
    return [
        Placed(Row(f"{group} {title}", kind, group, title, track=at + 1), top + at * high, high)
        for at, title in enumerate(titles)
    ]


def test_lanes_too_low_for_a_name_have_one_together() -> None:
    workers = [f"Worker {at}" for at in range(1, 41)]
    found = low_rows(low("Event loop", *workers), 11)
    assert [(one.words, one.top, one.bottom) for one in found] == [
        ("Event loop", 0, 8),
        ("Worker 1–40", 8, 8 * 41),
    ]
    assert {one.foot for one in found} == {8 * 41}
    assert found[1].keys == tuple(f"p {title}" for title in workers)
    assert not low_rows(low("Event loop", *workers, high=11), 11), "these have names of their own"
    assert not low_rows(low("GET /job", "", kind=RowKind.REQUEST), 11), "requests are named by their route"


def test_each_process_names_its_own_lanes() -> None:
    head = Placed(Row("q", RowKind.GROUP, "q", "worker 2"), 16, 20)
    both = [*low("Worker 1", "Worker 2"), head, *low("Worker 1", group="q", top=36)]
    assert [one.words for one in low_rows(both, 11)] == ["Worker 1–2", "Worker 1"]


def test_names_of_low_lanes_stand_below_one_another_and_stay_in_sight() -> None:
    found = low_rows(low("Event loop", *(f"Worker {at}" for at in range(1, 41))), 11)
    assert [(one.words, y) for one, y in lines(found, 15, 0, lambda y: y)] == [("Event loop", 0), ("Worker 1–40", 15)]
    scrolled = lines(found, 15, 20, lambda y: y - 100)
    assert [(one.words, y) for one, y in scrolled] == [("Worker 1–40", 20)], "below what stays at the top"
    assert not lines(found, 15, 0, lambda y: y - 320), "there is no room beside the last of them"


def test_a_single_low_lane_has_its_name_across_its_middle() -> None:
    [alone] = low_rows(low("Event loop", top=20), 11)
    assert [(one.words, y) for one, y in lines([alone], 15, 0, lambda y: y)] == [("Event loop", 17)]
    assert not lines([alone], 15, 0, lambda y: y - 30), "it is out of sight"


def test_the_code_is_what_runs_with_the_line_that_matters() -> None:
    catalog = Catalog()
    scenario = default(catalog)
    for dispatch, workload, how, call in (
        ("thread_pool", "sleep", "stops", "time.sleep"),
        ("coroutine", "sleep", "waits", ""),
        ("thread_pool", "cpu_python", "computes", ""),
    ):
        chosen = scenario.changed(catalog, "dispatch", "id", dispatch).changed(catalog, "workload", "id", workload)
        handler, body = listings(catalog, chosen)
        assert handler.file == f"{dispatch}/handler.py"
        assert body.file == f"{workload}/body.py"
        assert body.spot is not None
        assert (body.spot.how, body.spot.call) == (how, call)
        numbers = [line.number for lines in body.functions for line in lines]
        assert body.spot.line in numbers


def test_each_scenario_has_a_card_with_a_picture_and_words() -> None:
    files = [(file.stem, file) for file in sorted((resources() / "scenarios").glob("*.toml"))]
    cards = scenario_cards(Catalog(), files, {"garbage": ((0, 0.0, 1.0, State.RUNNING),)})
    assert len(cards) == len(files)
    assert all(card.bars for card in cards)
    assert next(card for card in cards if card.key == "garbage").bars == ((0, 0.0, 1.0, State.RUNNING),)
    assert all(card.words for card in cards)


def test_a_broken_lesson_is_a_card_that_says_where() -> None:
    broken = Broken(Path("/lessons/mine"), "The table [values is not closed.", Path("/lessons/mine/lesson.toml"), 7)
    [card] = lesson_cards([broken], lambda lesson: None, [])
    assert card.broken
    assert (card.title, card.words, card.reason) == ("mine", "lesson.toml, line 7", broken.sentence)


def test_recent_runs_and_search() -> None:
    cards = run_cards([("The pool, runs dry, 14:05, 20 s", Path("a")), ("Other, 09 Nov 08:00, 3 s", Path("b"))])
    assert [(card.title, card.words) for card in cards] == [
        ("The pool, runs dry", "14:05, 20 s"),
        ("Other", "09 Nov 08:00, 3 s"),
    ]
    cards.append(Card(LESSONS, "x", "The wall", group="Threads", said="token"))
    assert [card.title for card in matching(cards, "TOKEN wall")] == ["The wall"]
    assert matching(cards, "", section=RECENT) == cards[:2]
    assert matching(cards, "", group="Threads") == cards[2:]
