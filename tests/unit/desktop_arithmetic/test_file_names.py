"""Proposed names of files: in the words of the window, and such that every system takes them."""

import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.catalog import Catalog
from explorer.desktop.file_names import MOST_BYTES, file_stem, module_stem
from explorer.desktop.titles import title_of
from explorer.scenario import parse

WHEN = datetime(2026, 11, 26, 9, 5, 7)
TIME = "2026-11-26 09.05.07"


def test_a_file_is_called_after_the_titles_of_its_scenario_and_its_time() -> None:
    catalog = Catalog()
    named = parse(catalog, {"name": 'Tokens: "40" / users\n100'})
    nameless = parse(catalog, {"dispatch": "blocking_coroutine", "workload": "cpu_native"})
    own = parse(catalog, {"app": {"target": "shop.main:app"}})
    assert file_stem(title_of(catalog, named), WHEN) == f"Tokens 40 users 100 {TIME}"
    assert file_stem(title_of(catalog, nameless), WHEN) == f"Event loop, blocking coroutine, native work {TIME}"
    assert file_stem(title_of(catalog, own), WHEN) == f"Event loop, shop.main app {TIME}"


def test_no_title_of_a_feature_is_an_id() -> None:
    catalog = Catalog()
    for dispatch in ("coroutine", "thread_pool", "process_pool"):
        assert "_" not in file_stem(title_of(catalog, parse(catalog, {"dispatch": dispatch})), WHEN)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", "Run"),
        ("...", "Run"),
        ("../../etc/passwd", "etc passwd"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("CON", "_CON"),
        ("con.fig", "_con.fig"),
        ("Nul .x", "_Nul .x"),
        ("lpt1.a", "_lpt1.a"),
        ("console.a", "console.a"),
        ("a\u202egpj.exe", "a gpj.exe"),
        ("Two\ttabs\x00", "Two tabs"),
        ("Ein Pool läuft leer", "Ein Pool läuft leer"),
        ("Ein Pool la\u0308uft leer", "Ein Pool läuft leer"),
        ("G2-item: write skew?", "G2-item write skew"),
    ],
)
def test_what_a_system_takes_in_no_name_is_left_out(title: str, name: str) -> None:
    assert file_stem(title, WHEN) == f"{name} {TIME}"


@given(st.text(max_size=400))
def test_every_system_takes_every_name(title: str) -> None:
    name = file_stem(title, WHEN)
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
    assert not name.startswith((" ", ".", "-", "~"))
    assert not name.endswith((" ", "."))
    assert len(name.encode()) <= MOST_BYTES + len(TIME) + 2
    assert not re.match(r"(con|prn|aux|nul|com\d|lpt\d)\s*(\.|$)", name, re.IGNORECASE)
    assert module_stem(title, WHEN).isidentifier()
    assert module_stem(title, WHEN).startswith("test_")


def test_a_file_with_tests_can_be_imported() -> None:
    assert module_stem("G2-item: Schreib-Überholung", WHEN) == "test_g2_item_schreib_uberholung_2026_11_26_09_05_07"
