"""The report of a duel is one file without a script that holds all of it, and no text in it becomes markup."""

import base64
import io
from typing import Any

import pytest

from explorer.export.html.document import Picture
from explorer.session.duel_page import stretch, write
from explorer.session.duel_plan import Plan
from explorer.session.duel_table import CHANCE, EACH
from tests.unit.export.html.test_page import ELEMENTS, LOADS, Document
from tests.unit.session.test_duel_result import measured
from tests.unit.session.test_duel_result import told as told_of
from tests.unit.session.test_duel_result import two as two

HOSTILE = "</h1><script>window.broken = 1</script><img src=x onerror=1>"
PNG = b"\x89PNG a picture"
DRAWN = Picture(PNG, PNG + b" in the dark")


@pytest.fixture
def told(two: Plan) -> dict[str, Any]:
    """B answers about twice as much."""
    runs = [measured(place, turn, (100.0 + turn) * (1 + place)) for turn in range(3) for place in (0, 1)]
    return told_of(two, runs)


def page(told: dict[str, Any], pictures: list[Picture | str], shown: tuple[float, float] | None = None) -> Document:
    file = io.BytesIO()
    write(told, file, pictures, shown)
    return Document(file.getvalue().decode())


def test_it_holds_the_verdict_the_table_and_a_picture_of_each_run(told: dict[str, Any]) -> None:
    document = page(told, [DRAWN, "There is no picture of the lanes: no Qt."], (1.5, 4.0))
    assert not document.open
    ids = [attributes.get("id") for name, attributes in document.elements if name == "section"]
    assert ids == ["compared", "differences", "lanes-A", "lanes-B", "scenarios"]
    words = document.words
    for part in (told["verdict"], told["cause"], told["load"]["sentence"], CHANCE, "×2.0", "×2.0 – 2.0", "B is better"):
        assert part in words, part
    assert "dispatch.id" in words[words.index("What differs") : words.index("What all have")]
    assert "There is no picture of the lanes: no Qt." in words
    assert "The lanes of A's first run, from 1.5 s to 4 s." in words
    images = [attributes["src"] for name, attributes in document.elements if name == "img"]
    assert images == ["data:image/png;base64," + base64.b64encode(PNG).decode()]


def test_what_only_one_scenario_has_and_leaves_empty_is_no_difference(told: dict[str, Any]) -> None:
    told["runs"][1]["scenario"]["only_here"] = ""
    assert "only_here" not in page(told, [DRAWN, DRAWN]).words


def test_it_asks_for_nothing_and_runs_nothing(told: dict[str, Any]) -> None:
    told["verdict"] = told["cause"] = told["runs"][0]["title"] = told["notes"] = HOSTILE
    told["notes"], told["runs"][1]["scenario"]["name"] = [HOSTILE], HOSTILE
    document = page(told, [DRAWN, HOSTILE])
    assert HOSTILE in document.words
    assert document.names <= ELEMENTS - {"script"}
    for name, attributes in document.elements:
        for key, value in attributes.items():
            assert not key.startswith("on")
            assert key not in LOADS or (name, key) in (("img", "src"), ("source", "srcset"))
            assert key not in LOADS or (value or "").startswith("data:image/png;base64,")
    [policy] = [each["content"] for _, each in document.elements if "content-security-policy" in str(each).lower()]
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "script-src 'none'" in policy


def test_of_what_is_not_clear_the_interval_says_nothing(two: Plan) -> None:
    runs = [measured(place, turn, 100.0 + 50 * ((place + turn) % 2)) for turn in range(3) for place in (0, 1)]
    words = page(told_of(two, runs), [DRAWN, DRAWN]).words
    assert "no clear difference" in words
    assert not [word for word in words if "×" in word and " – " in word]


def test_figures_of_a_later_version_are_left_out_and_an_earlier_one_did_not_correct(told: dict[str, Any]) -> None:
    told["differences"][0]["figure"] = "of_another_version"
    del told["correction"]
    document = page(told, [DRAWN, DRAWN])
    assert "of_another_version" not in document.words
    assert EACH in document.words


def test_the_lanes_are_shown_long_enough_for_some_answers_of_the_slowest(told: dict[str, Any]) -> None:
    a, b = (run["figures"] for run in told["runs"])
    assert stretch(told) is None, "these reports say nothing of a window"
    a |= {"window": {"start_s": 1.5, "end_s": 10.0}, "latency_ms": {"p50": 400.0}}
    b |= {"window": {"start_s": 1.0, "end_s": 9.0}, "latency_ms": {"p50": 2.0}}
    assert stretch(told) == (1.5, 3.5)
    a["latency_ms"]["p50"] = 5_000.0
    assert stretch(told) == (1.5, 9.0)
    a["latency_ms"]["p50"] = b["latency_ms"]["p50"] = None
    assert stretch(told) is None
    a["latency_ms"]["p50"] = 2.0
    for damaged in ("damaged", {"start_s": 1.0, "end_s": 1e300}, {"start_s": 10**400, "end_s": 10**401}):
        a["window"] = b["window"] = damaged
        assert stretch(told) is None
