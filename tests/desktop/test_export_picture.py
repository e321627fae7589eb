"""A recording is drawn without a window: all its lanes, the chosen part of it, in the chosen theme."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from explorer.collect.source import Batch, Process, Track
from explorer.desktop import export_picture
from explorer.desktop.export_picture import pictures_of
from explorer.desktop.theme import Theme
from explorer.export.recorded import Recorded
from explorer.option_error import OptionError
from explorer.paths import resources
from explorer.recording.notes import Note, event_of
from explorer.records.states import Role, State, TrackKind
from tests.unit.export.runs import LOOP, NAMES, WORKER, batch, declared, recorded, span

SECOND = 1_000_000_000
SIZE = (1_000, 500)


def run() -> Recorded:
    """The loop runs in the first half of ten seconds, the worker waits in the second."""
    spans = [
        span(LOOP, 0, 5 * SECOND, state=State.RUNNING),
        span(WORKER, 5 * SECOND, 10 * SECOND, state=State.BLOCKED),
    ]
    return recorded([declared(batch(10 * SECOND, spans))])


def workers(number: int) -> Recorded:
    """So many processes with a thread each."""
    tracks = range(10, 10 + number)
    first = batch(SECOND, [span(track, track, SECOND) for track in tracks])
    first.names = list(NAMES)
    first.processes = [Process(at, at, Role.WORKER, "", 1, 1, "cpython 3.13.0", 5) for at in tracks]
    first.tracks = [Track(at, TrackKind.THREAD, "AnyIO worker thread", at, tid=at, pid=at) for at in tracks]
    return recorded([first])


def colours(picture: bytes) -> set[str]:
    """The names of the colours in a picture."""
    image = QImage.fromData(picture)
    assert image.width() == 2 * SIZE[0]
    # The legend below the lanes shows every colour.
    rows = range(0, image.height() - 80, 3)
    return {image.pixelColor(x, y).name() for x in range(400, image.width(), 5) for y in rows}


@pytest.mark.parametrize(("since", "until", "runs", "waits"), [(None, None, 1, 1), (1, 4, 1, 0), (6, 9, 0, 1)])
def test_the_chosen_part_is_shown(
    qapp: QApplication, since: float | None, until: float | None, runs: int, waits: int
) -> None:
    look = Theme(resources())
    found = colours(picture_of(run(), "png", size=SIZE, since=since, until=until))
    assert (look.state(State.RUNNING).fill.name() in found) == bool(runs)
    assert (look.state(State.BLOCKED).fill.name() in found) == bool(waits)


def picture_of(run: Recorded, kind: str, **how: Any) -> bytes:
    return pictures_of(run, (kind,), **how)[kind]


def test_one_recording_is_drawn_in_both_themes(qapp: QApplication) -> None:
    found = pictures_of(run(), ("light.png", "dark.png", "png"), theme="dark", size=SIZE)
    assert list(found) == ["light.png", "dark.png", "png"]
    heads = {name: Theme(resources(), name).color("group").name() for name in ("light", "dark")}
    for name, other in (("light", "dark"), ("dark", "light")):
        shown = colours(found[f"{name}.png"])
        assert heads[name] in shown
        assert heads[other] not in shown
    assert found["png"] == found["dark.png"]


def test_the_theme_is_chosen_and_an_svg_says_it_in_words(qapp: QApplication) -> None:
    drawing = picture_of(run(), "svg", theme="light", size=SIZE).decode()
    assert drawing.startswith("<?xml")
    assert Theme(resources(), "light").color("lane").name() in drawing
    assert ">handler<" in drawing.replace("\n", "").replace(" ", "")
    assert "Event loop" in drawing
    assert "Click" not in drawing, "nobody can click on a picture"


def test_what_is_cut_is_said_in_the_picture_and_told(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    whole = picture_of(workers(40), "svg", size=SIZE, remark=told.append).decode()
    assert told == []
    assert "not in this picture" not in whole
    monkeypatch.setattr(export_picture, "HIGHEST", 700)
    cut = picture_of(workers(40), "svg", size=SIZE, remark=told.append).decode()
    [sentence] = told
    said, _, advice = sentence.partition(". ")
    assert said.endswith(" more lanes are not in this picture, which ends after 700 pixels")
    assert 15 < int(said.split()[0]) < 30, "each has a head, too"
    assert "--from" in advice
    assert f"{said}." in cut
    picture = QImage.fromData(picture_of(workers(40), "png", size=SIZE))
    assert picture.height() == 2 * (700 + export_picture.FOOT_HEIGHT)


def test_notes_of_the_run_are_drawn(qapp: QApplication) -> None:
    first, last = declared(batch(SECOND, [span(LOOP, 0, SECOND)])), batch(SECOND)
    last.events = [event_of([Note("a", SECOND // 2, "here it waits")])]
    assert "here it waits" in picture_of(recorded([first, last]), "svg", size=SIZE).decode()


def test_an_empty_recording_is_refused(qapp: QApplication, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="nothing to be drawn"):
        picture_of(recorded([Batch(now=5)]), "png")
