"""A lesson that takes a tenth of a second, in the user's own folder, and the way to its page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.desktop.app import Application
from explorer.desktop.gallery.home import LESSON
from explorer.desktop.lessons.lesson_view import LessonView
from explorer.desktop.lessons.page import LessonPage
from explorer.paths import user_data
from tests.desktop.window.conftest import until

ID = "short-wall"
TOML = """
title = "{title}"
question = "Eight ask at once, four are served at a time. When is the **last** answer back?"
order = 400
group = "Threads"
minutes = 1
concepts = ["threading"]
shape = "wall"

[values]
N = 8
T = 4
S = 0.1

[[runs]]
id = "main"
kind = "server"
[runs.scenario]
model = "event_loop"
[runs.scenario.server]
port = {port}
[runs.scenario.dispatch]
id = "thread_pool"
tokens = 4
[runs.scenario.workload]
id = "sleep"
seconds = 0.1
[runs.scenario.load]
mode = "burst"
requests = 8

[[runs]]
id = "more"
title = "With 8 tokens"
like = "main"
change = {{ "dispatch.tokens" = 8 }}

[question_form]
kind = "number"
unit = "s"
low = 0.0
high = 1.0
choices = [{{ text = "0.1 s", value = 0.1 }}, {{ text = "0.2 s", value = 0.2 }}]
answer = "main.makespan_s"
law = "ceil(N / T) * S"
law_text = "⌈N / T⌉ · S"
differs = "Starting and sending take a little."

[watch]
lanes = ["request"]
seconds = 0.4

[resource]
kind = "squares"
total = "T"
used = "main.thread_pool.peak"

[[claims]]
text = "All eight were answered."
figure = "main.requests_total.ok"
is = "N"

[[claims]]
text = "All eight again."
figure = "more.requests_total.ok"
is = "N"

[[slides]]
sentence = "Four at a time"
run = "main"
notes = "Four, and four again."
"""
TEXT = """## Look
Four **tokens**.

## Predict
Think.

## Run
Watch.

## Reveal
Two waves.

## Try
More tokens.
"""


def folder() -> Path:
    """Where it is."""
    return user_data() / "lessons" / ID


def write(title: str = "The short wall", port: int = 0, text: str = TEXT) -> Path:
    """Write it; its picture is of four rows."""
    where = folder()
    where.mkdir(parents=True, exist_ok=True)
    (where / "lesson.toml").write_text(TOML.format(title=title, port=port), encoding="utf-8")
    (where / "text.md").write_text(text, encoding="utf-8")
    bars = '[[0, 0.0, 0.5, "blocked"], [1, 0.0, 0.5, "queued"], [1, 0.5, 0.5, "blocked"]]'
    (where / "picture.json").write_text('{"rows": 2, "bars": ' + bars + "}", encoding="utf-8")
    return where


@contextmanager
def lesson(port: int = 0) -> Iterator[Path]:
    """The lesson is there for as long as this holds."""
    where = write(port=port)
    try:
        yield where
    finally:
        shutil.rmtree(where, ignore_errors=True)


async def opened(application: Application) -> tuple[LessonPage, LessonView]:
    """Its page, and what is behind it."""
    assert application.window.home.show_lesson(ID)
    page = application.window.labs.made[LESSON]
    assert isinstance(page, LessonPage)
    assert isinstance(page.view, LessonView)
    await until(page.isVisible, "the page")
    return page, page.view


def press(application: Application, *keys: Qt.Key) -> None:
    """Press keys, one after the other."""
    for key in keys:
        QTest.keyClick(application.window, key)
