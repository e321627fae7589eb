"""The lanes as a picture in a file: what a window shows, or a recording without a window."""

import sys
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QSize, Qt, qInstallMessageHandler
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from explorer.analysis.event_log import EventLog
from explorer.desktop.offscreen import say
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.legend import Legend
from explorer.desktop.timeline.lock_queues import LockQueues
from explorer.desktop.timeline.rows import RowKind
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.label import Label
from explorer.export.job import NS
from explorer.export.recorded import Recorded
from explorer.export.survey import origin_of
from explorer.option_error import OptionError
from explorer.paths import resources
from explorer.progress import Progress, quietly
from explorer.recording.notes import Notes
from explorer.store.store import Store

TITLE: Final = "Concurrency Explorer"
SHARPNESS: Final = 2
"""Pixels of a picture for each one of the window: it is looked at closer than a window."""
CSS_DPI: Final = 96
"""With it a picture is as large in a browser as it was in the window."""
HIGHEST: Final = 6_000
"""Pixels of the window in height at most: a picture of more could not be written, or not be looked at."""
FOOT_HEIGHT: Final = 26
MOST_TURNS: Final = 10_000
"""Frames that a picture of any run is done in."""
_RENDER: Final = QWidget.RenderFlag.DrawWindowBackground | QWidget.RenderFlag.DrawChildren


def left_out(timeline: TimelineView) -> int:
    """How many lanes of a view are not wholly in sight, and so not in its picture."""
    scene = timeline.scene
    out = (placed for placed in scene.layout.placed if not scene.in_sight(placed))
    return sum(placed.row.kind not in (RowKind.GROUP, RowKind.FOLD) for placed in out)


def words_for_left_out(number: int, why: str) -> str:
    """What a picture says of lanes that are not in it: "3 more lanes are not in this picture, which …"; "" for none."""
    if not number:
        return ""
    return f"{number:,} more lane{' is' if number == 1 else 's are'} not in this picture, {why}."


def foot(theme: Theme, words: str, width: int) -> QWidget:
    """A line for the foot of a picture, `width` px wide."""
    line = Label(theme, words, 12, 500, "text2")
    line.setAutoFillBackground(True)
    line.setContentsMargins(theme.px(14), 0, theme.px(14), 0)
    line.setFixedSize(width, theme.px(FOOT_HEIGHT))
    return line


def draw(parts: Sequence[QWidget], kind: str) -> bytes:
    """What the widgets `parts` show, one below the other, as the bytes of a file of `kind` "png" or "svg"."""
    size = QSize(max(part.width() for part in parts), sum(part.height() for part in parts))
    return _svg(parts, size) if kind == "svg" else _png(parts, size)


def draw_all(theme: Theme, timeline: TimelineView, parts: Sequence[QWidget], kinds: Sequence[str]) -> dict[str, bytes]:
    """The widgets `parts` in each of the `kinds` (`explorer.export.format.Format`); the theme is then as it was."""
    shown, found = theme.name, {}
    try:
        for kind in kinds:
            name, _, form = kind.rpartition(".")
            theme.use(name or shown)
            _finish(timeline)
            found[kind] = draw(parts, form)
    finally:
        theme.use(shown)
    return found


def _finish(timeline: TimelineView) -> None:
    """Let what is seen from afar be painted to its end in the colours of now."""
    for _ in range(MOST_TURNS):
        timeline.lanes.grab()
        if not timeline.lanes.waiting:
            return


