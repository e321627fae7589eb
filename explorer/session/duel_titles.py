"""What the scenarios of a duel are called: by what tells them apart, and what they have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from explorer.catalog import Catalog
from explorer.options import extra, mask
from explorer.scenario import Scenario
from explorer.session.duel_plan import BADGES, load_words
from explorer.wording import within_sentence

PARTS: Final = ("model", "dispatch", "workload")
SECTIONS: Final = ("server", *PARTS)
MOST_KNOBS: Final = 2


@dataclass(frozen=True, slots=True)
class Contestant:
    """One scenario of a duel: its `badge` (A to D), a `title` that tells it from the others, a `note` beside that."""

    badge: str
    title: str
    note: str


def contestants(catalog: Catalog, scenarios: Sequence[Scenario]) -> list[Contestant]:
    """Name the scenarios by the features that differ; where none does, by knobs, else by their names."""
    parts = [part for part in PARTS if len({_identity(one, part) for one in scenarios}) > 1]
    found = []
    for badge, one in zip(BADGES, scenarios, strict=False):
        titles = [_title(catalog, one, part) for part in parts]
        knobs = _knob_words(one, scenarios)
        title = ", ".join([*titles[:1], *(text[:1].lower() + text[1:] for text in titles[1:])])
        note = ", ".join(knobs[:MOST_KNOBS])
        if not title:
            title, note = (note[:1].upper() + note[1:], "") if note else (_whole(catalog, one), "")
        found.append(Contestant(badge, title, note))
    return found


def in_common(catalog: Catalog, scenarios: Sequence[Scenario]) -> str:
    """What all of them share, in a few words: "event loop, sleep 0.2 s, 10 users"."""
    first = scenarios[0]
    same = [part for part in PARTS if len({_identity(one, part) for one in scenarios}) == 1]
    words = []
    for part in same:
        text = within_sentence(_title(catalog, first, part))
        seconds = getattr(first.knobs(part), "seconds", None) if part == "workload" and not first.own else None
        alike = all(getattr(one.knobs(part), "seconds", None) == seconds for one in scenarios)
        words.append(f"{text} {seconds:g} s" if seconds is not None and alike else text)
    return ", ".join(dict.fromkeys([*words, load_words(first.load)]))


def _identity(scenario: Scenario, part: str) -> str:
    if scenario.own and part != "model":
        return f"{scenario.app.target} {scenario.app.folder}"
    return str(getattr(scenario, part).id)


def _title(catalog: Catalog, scenario: Scenario, part: str) -> str:
    if scenario.own and part != "model":
        return scenario.app.target
    return catalog.get(part, getattr(scenario, part).id).title


def _whole(catalog: Catalog, scenario: Scenario) -> str:
    return scenario.name or _title(catalog, scenario, "dispatch")


def _knob_words(scenario: Scenario, scenarios: Sequence[Scenario]) -> list[str]:
    """The knobs of this scenario that differ from those of another with the same feature: "tokens 4"."""
    found = []
    for section in SECTIONS:
        mine = scenario.knobs(section)
        hidden = mask(mine)  # URLs may hold passwords
        alike = [one.knobs(section) for one in scenarios if type(one.knobs(section)) is type(mine)]
        for key, field in type(mine).model_fields.items():
            value = getattr(mine, key)
            if any(getattr(other, key) != value for other in alike):
                found.append(_value_words(field.title or key, hidden.get(key, value), str(extra(field, "unit") or "")))
    return found


def _value_words(title: str, value: Any, unit: str) -> str:
    if isinstance(value, bool):
        text = "on" if value else "off"
    elif isinstance(value, (int, float)):
        text = f"{value:,g} {unit}".strip() if unit in ("s", "ms", "MB", "bytes") else f"{value:,g}"
    else:
        text = str(value) or "by default"
    return f"{within_sentence(title)} {text}"
