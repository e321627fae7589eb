"""The report as a file: its sections and the viewer in one HTML document (`document`).

Size: the data of the viewer is below 6 MB, a picture is left out above 6 MB, tables end after some hundred rows; a
usual report has one or two megabytes.
"""

import time
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

from explorer.export.html.charts import charts
from explorer.export.html.document import Picture, document, picture_section
from explorer.export.html.findings import findings
from explorer.export.html.gather import Gathered
from explorer.export.html.markup import Markup, join, section, sentences, tag
from explorer.export.html.tables import measured, notes, processes, setup
from explorer.export.html.time_parts import time_parts
from explorer.export.html.viewer import states, viewer_data
from explorer.progress import Progress, quietly
from explorer.records.states import TrackKind
from explorer.wording import duration

HINT: Final = (
    "Wheel: zoom where the pointer is. Drag: move. Double click: the span. Keys, once the lanes have the focus: W S or "
    "+ − zoom, A D or ← → move, Home all, . , the next and the previous span of the lane, ↑ ↓ another lane."
)


def write(
    gathered: Gathered,
    file: BinaryIO,
    *,
    begin: int | None = None,
    end: int | None = None,
    picture: Picture | None = None,
    progress: Progress = quietly,
) -> None:
    """Write the report of a run to `file`.

    `begin` and `end` (ns) bound what the timeline shows, by default the whole run; `picture` is one of the lanes.
    `progress` is told tenths.
    """
    store = gathered.store
    first, last = store.first or 0, max(store.last or 0, store.first or 0)
    begin, end = max(first, begin if begin is not None else first), min(last, end if end is not None else last)
    progress(1, 10)
    figures: Mapping[str, Any] = gathered.statistics.figures(gathered.scenario, _texts(gathered.run.get("versions")))
    parts = gathered.parts
    progress(3, 10)
    about = [section("What this run says", sentences(findings(gathered, figures, parts)), id_="says")]
    if not gathered.foreign:
        about += [time_parts(parts), charts(gathered)]
    progress(6, 10)
    data = viewer_data(gathered, begin, end)
    progress(8, 10)
    body = join(
        (
            _head(gathered, figures, begin, end),
            tag("main", *about, _timeline(gathered, data), _picture(picture), *_rest(gathered, figures)),
            tag("footer", tag("p", _made_by(gathered))),
        )
    )
    file.write(document(_title(gathered), body, data).encode("utf-8"))
    progress(10, 10)


def _rest(gathered: Gathered, figures: Mapping[str, Any]) -> list[Markup]:
    if gathered.foreign:
        return [notes(gathered)]
    return [measured(figures), notes(gathered), processes(figures), setup(gathered)]


def _head(gathered: Gathered, figures: Mapping[str, Any], begin: int, end: int) -> Markup:
    facts = [f"{duration(end - begin)}, {_spans(gathered.store.count)} recorded"]
    if not gathered.foreign:
        facts.insert(0, "valid" if figures["valid"] else "not valid")
        facts.append(f"{figures['requests_total']['sent']:,} requests sent")
    anchor = gathered.run.get("anchor")
    wall = anchor.get("wall_ns") if isinstance(anchor, dict) else None
    if isinstance(wall, int) and 0 < wall < 1 << 62:
        facts.append(time.strftime("%Y-%m-%d %H:%M", time.localtime(wall / 1e9)))
    return tag(
        "header",
        tag("h1", _title(gathered)),
        tag("p", " · ".join([_chosen(gathered), *facts]).strip(" ·"), class_="note"),
    )


def _title(gathered: Gathered) -> str:
    name = gathered.scenario.get("name")
    return name if isinstance(name, str) and name else gathered.name


def _chosen(gathered: Gathered) -> str:
    ids = [
        str(part["id"])
        for key in ("model", "dispatch", "workload")
        if isinstance(part := gathered.scenario.get(key), dict) and part.get("id")
    ]
    return ", ".join(ids)


def _made_by(gathered: Gathered) -> str:
    version = _texts(gathered.run.get("versions")).get("explorer", "")
    return f"A report of Concurrency Explorer {version}".strip() + ". This file needs no network and asks for nothing."


def _timeline(gathered: Gathered, data: Mapping[str, Any]) -> Markup:
    detail, hidden = data["detail"], data["hidden"]
    stretch = f"from {_at(data, detail['begin'])} to {_at(data, detail['end'])}"
    if detail["whole"]:
        one = detail["count"] == 1
        words = f"The {_spans(detail['count'])} of these lanes {stretch} {'is' if one else 'are all'} in this file."
        words += _others(gathered, data)
    else:
        words = f"From afar all that is shown; the {_spans(detail['count'])} of these lanes {stretch} one by one."
    if hidden:
        words += f" {hidden:,} more lanes are not in this file."
    looks = [state for state in states(gathered)[1:] if state["seen"]]
    legend = tag("ul", *(_entry(state) for state in looks), class_="legend")
    patterns = tag("label", tag("input", type="checkbox", id="patterns"), " Patterns")
    lanes = tag(
        "div",
        tag("canvas", id="lanes", tabindex="0", role="application", aria_label="Timeline", aria_describedby="hint"),
        tag("div", id="tip", hidden="hidden"),
        id="viewer",
    )
    tools = tag(
        "div",
        *(tag("button", words, type="button", id=id_) for id_, words in (("in", "+"), ("out", "−"), ("all", "All"))),
        tag("output", id="view", aria_live="polite"),
        patterns,
        class_="tools",
    )
    return section(
        "Timeline", tag("p", words), legend, tools, lanes, tag("p", HINT, class_="note", id="hint"), id_="timeline"
    )


def _others(gathered: Gathered, data: Mapping[str, Any]) -> str:
    """What else was recorded, where the whole run is shown: so that nobody looks for it."""
    store = gathered.store
    others = store.count - data["detail"]["count"]
    if store.first is None or store.last is None or others <= 0 or data["length"] < store.last - store.first:
        return ""
    whole = sum(
        store.count_in(track.number, depth, store.first - 1, store.last + 1)
        for track in store.tracks.values()
        if track.kind is TrackKind.REQUESTS
        for depth in store.depths(track.number)
    )
    parts = [f"{whole:,} of whole requests, which the charts show"] if whole else []
    if others > whole:
        parts.append(f"{others - whole:,} of what has no lane here")
    return f" The other {others:,} {'is' if others == 1 else 'are'} {', and '.join(parts)}."


def _spans(count: int) -> str:
    return "1 span" if count == 1 else f"{count:,} spans"


def _at(data: Mapping[str, Any], time_ns: int) -> str:
    return f"{(data['origin'] + time_ns) / 1e9:.3f} s"


def _entry(state: Mapping[str, Any]) -> Markup:
    square = tag("rect", width=14, height=14, class_=f"state-{state['key']}")
    swatch = tag("svg", square, viewBox="0 0 14 14", class_="swatch", aria_hidden="true")
    return tag("li", swatch, " ", tag("b", state["title"]), " ", tag("span", state["sentence"], class_="note"))


def _picture(picture: Picture | None) -> Markup:
    if picture is None:
        return Markup("")
    title = "The lanes as the window shows them"
    return picture_section(title, picture, title, id_="picture")


def _texts(data: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in data.items()} if isinstance(data, dict) else {}
