"""A picture of the start page, or of a lesson at one of its steps; for its figures the lesson is really run."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QApplication

from explorer.desktop.app import Application
from explorer.desktop.gallery.home import GALLERY, LESSON
from explorer.desktop.gallery.page import GalleryPage
from explorer.desktop.lessons.lesson_shot import LessonShot
from explorer.desktop.lessons.lesson_view import LessonView
from explorer.desktop.lessons.page import LessonPage
from explorer.desktop.lessons.state import PREDICT, REVEAL, TRY
from explorer.lessons.lesson import Lesson
from explorer.option_error import OptionError
from explorer.options import suggest

__all__ = ["LessonShot", "take"]

LOOK_S: Final = 0.05
SETTLE_S: Final = 0.4
PATIENCE_S: Final = 240.0


async def take(shot: LessonShot, output: Path, theme: str, size: tuple[int, int]) -> None:
    """Go to the step, running what it needs, and write a PNG. Raises `OptionError`."""
    application = Application(None, theme)
    window = application.window
    window.resize(*size)
    window.show()
    try:
        application.window.kept.refresh()
        if shot.lesson:
            await _lesson(application, shot)
        else:
            _gallery(application, shot)
        await asyncio.sleep(SETTLE_S)
        if not window.grab().save(str(output), "PNG"):
            raise OptionError(f"{output} cannot be written. Choose another file.")
    finally:
        session = application.control.session
        await application.close()
        if session is not None:
            session.discard()


def _gallery(application: Application, shot: LessonShot) -> None:
    page = application.window.labs.enter(GALLERY)
    assert isinstance(page, GalleryPage)
    if shot.search:
        page.search.set_text(shot.search)
        page.search.changed.emit(shot.search)


async def _lesson(application: Application, shot: LessonShot) -> None:
    home = application.window.home
    if not home.show_lesson(shot.lesson):
        known = [one.id for one in home.library.lessons() if isinstance(one, Lesson)]
        raise OptionError(f"There is no lesson '{shot.lesson}'. {suggest(shot.lesson, known)}")
    page = application.window.labs.made[LESSON]
    assert isinstance(page, LessonPage)
    assert isinstance(page.view, LessonView)
    state = page.view.state
    if shot.step == "look":
        return
    state.go(PREDICT)
    if shot.answer is None and shot.step == "predict":
        return  # as a student finds it
    if shot.answer != 0:
        if not state.lesson or not state.lesson.question.choices:
            state.predict(state.lesson.question.high / 2 if state.lesson else None)
        else:
            state.choose(shot.answer or 1)
    else:
        state.predict(None)
    if shot.step == "predict":
        return
    state.run()
    await _until(lambda: state.trouble is not None or state.step == REVEAL)
    if shot.step == "try" and state.trouble is None and state.lesson is not None:
        state.go(TRY)
        for run in state.lesson.runs:
            if run.id not in state.figures:
                state.run_one(run.id)
                await _until(lambda: not state.going)
    if state.trouble is not None:
        raise OptionError(state.trouble.sentence)
    QApplication.processEvents()


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise OptionError("The lesson did not come that far; the picture was not taken.")
        await asyncio.sleep(LOOK_S)
