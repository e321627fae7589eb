"""A picture of the real window running a real scenario; to be drawn off screen QT_QPA_PLATFORM must say so."""

import asyncio
import os
import sys
from pathlib import Path

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import numpy as np
import qasync
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from explorer.analysis.critical_path import critical_path
from explorer.catalog import Catalog
from explorer.desktop.app import Application
from explorer.desktop.labs import shot
from explorer.desktop.labs.shot import LabShot
from explorer.desktop.lessons import shot as lesson_shot
from explorer.desktop.lessons.lesson_shot import LessonShot
from explorer.desktop.offscreen import say
from explorer.option_error import OptionError
from explorer.records.states import Kind
from explorer.scenario import Scenario
from explorer.store.rows import Span


def take(
    catalog: Catalog,
    scenario: Scenario | Path | None,
    output: Path,
    *,
    theme: str,
    size: tuple[int, int],
    after: float,
    select: bool,
    lab: LabShot | None = None,
    lesson: LessonShot | None = None,
    findings: bool = False,
) -> None:
    """Run a scenario for `after` seconds, or open the file at a path (None: the window as it opens), and write a PNG.

    Raises `OptionError`.
    """
    qInstallMessageHandler(say)
    qt = QApplication(sys.argv[:1])
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qt)) as runner:
        if lesson is not None:
            runner.run(lesson_shot.take(lesson, output, theme, size))
        elif lab is not None:
            runner.run(shot.take(lab, output, theme, size, after))
        else:
            runner.run(_take(scenario, output, theme, size, after, select, findings))


async def _take(
    scenario: Scenario | Path | None,
    output: Path,
    theme: str,
    size: tuple[int, int],
    after: float,
    select: bool,
    findings: bool,
) -> None:
    application = Application(None, theme)
    window, control = application.window, application.control
    window.resize(*size)
    window.show()
    refused: list[str] = []
    control.refused.connect(lambda sentence, where: refused.append(sentence))
    control.went_wrong.connect(lambda title, sentence: refused.append(sentence))
    try:
        if isinstance(scenario, Path):
            window.open(scenario)
            while (control.reading or window.compare.run.running) and not refused:
                await asyncio.sleep(0.05)
            if refused:
                raise OptionError(refused[0])
            if select:
                _select_a_request(application)
            # As long as the window takes for its own: what is drawn piece by piece, the figures.
            await asyncio.sleep(0.2)
            while window.timeline.lanes.waiting:
                await asyncio.sleep(0.05)
        elif scenario is not None:
            control.choose(scenario)
            control.run()
            while control.state in ("empty", "starting") and not refused:
                await asyncio.sleep(0.05)
            if refused:
                raise OptionError(refused[0])
            await asyncio.sleep(after)
            if select:
                _select_a_request(application)
                await asyncio.sleep(0.2)
        else:
            await asyncio.sleep(0.2)
        if findings:
            window.findings.toggle()
            await asyncio.sleep(0.2)
        if not window.grab().save(str(output), "PNG"):
            raise OptionError(f"{output} cannot be written. Choose another file.")
    finally:
        session = control.session
        await application.close()
        if session is not None:
            session.discard()


def _select_a_request(application: Application) -> None:
    """Select the newest request that went through a job, or else the newest that is over, to have its way in the
    picture.
    """
    store = application.control.store
    end = store.last or 0
    for wanted in (Kind.JOB, Kind.PIECE):
        for number in sorted(store.tracks, reverse=True):
            for piece in reversed(store.slices(number, 0, end - 10**9, end - 2 * 10**8)):
                for at in np.flatnonzero((piece.kind == wanted) & (piece.request > 0))[::-1].tolist():
                    if critical_path(store, int(piece.request[at])) is not None:
                        _show(application, store.find(number, 0, int(piece.start[at])))
                        return


def _show(application: Application, span: Span | None) -> None:
    """Select a span, with as much of what came before and after its request in view as that took."""
    timeline = application.window.timeline
    timeline.set_following(False)
    timeline.select(span)
    extent = timeline.scene.selection.request_extent(application.control.store.now)
    if extent is not None:
        timeline.look(timeline.scene.view.showing(*extent, 0.4))
