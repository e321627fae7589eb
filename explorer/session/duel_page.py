"""A duel that was kept, as a report in one HTML file: verdict, cause, table of differences, a picture of each run.

It works without a network and holds no script. All that it says comes from `duel.json`, which anybody may have written:
texts become no markup, and figures that this version does not know are left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, BinaryIO, Final

from explorer.export.html.document import Picture, document, picture_section
from explorer.export.html.markup import Markup, join, section, sentences, table, tag
from explorer.export.html.tables import NONE, flat
from explorer.session.duel_figures import BY_ID
from explorer.session.duel_table import (
    UNCLEAR,
    as_list,
    by_effect,
    chance_words,
    interval_words,
    intervals_of,
    number,
    ratio_words,
)
from explorer.wording import duration

ANSWERS: Final = 5
"""A picture shows as long as so many answers one after the other take where they take longest."""
SHORTEST_S: Final = 0.1
LONGEST_S: Final = 1e9
"""A run that claims to be longer is damaged."""


def stretch(told: Mapping[str, Any]) -> tuple[float, float] | None:
    """From when to when, in seconds of each recording, the lanes of all runs are drawn: from where measuring begins,
    long enough for some answers of the slowest. None: it is not known, and all of them is drawn.
    """
    begins = [_figure(run, "window", "start_s") for run in told["runs"]]
    ends = [_figure(run, "window", "end_s") for run in told["runs"]]
    medians = [median for run in told["runs"] if (median := _figure(run, "latency_ms", "p50")) is not None]
    since = max((begin for begin in begins if begin is not None), default=None)
    until = min((end for end in ends if end is not None), default=None)
    if since is None or until is None or not medians or not 0 <= since < until < LONGEST_S:
        return None
    return since, min(until, since + max(SHORTEST_S, ANSWERS * max(medians) / 1e3))


def write(
    told: Mapping[str, Any],
    file: BinaryIO,
    pictures: Sequence[Picture | str],
    shown: tuple[float | None, float | None] | None,
) -> None:
    """Write the report of a duel's JSON (`duel_file.read`).

    `pictures` has one of the lanes for each run, A first, or a sentence that says why there is none; `shown` says
    from when to when (s) they are, None for the whole runs.
    """
    title = " or ".join(str(run["title"]) for run in told["runs"])
    heading = tag("header", tag("h1", told["verdict"]), tag("p", told["cause"]), tag("p", _runs(told), class_="note"))
    parts = [_certainty(told), _differences(told), *_lanes(told, pictures, shown), _setups(told)]
    footer = tag("footer", tag("p", _made_by(told)))
    body = join((heading, tag("main", *parts), footer))
    file.write(document(title, body).encode("utf-8"))


def _runs(told: Mapping[str, Any]) -> str:
    return " · ".join(f"{run['badge']}: {_name(run)}" for run in told["runs"])


def _name(run: Mapping[str, Any]) -> str:
    return f"{run['title']} ({run['note']})" if run["note"] else str(run["title"])


def _certainty(told: Mapping[str, Any]) -> Markup:
    repeats = told["repeat"]
    lines = [
        told["load"]["sentence"],
        f"{repeats} repeat{'s' if repeats != 1 else ''} of each, in the order {' '.join(map(str, told['order']))}.",
    ]
    if repeats > 1:
        lines.append(chance_words(told))
    return section("How it was compared", sentences([*lines, *told["notes"]]), id_="compared")


def _differences(told: Mapping[str, Any]) -> Markup:
    badges = [str(run["badge"]) for run in told["runs"]]
    known = [each for each in by_effect(told) if each["figure"] in BY_ID]
    rows = [_row(each, badges, cause=each["figure"] == told["cause_figure"]) for each in known]
    head = ["Figure", *badges]
    for badge in badges[1:]:
        head += [f"{badge} to A", "95 % interval", "Clear"]
    numbers = [at for at in range(1, len(head)) if head[at] != "Clear"]
    return section("Differences", table(head, rows, numbers), id_="differences")


def _row(each: Mapping[str, Any], badges: Sequence[str], *, cause: bool) -> list[object]:
    figure = BY_ID[each["figure"]]
    words = f"{figure.title}, {figure.unit}"
    marked = join((tag("b", words), tag("span", " · the cause", class_="note"))) if cause else words
    row: list[object] = [marked, *(number(value) for value in each["values"])]
    first, *others = each["values"]
    told = zip(as_list(each["ratio"]), intervals_of(each), as_list(each["clear"]), others, badges[1:], strict=True)
    for ratio, interval, clear, other, badge in told:
        row += [ratio_words(ratio, first, other), (interval_words(ratio, interval) if clear else "") or NONE]
        row.append(_judged(figure.better, first, other, badge) if clear else UNCLEAR)
    return row


def _judged(better: str, a: float | None, other: float | None, badge: str) -> Markup:
    """Who is clearly better; of figures that are neither good nor bad only that they differ."""
    if not better or a is None or other is None or a == other:
        return tag("b", "clear")
    more = "more" if other > a else "less"
    return tag("b", f"{badge if more == better else 'A'} is better")


def _lanes(
    told: Mapping[str, Any], pictures: Sequence[Picture | str], shown: tuple[float | None, float | None] | None
) -> Iterator[Markup]:
    for run, picture in zip(told["runs"], pictures, strict=True):
        title = f"{run['badge']}: {_name(run)}"
        id_ = f"lanes-{run['badge']}"
        if isinstance(picture, str):
            yield section(title, tag("p", picture), id_=id_)
        else:
            words = f"The lanes of {run['badge']}'s first run{_when(shown)}"
            yield picture_section(title, picture, words, tag("p", f"{words}.", class_="note"), id_=id_)


def _when(shown: tuple[float | None, float | None] | None) -> str:
    if shown is None or shown == (None, None):
        return ""
    since, until = shown
    to = f" to {duration(until * 1e9)}" if until is not None else " to its end"
    return f", from {duration((since or 0.0) * 1e9)}{to}"


def _setups(told: Mapping[str, Any]) -> Markup:
    """What tells the scenarios apart, and what all of them have."""
    badges = [str(run["badge"]) for run in told["runs"]]
    knobs = [dict(flat(run["scenario"])) for run in told["runs"]]
    keys = list(dict.fromkeys(key for each in knobs for key in each))
    differ = [key for key in keys if len({each.get(key, "") for each in knobs}) > 1]
    same = [(key, knobs[0][key]) for key in keys if key not in differ and knobs[0].get(key, "") != ""]
    rows = [(key, *(each.get(key) or NONE for each in knobs)) for key in differ]
    apart = table(("What differs", *badges), rows) if rows else tag("p", "Nothing: the scenarios are the same.")
    return section(
        "Scenarios", tag("div", apart, table(("What all have", ""), same), class_="columns"), id_="scenarios"
    )


def _made_by(told: Mapping[str, Any]) -> str:
    figures = told["runs"][0]["figures"]
    versions = figures.get("versions")
    version = versions.get("explorer", "") if isinstance(versions, dict) else ""
    return f"A report of Concurrency Explorer {version}".strip() + ". This file needs no network and asks for nothing."


def _figure(run: Mapping[str, Any], *keys: str) -> float | None:
    found: Any = run["figures"]
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    try:
        return float(found) if isinstance(found, (int, float)) and isfinite(found) else None
    except OverflowError:  # JSON knows whole numbers of any length
        return None
