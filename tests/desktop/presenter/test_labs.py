"""Slides about the labs: the ladder and the curve on the wall are those of the run that was just made."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from explorer.desktop.app import Application
from explorer.desktop.presenter import engine
from explorer.desktop.presenter.ladder_shape import broken
from explorer.desktop.presenter.slide_view import Standing
from explorer.lessons.lesson import Lesson, Run, Slide
from tests.desktop.presenter.short import lesson
from tests.desktop.presenter.test_lecture import measured, present, press
from tests.desktop.window.conftest import Drive, drive, until

__all__ = ["drive"]

SQLITE = {"scenarios": "G2-item", "url": "sqlite://", "levels": "DEFERRED"}
SWEEP = {"job": "mandelbrot", "runner": "threads", "workers": "1-2", "size": 16, "repeat": 1}


@pytest.fixture
def lessons(monkeypatch: pytest.MonkeyPatch) -> list[Lesson]:
    """One lesson about both labs."""
    runs = (Run("main", "SQLite", "isolation", {}, SQLITE), Run("sweep", "Threads", "parallelism", {}, SWEEP))
    slides = (
        Slide("Two at once", "main"),
        Slide("One is too late", "main"),
        Slide("More threads", "sweep"),
    )
    found = [replace(lesson(), runs=runs, slides=slides)]
    monkeypatch.setattr(engine, "readable", lambda library: list(found))
    return found


def test_a_schedule_is_run_on_the_wall_step_by_step(drive: Drive, lessons: list[Lesson]) -> None:
    async def scene(application: Application) -> None:
        presenter, lecture, wall = present(application)
        asked = lecture.view()
        assert asked.ladder is not None
        assert {card.state for card in asked.ladder.ladder.cards} == {"to come"}
        wall.grab()
        press(wall, Qt.Key.Key_PageDown)
        await until(lambda: _sent(lecture.view()) == 1, "the first step")
        assert lecture.view().standing is Standing.LIVE
        await measured(lecture)
        view = lecture.view()
        assert _sent(view) > 4
        figures = lecture.results.figures("short")["main"]
        assert figures["happened"] is False
        assert view.verdict == (f"Prevented {' '.join(figures['codes'])}", "good")
        assert view.ladder is not None
        assert [card.failure.code for card in view.ladder.ladder.cards if card.failure] == figures["codes"]
        assert "Prevented" in wall.windowTitle()
        wall.grab()
        press(wall, Qt.Key.Key_PageDown)
        assert lecture.deck.words == "2 / 3"
        assert lecture.view().ladder is view.ladder, "it is not run again"
        press(wall, Qt.Key.Key_R)
        assert lecture.runner.going
        presenter.leave()
        assert not lecture.runner.going
        assert presenter.present(["short"], ("short:1", 1))
        await measured(lecture)
        assert lecture.view().verdict is not None, "the database is started again"

    drive(scene)


def test_a_sweep_is_drawn_as_it_is_measured(drive: Drive, lessons: list[Lesson]) -> None:
    async def scene(application: Application) -> None:
        _, lecture, wall = present(application)
        assert lecture.go("short:3")
        asked = lecture.view()
        assert asked.curve is not None
        assert (asked.curve.most, asked.curve.lines) == (2, ())
        wall.grab()
        press(wall, Qt.Key.Key_PageDown)
        await measured(lecture)
        curve = lecture.view().curve
        assert curve is not None
        points = lecture.results.figures("short")["sweep"]["points"]
        known = {one["workers"]: one["speedup"] for one in points if one["runner"] == "threads"}
        assert {line.workers: line.speedups for line in curve.lines} == {(1, 2): (known[1], known[2])}
        wall.grab()

    drive(scene)


def test_another_slide_takes_the_place_of_a_schedule(drive: Drive, lessons: list[Lesson]) -> None:
    async def scene(application: Application) -> None:
        _, lecture, wall = present(application)
        press(wall, Qt.Key.Key_PageDown)
        await until(lambda: _sent(lecture.view()) == 1, "the first step")
        assert lecture.go("short:3", 1)
        await measured(lecture)
        assert lecture.results.done(("short", "sweep"))
        assert not lecture.results.done(("short", "main"))
        assert lecture.go("short:1", 1)
        await measured(lecture)
        assert lecture.view().verdict is not None

    drive(scene)


def test_statements_are_broken_at_their_spaces(qapp: QApplication) -> None:
    made = QFont()
    made.setPixelSize(20)
    assert broken("COMMIT", made, 300, 0, 2) == ["COMMIT"]
    lines = broken("SELECT count(*) FROM on_call WHERE doctor IN ('Ann', 'Bob') AND state = 'on'", made, 220, 60, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert lines[0].startswith("SELECT")


def _sent(view: object) -> int:
    steps = getattr(view, "ladder", None)
    return sum(card.sent >= 0 for card in steps.ladder.cards) if steps is not None else 0


MANY = SWEEP | {"size": 64, "repeat": 9}


@pytest.fixture
def sweeps(monkeypatch: pytest.MonkeyPatch) -> list[Lesson]:
    """A server, and two sweeps of which the first takes a while."""
    made = lesson()
    runs = (
        made.runs[0],
        Run("long", "Long", "parallelism", {}, MANY),
        Run("sweep", "Threads", "parallelism", {}, SWEEP),
    )
    slides = (Slide("Serve", "main"), Slide("Many", "long"), Slide("More threads", "sweep"))
    found = [replace(made, runs=runs, slides=slides)]
    monkeypatch.setattr(engine, "readable", lambda library: list(found))
    return found


@pytest.mark.parametrize(("first", "then"), [(1, 3), (2, 1), (2, 3)])
def test_a_slide_that_comes_while_another_one_runs_gets_its_own_run(
    drive: Drive, sweeps: list[Lesson], first: int, then: int
) -> None:
    async def scene(application: Application) -> None:
        _, lecture, _ = present(application)
        runs = [run.id for run in sweeps[0].runs]
        told: list[tuple[str, str]] = []
        lecture.runner.ended.connect(lambda key, result: told.append(("ended", key[1])))
        lecture.runner.cut.connect(lambda key: told.append(("cut", key[1])))
        assert lecture.go(f"short:{first}", 1)
        await until(lambda: lecture.view().standing is Standing.LIVE, "the run")
        assert lecture.go(f"short:{then}", 1)
        assert lecture.runner.key == ("short", runs[then - 1]), "it is what runs next"
        await measured(lecture)
        assert told == [("cut", runs[first - 1]), ("ended", runs[then - 1])]
        assert not lecture.results.done(("short", runs[first - 1]))
        assert not lecture.notices.all

    drive(scene)