def _png(parts: Sequence[QWidget], size: QSize) -> bytes:
    image = QImage(size * SHARPNESS, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SHARPNESS)
    image.fill(parts[0].palette().window().color())
    painter = QPainter(image)
    _render(parts, painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not QImageWriter(buffer, QByteArray(b"PNG")).write(image):
        raise OptionError("The picture is too large to be written. Make the window smaller.")
    return bytes(buffer.data().data())


def _svg(parts: Sequence[QWidget], size: QSize) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setResolution(CSS_DPI)
    generator.setViewBox(QRect(QPoint(0, 0), size))
    generator.setTitle(TITLE)
    painter = QPainter(generator)
    painter.fillRect(QRect(QPoint(0, 0), size), parts[0].palette().window())
    _render(parts, painter)
    painter.end()
    return bytes(buffer.data().data())


def _render(parts: Sequence[QWidget], painter: QPainter) -> None:
    top = 0
    for part in parts:
        for widget in (part, *part.findChildren(QWidget)):
            widget.update()  # what it keeps for the screen is coarser, and no drawing
        # The second argument is in the painter's own coordinates.
        part.render(painter, QPoint(0, top), part.rect(), _RENDER)
        top += part.height()


def pictures_of(
    recorded: Recorded,
    kinds: Sequence[str],
    *,
    theme: str = "dark",
    size: tuple[int, int] = (1600, 900),
    since: float | None = None,
    until: float | None = None,
    progress: Progress = quietly,
    remark: Callable[[str], None] = lambda words: None,
) -> dict[str, bytes]:
    """Pictures of a recording, without a window: `size` pixels, its lanes from `since` to `until` seconds of it.

    `theme` is that of the kinds that name none (`draw_all`). What is not in a picture is told to `remark`, and
    stands in its foot. Where QT_QPA_PLATFORM says so nothing is shown. Raises
    `OptionError` if there is nothing to be drawn.
    """
    existing = QApplication.instance()
    if existing is None:
        qInstallMessageHandler(say)
    qt = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    look = Theme(resources(), theme)
    look.apply(qt)
    store, events, notes, locks = Store(), EventLog(), Notes(), LockQueues()
    for batch in recorded.batches(lambda share: progress(round(900 * share), 1000)):
        store.append(batch)
        events.feed(batch)
        locks.feed(batch)
        notes.feed(batch.events)
    if store.first is None or store.last is None:
        raise OptionError(f"{recorded.name} holds no spans, so that there is nothing to be drawn.")
    return pictures_of_store(
        look, store, kinds, events=events, locks=locks, notes=notes, size=size, since=since, until=until, remark=remark
    )


def pictures_of_store(
    look: Theme,
    store: Store,
    kinds: Sequence[str],
    *,
    events: EventLog | None = None,
    locks: LockQueues | None = None,
    notes: Notes | None = None,
    size: tuple[int, int] = (1600, 900),
    since: float | None = None,
    until: float | None = None,
    remark: Callable[[str], None] = lambda words: None,
    on_screen: bool = True,
) -> dict[str, bytes]:
    """Pictures of a run that has been read and holds spans, as `pictures_of`. With `on_screen` False nothing is shown
    on any platform, and no event of the application is handled meanwhile.
    """
    end = store.last or store.now
    page = QWidget()
    page.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, not on_screen)
    page.setPalette(look.palette())  # the application may wear another theme
    look.changed.connect(lambda: page.setPalette(look.palette()))
    timeline = TimelineView(look)
    legend = Legend(look, timeline, hints=False)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(timeline, 1)
    column.addWidget(legend)
    page.resize(*size)
    page.show()
    try:
        timeline.set_store(store, live=False, events=events, locks=locks)
        if notes is not None:
            timeline.show_notes(notes)
        if since is not None or until is not None:
            origin = origin_of(store.markers, store.first or 0)
            last = end if until is None else origin + round(until * NS)
            timeline.show_time(origin + round((since or 0) * NS), last)
        _settle(timeline, end, on_screen)
        # All lanes, and no more than them.
        height = page.height() + timeline.scene.layout.height - timeline.lanes.height()
        page.resize(page.width(), min(height, HIGHEST))
        _settle(timeline, end, on_screen)
        words = words_for_left_out(left_out(timeline), f"which ends after {HIGHEST:,} pixels")
        if not words:
            return draw_all(look, timeline, (timeline, legend), kinds)
        remark(f"{words} Choose less of the time with --from and --to: only what happens in it has a lane.")
        return draw_all(look, timeline, (timeline, foot(look, words, page.width()), legend), kinds)
    finally:
        page.close()
        page.deleteLater()
        if on_screen:
            QApplication.processEvents()


def _settle(timeline: TimelineView, now: int, on_screen: bool) -> None:
    """Let the lanes be painted until they want nothing more: far away they come piece by piece."""
    for _ in range(MOST_TURNS):
        timeline.frame(now)
        if on_screen:
            QApplication.processEvents()
        timeline.lanes.grab()
        if not timeline.lanes.waiting:
            return
