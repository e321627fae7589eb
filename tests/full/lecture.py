"""`lecture`: five lessons on the wall, driven by the keyboard alone on a real X server, at both sizes of a projector.

Every change of every slide is reached, says so in its window's title, shows the number of the run that it made (read
again from the run's own records on disk), and is left as a picture in a folder, to be looked at. Then the lecture is
left and comes back to the same slide, and when the window is closed nothing is left running.

Before the first run the room is let in: a headless Chromium joins by the address on the wall, sends, votes until the
run starts, and is told when the lecture is over.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil

from explorer.analysis.statistics import RunStatistics
from explorer.catalog import Catalog
from explorer.desktop.presenter import engine, numbers
from explorer.desktop.presenter.deck import Build, Deck
from explorer.desktop.presenter.playlist import Entry, entries
from explorer.recording.file_source import FileSource
from tests.architecture.checkout import ROOT
from tests.full.chromium import Page, browser
from tests.full.outcome import Failed, Skipped
from tests.screen import Screen, available, screen
from tests.xwd import save_png

LESSONS: Final = ("forty-tokens", "one-sleeps", "waiting-together", "thread-per-guest", "taking-turns")
SIZES: Final = (("1280x720", "dark"), ("1920x1080", "light"))
FORWARD: Final = ("Next", "Right", "Down", "n")
BACK: Final = ("Prior", "Left", "Up")
LIMIT_S: Final = 120.0
LOOK_S: Final = 0.1
PHONE: Final = (390, 844)
STATE: Final = "document.body?.dataset.state"
WAY_IN: Final = re.compile(r"Audience\. (http://[^,]+), code ([0-9A-Z-]+)\.")
SETTLE_S: Final = 0.4
"""A picture is taken when what is on the screen has been painted."""


def run() -> str:
    """What was seen; raises `Failed`."""
    if not available() or shutil.which("xdotool") is None:
        raise Skipped("Xvfb and xdotool are not both installed")
    folder = Path(os.environ.get("LECTURE_PICTURES") or tempfile.mkdtemp(prefix="explorer-lecture-"))
    folder.mkdir(parents=True, exist_ok=True)
    said = [give(folder, size, theme) for size, theme in SIZES]
    return f"{'; '.join(said)}; pictures in {folder}"


def give(folder: Path, size: str, theme: str) -> str:
    """One lecture from beginning to end."""
    with tempfile.TemporaryDirectory() as place, screen(Path(place), size) as shown:
        home = Path(place) / "home"
        data = home / "concurrency-explorer"
        data.mkdir(parents=True)
        (data / "window.json").write_text(json.dumps({"theme": theme}), encoding="utf-8")
        with window(shown, home) as process:
            hand = Hand(shown, process, data)
            lecture = Lecture(hand, folder, f"{size}-{theme}")
            return lecture.give()


@contextmanager
def window(shown: Screen, home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The application on that screen, with a data folder of its own; after it nothing may be left of it."""
    settings = {**os.environ, "DISPLAY": shown.display, "QT_QPA_PLATFORM": "xcb", "XDG_DATA_HOME": str(home)}
    command = [sys.executable, "-m", "explorer"]
    process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield process
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        _, alive = psutil.wait_procs(children, timeout=20)
        if alive:
            raise Failed(f"left running: {alive}")
    finally:
        process.kill()
        process.communicate()


