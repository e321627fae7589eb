"""The axis above the lanes: the moment at the left edge, ticks counted from it, flags of markers, and now."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from explorer.collect.source import Marker
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.scene import Scene
from explorer.desktop.timeline.ticks import CLOSEST_PX, Flag, free_ticks, place_flags, ticks_for
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_box, draw_text, text_width
from explorer.desktop.widgets.tip import tip_of
from explorer.desktop.words import moment

HEIGHT = 30
FLAG_PAD = 24
ICON_FLAG = 20
NOW = "now"


class Axis(QWidget):
    """Paints the scene's axis; `header` is the width of the lane headers at its left."""

    def __init__(self, theme: Theme, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scene = scene
        self.header = 196
        self._flags: list[tuple[Flag, Marker]] = []
        self._moved: tuple[Marker, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Time axis")
        theme.changed.connect(self.update)

    def event(self, event: QEvent) -> bool:
        """Tooltips of flags: the whole of what happened, and when."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            marker = self.flag_at(event.pos().x())
            if marker is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.words_of(marker), self)
            return True
        return super().event(event)

    def flag_at(self, x: float) -> Marker | None:
        """The marker whose flag is at a pixel of this widget."""
        left = x - self.header
        return next((one for flag, one in self._flags if flag.left <= left <= flag.left + flag.width), None)

    def words_of(self, marker: Marker) -> str:
        """What a tooltip says of a marker, as HTML in which whatever was written is text."""
        at = moment(marker.time - self._scene.origin, 3)
        note = marker.kind == "note"
        lines = [f"{at}: {marker.detail or marker.text}"] if note else [f"{at}: {marker.text}", marker.detail]
        return tip_of(lines)

    def show_moved(self, marker: Marker | None, time: int) -> None:
        """Show a marker at another time (ns) while it is dragged; None: no more."""
        self._moved = None if marker is None else (marker, time)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Flags first, ticks where there is room left."""
        theme, scene, painter = self._theme, self._scene, QPainter(self)
        height, width = self.height(), self.width() - self.header
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.fillRect(QRectF(0, height - 1, self.width(), 1), theme.color("line"))
        painter.fillRect(QRectF(self.header - 1, 0, 1, height), theme.color("line"))
        if scene.store is None or width <= 0:
            painter.end()
            return
        ticks = ticks_for(scene.view, scene.origin, CLOSEST_PX * scene.scale)
        anchor = QRectF(12, 0, self.header - 20, height - 2)
        draw_text(painter, anchor, ticks.anchor, theme.font(11, 500), theme.color("text3"), int(LEFT))
        painter.setClipRect(QRectF(self.header, 0, width, height))
        painter.translate(self.header, 0)
        taken = self._paint_now(painter, width)
        taken += self._paint_flags(painter, width, taken[0][0] if taken else width)
        font = theme.font(11, 500)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        places = []
        for tick in ticks.ticks:
            x = round(scene.view.x(tick.time))
            places.append((x - 2.0, x + 4 + text_width(font, tick.text) + 6))
        for at in free_ticks(places, taken, width - 2):
            left = places[at][0] + 2
            painter.fillRect(QRectF(left, height - 7, 1, 6), theme.color("line2"))
            painter.setFont(font)
            painter.setPen(theme.color("text2"))
            painter.drawText(QPointF(left + 4, height - 11), ticks.ticks[at].text)
        painter.end()

    def _paint_now(self, painter: QPainter, width: int) -> list[tuple[float, float]]:
        """The chip at the present, if that is in view; the stretch it takes."""
        theme, scene = self._theme, self._scene
        x = scene.view.x(scene.follow.now)
        if not scene.follow.live or not 0 <= x <= width:
            return []
        font = theme.font(11, 600)
        words = moment(scene.follow.now - scene.origin, decimals(scene.view.ns_per_px)) if scene.follow.replays else NOW
        wide = text_width(font, words) + 14
        left = min(max(x - wide, 0.0), width - wide)
        top, bottom = theme.px(5), theme.px(23)
        box = QRectF(left, top, wide, bottom - top)
        painter.fillRect(QRectF(round(x) - 1, bottom - 1, 2, self.height() - bottom + 1), theme.color("accent"))
        draw_box(painter, box, 4, theme.color("fill"))
        draw_text(painter, box, words, font, theme.color("on_fill"), int(CENTER))
        return [(left - 4, left + wide + 4 if scene.follow.replays else width)]

    def _paint_flags(self, painter: QPainter, width: int, right: float) -> list[tuple[float, float]]:
        theme, view, px = self._theme, self._scene.view, self._theme.px
        markers = list(self._scene.markers())
        if self._moved is not None:
            marker, time = self._moved
            markers = [replace(one, time=time) if one == marker else one for one in markers]
            markers.sort(key=lambda one: one.time)
        font = theme.font(11, 600)
        xs = [view.x(marker.time) for marker in markers]
        texts = [marker.text for marker in markers]
        flags = place_flags(xs, texts, lambda text: text_width(font, text) + px(FLAG_PAD) + 4, px(ICON_FLAG), right)
        self._flags = [(flag, markers[flag.index]) for flag in flags]
        for x, marker in zip(xs, markers, strict=True):
            token = "danger" if marker.kind == "death" else "accent"
            painter.fillRect(QRectF(round(x), 4, 1.6, self.height() - 4), theme.color(token))
        for flag, marker in self._flags:
            danger = marker.kind == "death"
            ink = "danger" if danger else "accent"
            box = QRectF(flag.left, 4, flag.width, px(20))
            draw_box(painter, box, 4, theme.color("danger_bg" if danger else "accent_bg"))
            painter.drawPixmap(QPointF(flag.left + px(4), 4 + px(4)), theme.icon(flag_icon(marker), 12, ink))
            if flag.words:
                words = QRectF(flag.left + px(21), 4, flag.width - px(21) - 1, px(20))
                draw_text(painter, words, marker.text, font, theme.color(ink), int(LEFT))
        return [(flag.left - 4, flag.left + flag.width + 4) for flag in flags]


def decimals(ns_per_px: float) -> int:
    """Digits of a second, in threes, that tell a moment from the next in a view."""
    return 3 if ns_per_px >= 200_000 else 6 if ns_per_px >= 200 else 9


def flag_icon(marker: Marker) -> str:
    """The icon of a marker's flag."""
    icons = {"restart": "rotate-cw", "death": "circle-x", "note": "bookmark", "change": "zap"}
    return icons.get(marker.kind, "flag")
