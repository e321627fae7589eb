"""A request's critical path in words: parts that add up to the latency, a short way, a reason for each part."""

from types import SimpleNamespace
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from explorer.analysis.critical_path import CriticalPath, Leg, PathPart
from explorer.catalog import Catalog
from explorer.collect.source import Batch, Track
from explorer.desktop.control import Control
from explorer.desktop.panels.request.advice import advice
from explorer.desktop.panels.request.page import RequestPage
from explorer.desktop.panels.request.path_words import MOST_STEPS, as_text, path_parts, steps
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.stacked_bar import shares
from explorer.records.states import State, TrackKind
from explorer.scenario import assign, default
from explorer.store.store import Store

MS, US = 1_000_000, 1_000
LOOP, THREAD = 1, 2


@pytest.fixture(scope="module")
def store() -> Store:
    made = Store()
    tracks = [Track(LOOP, TrackKind.LOOP, "MainThread", 1), Track(THREAD, TrackKind.THREAD, "worker", 1)]
    made.append(Batch(0, tracks=tracks))
    return made


def path(*legs: tuple[PathPart, int], cause: str = "", rest: int = 0, track: int = LOOP) -> CriticalPath:
    """Legs of so many ns one after the other, and `rest` ns of which nothing is known behind them."""
    at, made = 0, []
    for part, ns in legs:
        made.append(Leg(part, at, at + ns, cause, State.RUNNING, track if part is PathPart.RUN else 0))
        at += ns
    return CriticalPath(7, 0, at + rest, tuple(made), True)


def test_parts_and_what_is_unexplained_add_up(store: Store) -> None:
    given = path((PathPart.ARRIVAL, 2 * MS), (PathPart.RUN, 5 * MS), (PathPart.RESPONSE, 30 * US), rest=MS)
    parts = path_parts(given, store)
    assert [(part.name, part.ms) for part in parts] == [
        ("Ran", 5.0),
        ("Waited to be read", 2.0),
        ("Unexplained", pytest.approx(1.03)),
    ], "what is too short to be listed is not lost"
    assert sum(part.ms for part in parts) == pytest.approx(given.total / MS)
    told = as_text("GET /", "200", given, parts, [], "")
    assert "Measured latency\t8.0 ms\t100 %" in told


def test_of_a_request_without_a_part_worth_listing_nothing_is_named(store: Store) -> None:
    [only] = path_parts(path((PathPart.RUN, 40 * US), (PathPart.ARRIVAL, 30 * US)), store)
    assert (only.name, only.state) == ("Unexplained", None)


def test_the_page_gives_no_reason_where_no_part_is_listed(store: Store, theme: Theme, qtbot: QtBot) -> None:
    catalog = Catalog()
    control = SimpleNamespace(store=store, scenario=default(catalog), catalog=catalog)
    page = RequestPage(theme, cast(Control, control), lambda track: "Event loop")
    qtbot.addWidget(page)
    page.show_path(path((PathPart.RUN, 40 * US), (PathPart.ARRIVAL, 30 * US)), "GET /", "200")
    assert page.why.isHidden()
    page.show_path(path((PathPart.RUN, 4 * MS), (PathPart.ARRIVAL, MS)), "GET /", "200")
    assert not page.why.isHidden()
    assert page.why.sentence.startswith("For 80 % of its time it ran on a core")


def test_a_way_of_very_many_steps_is_told_in_a_few(store: Store) -> None:
    legs = [leg for _ in range(40) for leg in ((PathPart.RUN, MS), (PathPart.TOKEN, 9 * MS))]
    way = steps(path(*legs, cause="waits for a thread"), store, lambda track: "Event loop")
    assert len(way) == MOST_STEPS
    assert any("more steps" in step.words for step in way)
    assert way[-1].words == "Response complete"
    starts = [step.start for step in way]
    assert starts == sorted(starts)


@pytest.mark.parametrize("part", PathPart)
def test_every_part_has_its_reason(store: Store, part: PathPart) -> None:
    catalog = Catalog()
    given = path((part, 9 * MS), (PathPart.RUN, MS))
    percent = shares(path_parts(given, store))[0]
    found = advice(given, percent, default(catalog), catalog)
    assert found is not None
    assert found.sentence.startswith(f"For {percent:.0f} % of its time it ")
    assert found.sentence.endswith(".")


def test_what_is_to_be_tried_is_what_the_setup_has_not(store: Store) -> None:
    catalog = Catalog()
    gil = path((PathPart.GIL, 9 * MS))
    cpu = assign(catalog, default(catalog), ("workload.id=cpu_python",))
    found = advice(gil, 100, cpu, catalog)
    assert found is not None
    assert found.change is not None
    assert found.change.value == "process_pool"
    there = assign(catalog, cpu, ("dispatch.id=process_pool",))
    found = advice(gil, 100, there, catalog)
    assert found is not None
    assert found.change is None


@pytest.mark.parametrize(
    ("causes", "title", "said"),
    [
        (("time.sleep",), "Slept", "time.sleep"),
        (("socket.recv",), "Waited for I/O", "socket.recv"),
        (("time.sleep", "socket.recv"), "Slept and waited for I/O", "time.sleep, socket.recv"),
        (("time.sleep", "blocked in the system"), "Slept", "time.sleep"),
    ],
)
def test_a_sleep_is_not_called_a_wait_for_io(causes: tuple[str, ...], title: str, said: str) -> None:
    length = 10 * MS
    legs = tuple(
        Leg(PathPart.IO, at * length, (at + 1) * length, cause, State.BLOCKED, 0) for at, cause in enumerate(causes)
    )
    part, unexplained = path_parts(CriticalPath(1, 0, len(legs) * length, legs, True), Store())
    assert (part.name, part.cause, part.ms) == (title, said, 10.0 * len(legs))
    assert unexplained.ms == 0
