"""A picture of a slide with a real run on it, or of the speaker view beside it."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Final

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import qasync
from PySide6.QtCore import QRect, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget

from explorer.desktop.app import Application
from explorer.desktop.offscreen import say
from explorer.desktop.presenter import engine
from explorer.desktop.presenter.lecture import Lecture
from explorer.desktop.presenter.places import Places
from explorer.desktop.presenter.slide_shot import SlideShot, parse_slide
from explorer.desktop.presenter.speaker import Speaker
from explorer.desktop.presenter.wall import Wall
from explorer.lessons.lesson import Lesson
from explorer.option_error import OptionError
from explorer.options import suggest

PATIENCE_S: Final = 180.0
LOOK_S: Final = 0.05


def picture(slide: str, output: Path, *, theme: str, size: tuple[int, int], speaker: bool) -> None:
    """Take one, without a screen. `slide` is LESSON:N. Raises `OptionError`."""
    shot = parse_slide(slide, speaker=speaker)
    qInstallMessageHandler(say)
    qt = QApplication(sys.argv[:1])
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qt)) as runner:
        runner.run(take(shot, output, theme, size))


async def take(shot: SlideShot, output: Path, theme: str, size: tuple[int, int]) -> None:
    """Run what the slide shows, to its end, and write a PNG of it. Raises `OptionError`."""
    application = Application(None, theme)
    control = application.control
    window: QWidget | None = None
    lecture: Lecture | None = None
    try:
        lesson = _lesson(application, shot)
        lecture = Lecture(control, [lesson], parent=control)
        places = Places()
        if shot.speaker:
            window = Speaker(application.theme, lecture, places, window=False)
        else:
            window = wall = Wall(application.theme, lecture, places)
            wall.told = True
        window.setGeometry(QRect(0, 0, *size))
        window.show()
        lecture.go(f"{lesson.id}:{shot.number}", len(lecture.deck.sheets))
        await _measured(lecture)
        if not window.grab().save(str(output), "PNG"):
            raise OptionError(f"{output} cannot be written. Choose another file.")
    finally:
        if lecture is not None:
            lecture.stop()
        session = control.session
        if window is not None:
            window.close()
            window.deleteLater()
        await application.close()
        if session is not None:
            session.discard()


def _lesson(application: Application, shot: SlideShot) -> Lesson:
    lessons = engine.readable(engine.library(application.control.catalog))
    found = next((one for one in lessons if one.id == shot.lesson), None)
    if found is None:
        raise OptionError(f"There is no lesson '{shot.lesson}'. {suggest(shot.lesson, [one.id for one in lessons])}")
    if shot.number > len(found.slides):
        raise OptionError(f"The lesson '{found.id}' has {len(found.slides)} slides; there is no slide {shot.number}.")
    return found


async def _measured(lecture: Lecture) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while lecture.runner.going:
        if time.monotonic() > deadline:
            raise OptionError("The run did not end in time; the picture was not taken.")
        await asyncio.sleep(LOOK_S)
    # Why a run failed is told right after its state.
    await asyncio.sleep(LOOK_S)
    trouble = next((one for one in lecture.notices.all if one.offer), None)
    if trouble is not None:
        raise OptionError(trouble.sentence)
