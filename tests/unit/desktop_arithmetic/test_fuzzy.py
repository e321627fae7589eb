"""Fuzzy matching: what is found, and what comes first."""

import pytest

from explorer.desktop.fuzzy import NONE, best, score

TITLES = (
    "Run or stop", "Zoom in", "Zoom out", "Zoom to selection", "Thread pool", "Process pool", "Thread per connection",
    "Save", "Save scenario", "Dark or light", "Event loop", "Events",
)  # fmt: skip


def first(typed: str) -> str:
    return max(TITLES, key=lambda title: score(typed, title))


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("zs", "Zoom to selection"),
        ("thread pool", "Thread pool"),
        ("pool thread", "Thread pool"),
        ("tp", "Thread pool"),
        ("tpc", "Thread per connection"),
        ("save", "Save"),
        ("dark", "Dark or light"),
        ("RUN", "Run or stop"),
        ("evl", "Event loop"),
        ("events", "Events"),
        ("proc", "Process pool"),
        ("out", "Zoom out"),
    ],
)
def test_what_comes_first(typed: str, wanted: str) -> None:
    assert first(typed) == wanted


@pytest.mark.parametrize("typed", ["xyz", "zzz", "poolt", "runx", "save zoom"])
def test_what_is_not_found(typed: str) -> None:
    assert score(typed, first(typed)) == NONE


def test_nothing_typed_matches_everything_alike() -> None:
    assert {score("", title) for title in TITLES} == {0}
    assert score("  ", "Save") == 0


def test_of_several_texts_the_best_counts() -> None:
    assert best("disk", [("Save", 0), ("Writes to disk", 30)]) == score("disk", "Writes to disk") - 30
    assert best("qqq", [("Save", 0), ("Writes to disk", 30)]) == NONE
