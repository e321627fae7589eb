"""What the start page shows, as data: a card for each lesson, scenario, lab and recent run. No Qt."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from explorer.catalog import Bar, Catalog
from explorer.lessons.lesson import Lesson
from explorer.lessons.library import Broken

LESSONS, SCENARIOS, LABS, RECENT = "Lessons", "Scenarios", "Labs", "Recent runs"
MOST_RUNS: Final = 12
"""More are in the list of recent runs."""
SECTIONS: Final = (LESSONS, SCENARIOS, LABS, RECENT)


@dataclass(frozen=True, slots=True)
class Card:
    """A card: what it is (one of `SECTIONS`), which one (`key`), its words and its picture.

    `shape` says in words what a picture would show; `number` stands before a lesson's title; `words` is one more line.
    `reason` says why it cannot be used here, or what is wrong with it (`broken`). `said` is what else a search finds it
    by.
    """

    section: str
    key: str
    title: str
    words: str = ""
    group: str = ""
    number: str = ""
    rows: int = 1
    bars: tuple[Bar, ...] = ()
    shape: str = ""
    icon: str = ""
    reason: str = ""
    broken: bool = False
    done: bool = False
    said: str = ""
    path: Path | None = None


def lesson_cards(
    lessons: Iterable[Lesson | Broken], lacking: Callable[[Lesson], str | None], done: Iterable[str]
) -> list[Card]:
    """The lessons in their order, the broken ones behind them."""
    learned = set(done)
    whole = [one for one in lessons if isinstance(one, Lesson)]
    broken = [one for one in lessons if isinstance(one, Broken)]
    cards = []
    for number, lesson in enumerate(sorted(whole, key=lambda one: one.order), 1):
        cards.append(
            Card(
                LESSONS,
                lesson.id,
                lesson.title,
                group=lesson.group,
                number=str(number),
                rows=lesson.rows,
                bars=lesson.picture,
                shape=lesson.shape,
                reason=lacking(lesson) or "",
                done=lesson.id in learned,
                said=" ".join((lesson.id, lesson.question.text, lesson.shape, *lesson.concepts)),
            )
        )
    for one in broken:
        where = f"{one.file.name}, line {one.line}" if one.line else one.file.name
        cards.append(
            Card(LESSONS, str(one.folder), one.folder.name, where, reason=one.sentence, broken=True, said="broken")
        )
    return cards


def scenario_cards(catalog: Catalog, files: Sequence[tuple[str, Path]], pictures: Mapping[str, Any]) -> list[Card]:
    """A card for each scenario file. Its picture is of a real run where there is one, else its workload's."""
    cards = []
    for title, path in files:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        bars = pictures.get(path.stem) or _picture(catalog, data)
        words = " · ".join(_titles(catalog, data))
        rows = 1 + max((bar[0] for bar in bars), default=0)
        cards.append(Card(SCENARIOS, path.stem, title, words, rows=rows, bars=tuple(bars), said=path.stem, path=path))
    return cards


def _part(data: Mapping[str, Any], section: str) -> str:
    part = data.get(section)
    return str(part.get("id", "")) if isinstance(part, dict) else str(part or "")


def _titles(catalog: Catalog, data: Mapping[str, Any]) -> list[str]:
    found = []
    for section in ("model", "dispatch", "workload"):
        identity = _part(data, section)
        feature = next((one for one in catalog.all(section) if one.id == identity), None)
        if feature is not None:
            found.append(feature.title)
    return found


def _picture(catalog: Catalog, data: Mapping[str, Any]) -> tuple[Bar, ...]:
    for section in ("workload", "dispatch", "model"):
        identity = _part(data, section)
        feature = next((one for one in catalog.all(section) if one.id == identity), None)
        if feature is not None and feature.picture:
            return feature.picture
    return ()


def run_cards(runs: Iterable[tuple[str, Path]]) -> list[Card]:
    """The runs that were kept last, in the order given."""
    cards = []
    for text, path in list(runs)[:MOST_RUNS]:
        title, _, words = text.rpartition(", ")
        title, _, when = title.rpartition(", ")
        cards.append(Card(RECENT, str(path), title or text, f"{when}, {words}".strip(", "), icon="history", path=path))
    return cards


def matching(cards: Iterable[Card], typed: str, section: str = "", group: str = "") -> list[Card]:
    """The cards in which every word that was typed is found, of one section or group if one is given."""
    words = typed.lower().split()
    return [
        card
        for card in cards
        if (not section or card.section == section)
        and (not group or card.group == group)
        and all(word in f"{card.title} {card.words} {card.group} {card.said} {card.section}".lower() for word in words)
    ]
