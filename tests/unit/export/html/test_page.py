"""The report is one file that holds what it should, asks nobody for anything, and no text of a run becomes markup."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.analysis.parts import mean_parts
from explorer.collect.source import SPAN, Batch
from explorer.export.format import export, formats
from explorer.export.html import document as document_module
from explorer.export.html.document import Picture
from explorer.export.html.gather import Gathered
from explorer.export.html.markup import tag
from explorer.export.job import Job
from explorer.export.recorded import Recorded
from explorer.option_error import OptionError
from explorer.recording.importers.chrome import ChromeSource
from explorer.recording.notes import Note, event_of
from explorer.recording.writer import RecordingWriter
from explorer.records.states import Flag, Kind, State
from explorer.tokens import DARK, LIGHT
from tests.unit.analysis.runs import ASKED, T0, THREAD, S
from tests.unit.export.html.invented import HOSTILE, LANE, gathered, page_of
from tests.unit.recording.runs import batches, run_json

ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "h1", "h2", "p", "ul"),
    *("li", "b", "span", "div", "table", "thead", "tbody", "tr", "th", "td", "svg", "rect", "path", "line", "text"),
    *("figure", "figcaption", "canvas", "button", "output", "label", "input", "img", "script", "picture", "source"),
}
DRAWN = Picture(b"\x89PNG", b"\x89PNG")
LOADS = ("src", "href", "action", "data", "poster", "srcset", "background", "formaction", "xlink:href", "style")


class Document(HTMLParser):
    """Elements with their attributes, and the text of each script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "input", "source"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.open and self.open[-1] in ("script", "style"):
            self.inside.setdefault(self.open[-1], []).append(data)

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.elements}

    def trace(self) -> Any:
        return json.loads(self.inside["script"][0])


@pytest.fixture(scope="module")
def plain() -> Document:
    return Document(page_of(gathered()))


@pytest.fixture(scope="module")
def hostile() -> Document:
    return Document(page_of(gathered(HOSTILE), picture=DRAWN))


def test_all_sections_are_there(plain: Document) -> None:
    ids = {attributes.get("id") for name, attributes in plain.elements if name == "section"}
    assert ids == {"says", "parts", "charts", "timeline", "figures", "notes", "processes", "scenario"}
    assert not plain.open
    words = " ".join(plain.words)
    for told in ("The figures hold", "load.users", "Tokens 3 to 4", "12 records lost", "job plain", "66.7 %", "valid"):
        assert told in words, told


def test_the_users_notes_are_told_and_marked() -> None:
    found = gathered()
    found.feed(Batch(found.store.now, events=[event_of([Note("a", T0 + S, "here <it> waits")])]))
    first = found.store.first
    assert first is not None
    document = Document(page_of(found))
    assert "here <it> waits " in document.words, "in the list"
    assert {"time": T0 + S - first, "text": "here <it> waits"} in document.trace()["marks"]


def test_what_the_load_gave_up_is_not_in_the_mean_way() -> None:
    found = gathered()
    before = found.parts
    given_up = np.zeros(2, SPAN)
    given_up["start"], given_up["end"], given_up["request"] = T0, T0 + 3 * S, 1 << 50
    given_up["kind"], given_up["track"] = (Kind.PIECE, Kind.CLIENT_REQUEST), (LANE, ASKED)
    given_up["state"], given_up["name"], given_up["flags"] = State.QUEUED, 3, Flag.COMPLETE
    late = found.store.now + S
    given_up["start"][0], given_up["end"] = late - S // 2, late
    found.feed(Batch(late, spans=given_up))
    assert mean_parts(found.store, 0, late).requests == before.requests + 1, "its lane tells of it"
    assert found.parts.requests == before.requests
    assert found.parts.total_ns == before.total_ns


def test_seconds_are_those_of_the_timelines_axis() -> None:
    found = gathered()
    early = np.zeros(1, SPAN)
    early["start"], early["end"], early["track"], early["flags"] = T0 - 2 * S, T0 - S, THREAD, Flag.COMPLETE
    found.feed(Batch(found.store.now, spans=early))
    assert found.origin == T0 - 2 * S
    document = Document(page_of(found))
    assert document.trace()["origin"] == 0, "the whole run begins where the axis does"
    assert "5.000 s" in document.words, "the change, three seconds after the first send"


def test_charts_are_drawn(plain: Document) -> None:
    charts = [attributes["aria-label"] for name, attributes in plain.elements if attributes.get("class") == "chart"]
    assert charts == ["Throughput over time", "Latency of each request over time", "Distribution of latency"]
    assert sum(attributes.get("class") == "column" for _, attributes in plain.elements) >= 1
    dots = next(attributes["d"] for _, attributes in plain.elements if attributes.get("class") == "dot")
    assert dots is not None
    assert dots.count("M") > 20


@pytest.mark.parametrize("document", ["plain", "hostile"])
def test_nothing_is_asked_of_anybody(document: str, request: pytest.FixtureRequest) -> None:
    found: Document = request.getfixturevalue(document)
    for name, attributes in found.elements:
        for attribute in LOADS:
            assert (attributes.get(attribute) or "data:").startswith("data:"), (name, attribute)
        assert not [key for key in attributes if key.startswith("on")]
        assert attributes.get("http-equiv", "Content-Security-Policy") == "Content-Security-Policy"
    style, script = found.inside["style"][0], found.inside["script"][1]
    assert "url(" not in style
    assert "@import" not in style
    for word in ("http:", "https:", "fetch", "XMLHttp", "import(", "innerHTML", "eval(", "document.write", "WebSocket"):
        assert word not in script, word


