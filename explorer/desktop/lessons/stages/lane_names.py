"""Beside lanes that are too low for a name each: what they are, once for all that are alike."""

from collections.abc import Callable, Set
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent

from explorer.desktop.lessons.low_rows import LowRows, lines, low_rows
from explorer.desktop.lessons.stages.fading import LEFT as FADED
from explorer.desktop.lessons.stages.fading import Over
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.headers import INDENT, LEAST_WORDS, SMALL_TITLE_PX, TITLE_PX, Headers
from explorer.desktop.timeline.layout import Layout
from explorer.desktop.timeline.scene import Scene
from explorer.desktop.widgets.paint import LEFT, draw_text, text_width

LINE: Final = 15


class LaneNames(Over):
    """Lies over the `headers` of `scene`, which leave such lanes without a word."""

    def __init__(self, theme: Theme, scene: Scene, headers: Headers, faded: Callable[[], Set[str]]) -> None:
        super().__init__(headers)
        self._theme, self._scene, self._faded = theme, scene, faded
        self._known: tuple[Layout, list[LowRows]] = (Layout(), [])

    @property
    def names(self) -> list[tuple[LowRows, int]]:
        """What is written, and at which height."""
        scene = self._scene
        if self._known[0] is not scene.layout:
            self._known = scene.layout, low_rows(scene.layout.placed, LEAST_WORDS)
        return lines(self._known[1], self._theme.px(LINE), scene.head, lambda y: y - scene.scroll)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The names."""
        names = self.names
        if not names:
            return
        painter, theme, faded = QPainter(self), self._theme, self._faded()
        left = theme.px(INDENT)
        room = self.width() - left - theme.px(8)
        for one, y in names:
            font = theme.font(TITLE_PX, 500)
            if text_width(font, one.words) > room or one.foot - one.top < LINE:
                font = theme.font(SMALL_TITLE_PX, 500)
            words = QFontMetricsF(font).elidedText(one.words, Qt.TextElideMode.ElideRight, room)
            painter.setOpacity(FADED if all(key in faded for key in one.keys) else 1.0)
            box = QRectF(left, y, room, theme.px(LINE))
            draw_text(painter, box, words, font, theme.color("text2"), LEFT)
        painter.end()