class Hand:
    """Presses keys and reads what windows are called."""

    def __init__(self, shown: Screen, process: "subprocess.Popen[bytes]", data: Path) -> None:
        self.shown, self.process, self.data = shown, process, data
        self._settings = {**os.environ, "DISPLAY": shown.display}
        self._focus = ""

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            subprocess.run(["xdotool", "key", key], env=self._settings, check=True, capture_output=True)

    def titles(self) -> dict[str, str]:
        """What the windows that are shown are called, by their number."""
        found = {}
        for number in self._ask("search", "--onlyvisible", "--name", ".").split():
            if name := self._ask("getwindowname", number).strip():
                found[number] = name
        return found

    def wait_for(self, what: str, wanted: Callable[[str], bool]) -> str:
        """Wait until a window is called like this, and give it the keyboard, as a window manager would; its name."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            titles = self.titles()
            for number, title in titles.items():
                if wanted(title):
                    if number != self._focus:
                        self._ask("windowfocus", "--sync", number)
                        self._focus = number
                    return title
            if self.process.poll() is not None:
                raise Failed(f"the window ended while waiting for {what}")
            if time.monotonic() > deadline:
                raise Failed(f"waited in vain for {what}; the windows are {list(titles.values())}")
            time.sleep(LOOK_S)

    def _ask(self, *words: str) -> str:
        return subprocess.run(
            ["xdotool", *words], env=self._settings, capture_output=True, text=True, timeout=30
        ).stdout


class Lecture:
    """The lecture and what is expected of it."""

    def __init__(self, hand: Hand, folder: Path, name: str) -> None:
        self._hand, self._folder, self._name = hand, folder, name
        lessons = engine.readable(engine.library(Catalog()))
        self._all = [lesson for lesson in lessons if lesson.slides]
        known = {lesson.id: lesson for lesson in lessons}
        wanted = os.environ.get("LECTURE_LESSONS", "").split() or list(LESSONS)
        if missing := [one for one in wanted if one not in known]:
            raise Failed(f"there are no lessons {', '.join(missing)}")
        self._lessons = [known[one] for one in wanted]
        self._deck = Deck(self._lessons)
        self._figures: dict[tuple[str, str], dict[str, Any]] = {}
        self._pictures = 0
        self._compared = 0

    def give(self) -> str:
        """All of it."""
        with browser(*PHONE) as (page, _):
            return self._give(page)

    def _give(self, page: Page) -> str:
        hand, deck = self._hand, self._deck
        hand.wait_for("the window", lambda title: title.endswith("Concurrency Explorer"))
        time.sleep(1)  # its first server stands by then
        hand.press("shift+F5")
        hand.wait_for("the question which lessons", lambda title: title == "Present")
        self._choose()
        self._look()
        self._let_in(page)
        while True:
            self._look()
            if deck.at == 0 and deck.build is Build.SHOW:
                self._reveal(page)
            if deck.after is None and deck.build is deck.sheet.builds[-1]:
                break
            deck.forward()
            hand.press(FORWARD[self._pictures % len(FORWARD)])
        self._covers()
        self._back()
        self._leave_and_return()
        page.wait_for(f"{STATE} === 'closed'", "the end of the lesson on the phone")
        if page.said:
            raise Failed(f"the phone's console says: {page.said}")
        counts = f"{len(deck.sheets)} slides, {self._pictures} pictures, {self._compared} numbers compared"
        return f"{self._name}: {counts}, a phone sent and voted"

    # -- the room --------------------------------------------------------------------------------------------------

    def _let_in(self, page: Page) -> None:
        """With one screen the wall is left for the question, and comes back with the way in; a phone comes, sends one
        request, and answers what is asked on the slide behind.
        """
        hand = self._hand
        hand.press("q")
        hand.wait_for("whether the room may come in", lambda title: title == "Audience")
        if any(title.startswith("Slide ") for title in hand.titles().values()):
            raise Failed("the question stands over a slide")
        self._save("question")
        hand.press("Tab", "space")
        title = hand.wait_for("the way in", lambda title: title.startswith("Audience. http"))
        found = WAY_IN.match(title)
        if found is None:
            raise Failed(f"the wall does not say where to go: '{title}'")
        page.open(found[1] + found[2].replace("-", ""))
        page.wait_for(f"{STATE} === 'ready' && !document.getElementById('send').disabled", "the button")
        hand.wait_for("the phone", lambda title: title.endswith("1 phone"))
        _click(page, "#send")
        page.wait_for(f"{STATE} === 'back'", "the answer")
        self._save("room")
        hand.press("Next")
        page.wait_for(f"{STATE} === 'vote'", "the question")
        _click(page, ".option:nth-child(1)")
        hand.wait_for("the vote", lambda title: title.endswith("1 of 1 phones have answered."))
        self._save("vote")

    def _reveal(self, page: Page) -> None:
        """The run has ended the vote, and the slide before it now shows what was predicted."""
        hand = self._hand
        page.wait_for(f"{STATE} !== 'vote'", "the end of the vote")
        hand.press("Prior")
        hand.wait_for("what the room predicted", lambda title: "The room predicted: " in title)
        self._save("predicted")
        hand.press("Next")
        self._look()

    def _choose(self) -> None:
        """The five lessons by Space, in their order; the arrows go to each."""
        hand = self._hand
        rows: list[Entry] = entries(self._all, [])
        at = 0
        for number, lesson in enumerate(self._lessons):
            to = next(row for row, entry in enumerate(rows) if entry.lesson is lesson)
            hand.press(*(["Down"] * (to - at) if to >= at else ["Up"] * (at - to)), "space")
            rows.insert(number, rows.pop(to))
            at = number
        self._save("playlist")
        hand.press("Return")

    # -- slides ----------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """The slide that is expected is there, with its number if it has one."""
        deck, sheet = self._deck, self._deck.sheet
        number = f"{sheet.slide.unit}, measured." if sheet.slide.number else "Measured."
        done = {Build.ASK: "Asked."}.get(deck.build, number if sheet.slide.run else "")

        what = f"slide {deck.words} ({deck.build.value})"
        title = self._hand.wait_for(what, lambda title: self._is_there(title) and done in title)
        self._compare(title)
        self._save(f"{deck.at + 1:02d}-{sheet.lesson.id}-{sheet.number}-{deck.build.value}")

    def _compare(self, title: str) -> None:
        """The number on the wall is that of the run's own records."""
        sheet = self._deck.sheet
        slide, lesson = sheet.slide, sheet.lesson
        if self._deck.build is Build.ASK or not slide.run:
            return
        for run in numbers.runs_of(lesson, slide):
            if (lesson.id, run) not in self._figures:
                self._figures[lesson.id, run] = self._newest()
        if not slide.number:
            return
        known = {run: figures for (of, run), figures in self._figures.items() if of == lesson.id}
        value = numbers.measured(slide, engine.names_of(lesson, known))
        if value is None or f" {numbers.figure(value)} {slide.unit}, measured." not in title:
            raise Failed(f"the wall says '{title}', the records of its run {value}")
        self._compared += 1

    def _newest(self) -> dict[str, Any]:
        """The figures of the newest run on disk."""
        told = sorted((self._hand.data / "runs").glob("*/run.json"), key=lambda file: file.stat().st_mtime)
        # What stands by for the next run has a folder as well, which says nothing yet of a scenario.
        newest = next(file for file in reversed(told) if "scenario" in json.loads(file.read_text(encoding="utf-8")))
        source = FileSource(newest.parent)
        statistics = RunStatistics()
        try:
            while not source.finished:
                statistics.feed(source.poll())
            return dict(statistics.figures(source.run["scenario"]))
        finally:
            source.close()

    def _covers(self) -> None:
        """Blank, white and the room, and the slide again after each."""
        hand = self._hand
        slide = f"Slide {self._deck.words}: "
        for key, again, title in (("b", "period", "Blank."), ("w", "w", "White."), ("q", "q", "Audience. http")):
            hand.press(key)
            hand.wait_for(title, lambda shown, title=title: shown.startswith(title))  # type: ignore[misc]
            self._save(title.split(".")[0].lower())
            hand.press(again)
            hand.wait_for("the slide again", lambda name: name.startswith(slide))

    def _back(self) -> None:
        """Three changes back, with a key each."""
        for key in BACK:
            self._deck.back()
            self._hand.press(key)
            self._hand.wait_for(f"the change before {self._deck.words}", self._is_there)

    def _is_there(self, title: str) -> bool:
        """Whether a title is that of the slide on which the lecture should be, with its law or without."""
        begin = f"Slide {self._deck.words}: {self._deck.sheet.slide.sentence}."
        return title.startswith(begin) and ("Law: " in title) == (self._deck.build is Build.LAW)

    def _leave_and_return(self) -> None:
        """Esc leads to the window, F5 to the same slide, and F5 to the window again."""
        hand = self._hand
        before = next(title for title in hand.titles().values() if title.startswith("Slide "))
        for key in ("Escape", "F5"):
            hand.press(key)
            hand.wait_for("the window again", lambda title: title.endswith("Concurrency Explorer"))
            if any(title.startswith("Slide ") for title in hand.titles().values()):
                raise Failed(f"{key} left the wall on the screen")
            if key == "Escape":
                self._save("left")
                hand.press("F5")
                hand.wait_for("the same slide", lambda title: title == before)

    def _save(self, name: str) -> None:
        time.sleep(SETTLE_S)
        self._pictures += 1
        save_png(self._hand.shown.picture, self._folder / f"{self._name}-{name}.png")


def _click(page: Page, selector: str) -> None:
    page.evaluate(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
    x, y = page.evaluate(
        "(({left, top, width, height}) => [left + width / 2, top + height / 2])"
        f"(document.querySelector({selector!r}).getBoundingClientRect())"
    )
    page.click(x, y)