@pytest.mark.parametrize("document", ["plain", "hostile"])
def test_only_the_known_script_may_run(document: str, request: pytest.FixtureRequest) -> None:
    found: Document = request.getfixturevalue(document)
    policies = [attributes["content"] for _, attributes in found.elements if "http-equiv" in attributes]
    policy = dict(part.strip().split(" ", 1) for part in (policies[0] or "").split(";"))
    assert policy["default-src"] == "'none'"
    for directive, text in (("script-src", found.inside["script"][1]), ("style-src", found.inside["style"][0])):
        hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert policy[directive] == f"'sha256-{hashed}'"
    assert [attributes.get("type") for name, attributes in found.elements if name == "script"] == [
        "application/json",
        None,
    ]


def test_no_text_of_a_run_becomes_markup(plain: Document, hostile: Document) -> None:
    assert hostile.names <= ELEMENTS
    for name in ("script", "style", "meta"):
        count = sum(element == name for element, _ in hostile.elements)
        assert count == sum(element == name for element, _ in plain.elements)
    assert sum(element == "img" for element, _ in hostile.elements) == 1  # the picture
    assert not hostile.open
    assert "alert(1)" in " ".join(hostile.words)
    assert any("onerror" in name for name in hostile.trace()["names"])


def test_attributes_and_texts_are_escaped() -> None:
    made = tag("p", "<b>&", tag("i", "a"), title="\"'<>")
    assert made == '<p title="&quot;&#x27;&lt;&gt;">&lt;b&gt;&amp;<i>a</i></p>'


def test_both_colour_schemes_are_in_it(plain: Document) -> None:
    style = plain.inside["style"][0]
    light, dark = style.split("@media(prefers-color-scheme:dark)", 1)
    assert f"--bg:{LIGHT.bg};" in light
    assert f"--bg:{DARK.bg};" in dark
    assert "@media print" in style
    used = set(re.findall(r"var\((--[a-z_0-9-]+)\)", style))
    assert used <= set(re.findall(r"(--[a-z_0-9-]+):", style))


def test_a_picture_goes_into_the_file_unless_it_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    found = gathered(seconds=2)
    images = [
        attributes["src"] for name, attributes in Document(page_of(found, picture=DRAWN)).elements if name == "img"
    ]
    assert images == ["data:image/png;base64," + base64.b64encode(b"\x89PNG").decode()]
    monkeypatch.setattr(document_module, "MOST_PICTURE", 3)
    assert "was left out" in page_of(found, picture=DRAWN)


def test_the_picture_is_light_or_dark_as_the_page_is() -> None:
    found = Document(page_of(gathered(seconds=2), picture=Picture(b"\x89light", b"\x89dark"))).elements
    [dark] = [attributes for name, attributes in found if name == "source"]
    [light] = [attributes for name, attributes in found if name == "img"]
    assert dark["media"] == "screen and (prefers-color-scheme: dark)"
    for attribute, image in ((dark["srcset"], b"\x89dark"), (light["src"], b"\x89light")):
        assert attribute == "data:image/png;base64," + base64.b64encode(image).decode()
    names = [name for name, _ in found]
    assert names.index("picture") < names.index("source") < names.index("img")


def test_a_trace_made_elsewhere_has_its_lanes_and_no_requests(tmp_path: Any) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"ph": "X", "name": "f", "ts": 1, "dur": 5, "pid": 7, "tid": 1}]))
    source, found = ChromeSource(path), Gathered({}, "a.json")
    while not source.finished:
        found.feed(source.poll())
    source.close()
    document = Document(page_of(found))
    ids = [attributes.get("id") for name, attributes in document.elements if name == "section"]
    assert ids == ["says", "timeline"]
    assert document.trace()["rows"][0]["group"] == "Process 7"


def test_a_run_without_anything_has_a_report_too() -> None:
    assert "No request was sent" in page_of(Gathered({}, "empty"))


def test_a_run_json_of_nonsense_does_no_harm() -> None:
    for run in (
        {"scenario": [1]},
        {"scenario": {"model": 5, "name": {}}, "versions": "x", "machine": 3, "anchor": {"wall_ns": "x"}},
    ):
        assert "</html>" in page_of(Gathered(run, "odd"))


def test_the_report_is_a_format_among_the_others(tmp_path: Path) -> None:
    made = next(one for one in formats() if one.id == "html")
    writer = RecordingWriter(run_json(tmp_path / "run"))
    for batch in batches(4):
        writer.feed(batch)
    writer.close()
    told: list[int] = []

    def tell(done: int, total: int) -> None:
        told.append(done)

    job = Job(Recorded.at(tmp_path / "run"), progress=tell, picture=lambda kind: b"\x89PNG")
    export(job, made, tmp_path / "a.html")
    document = Document((tmp_path / "a.html").read_text(encoding="utf-8"))
    assert document.trace()["detail"]["count"] == 28
    assert "img" in document.names
    assert told == sorted(told)
    assert told[-1] == 1000


def test_a_run_without_spans_is_refused(tmp_path: Path) -> None:
    RecordingWriter(run_json(tmp_path / "run")).close()
    made = next(one for one in formats() if one.id == "html")
    with pytest.raises(OptionError, match="holds no spans"):
        export(Job(Recorded.at(tmp_path / "run")), made, tmp_path / "a.html")
    assert not (tmp_path / "a.html").exists()
