"""The QR slide: the way in, how many came, and the requests of phones as they travel; on a grid of 1280 × 720."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.audience.qr import draw_qr, modules
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, RIGHT, draw_box, draw_dot, draw_text, text_width
from explorer.lessons.audience.audience import Audience
from explorer.lessons.audience.events import Stay
from explorer.lessons.audience.token import GROUP
from explorer.records.clock import now_ns
from explorer.records.states import State

GRID: Final = (1280.0, 720.0)
TITLE: Final = "Send one yourself"
EACH: Final = "each line is one phone in this room"
NOBODY_YET: Final = "Press the button: your line appears here."
SAFE: Final = "No name, no app, nothing is stored."
SERVED: Final = "Served by this laptop, in this network, until it is closed."
ANSWER: Final = "Answer the question on your phone."
QR: Final = QRectF(56, 108, 451, 451)
LINES: Final = 5
PAST_NS: Final = 6_000_000_000
"""How much of the past the lines show."""
FRAME_MS: Final = 66
_LANE: Final = 34.0
Line = tuple[int, Sequence[Stay]]
"""A phone's number, and what its requests were at."""


class AudienceSlide(QWidget):
    """The slide as a widget of any size; it moves while it is seen."""

    def __init__(self, theme: Theme, audience: Audience, page: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._audience = audience
        self._page = page
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 180)
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._refresh)
        theme.changed.connect(self.update)
        self._refresh()

    def sizeHint(self) -> QSize:
        """The grid itself."""
        return QSize(round(GRID[0]), round(GRID[1]))

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to move."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The slide in the middle, on its own ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), _ground(self._theme))
        scale = min(self.width() / GRID[0], self.height() / GRID[1])
        painter.translate((self.width() - GRID[0] * scale) / 2, (self.height() - GRID[1] * scale) / 2)
        painter.scale(scale, scale)
        paint_slide(painter, self._theme, self._audience, now_ns(), scale * self.devicePixelRatioF(), self._page)
        painter.end()

    def _refresh(self) -> None:
        where = way_in(self._audience) or "closed."
        self.setAccessibleName(f"{TITLE}. {where} {_phones(self._audience)}")
        self.update()


def paint_slide(
    painter: QPainter, theme: Theme, audience: Audience, now: int, scale: float = 1.0, page: str = ""
) -> None:
    """Paint it onto a painter whose units are the grid's, each `scale` device pixels; `now` in ns, `page` "2 / 9"."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, 0, *GRID), _ground(theme))
    ink = theme.color("text")
    draw_text(painter, QRectF(56, 22, 1168, 76), TITLE, _font(theme, 60, 700), ink)
    _way_in(painter, theme, audience, scale)
    _crowd(painter, theme, audience)
    lines = latest(audience, now)
    for at, (number, stays) in enumerate(lines):
        _line(painter, theme, 336 + at * 48.0, number, stays, now)
    asked = audience.ballot is not None and not audience.locked
    words = EACH if lines else ANSWER if asked else NOBODY_YET
    place = QRectF(604 if lines else 552, 336 + len(lines) * 48.0 - 14, 620, 32)
    draw_text(painter, place, words, _font(theme, 24, 500), theme.color("text2"))
    _safety(painter, theme)
    draw_dot(painter, QPointF(60, 694), 5, theme.color("good" if audience.opened is not None else "text3"))
    state = "listening" if audience.opened is not None else "closed"
    draw_text(painter, QRectF(74, 682, 300, 24), state, _font(theme, 15, 600), theme.color("text2"))
    draw_text(painter, QRectF(924, 682, 300, 24), page, _font(theme, 15, 600), theme.color("text3"), RIGHT)


def latest(audience: Audience, now: int) -> list[Line]:
    """The phones that sent last, the one with the lowest number on top, with what is to be seen of their requests."""
    since = now - PAST_NS
    found: dict[int, list[Stay]] = {}
    begun: dict[int, int] = {}
    for trip in audience.trips:
        if trip.end > since:
            stays = trip.stays or (Stay("unknown", trip.start, trip.end),)
            found.setdefault(trip.number, []).extend(stays)
            begun[trip.number] = trip.start
    for sent in list(audience.flying.values()):
        stays = audience.so_far(sent.request, now) or (Stay("queued", sent.start, now),)
        found.setdefault(sent.number, []).extend(stays)
        begun[sent.number] = sent.start
    chosen = sorted(found, key=lambda number: begun[number])[-LINES:]
    return [(number, found[number]) for number in sorted(chosen)]


def _way_in(painter: QPainter, theme: Theme, audience: Audience, scale: float) -> None:
    opened = audience.opened
    if opened is None:
        draw_box(painter, QR, 14, None, theme.color("line2"), 2)
        draw_text(painter, QR, "Nobody can come in now.", _font(theme, 24, 600), theme.color("text2"), CENTER)
        return
    draw_qr(painter, _code(opened.url), QR, scale, 14)
    place = opened.origin.removeprefix("http://")
    draw_text(painter, QRectF(56, 566, 480, 40), place, _font(theme, 30, 700, mono=True), theme.color("text"))
    draw_text(painter, QRectF(56, 608, 60, 30), "code", _font(theme, 21), theme.color("text2"))
    half = len(opened.token) // GROUP // 2 * GROUP + GROUP
    code = _font(theme, 24, 600, mono=True)
    for row, part in enumerate((opened.token[:half], opened.token[half:])):
        draw_text(painter, QRectF(112, 608 + row * 32, 420, 30), _groups(part), code, theme.color("text"))


def _crowd(painter: QPainter, theme: Theme, audience: Audience) -> None:
    here = audience.phones.here
    font = _font(theme, 150, 700)
    draw_text(painter, QRectF(548, 126, 400, 170), str(here), font, theme.color("text"))
    left = 548 + text_width(font, str(here)) + 20
    words = "phone here" if here == 1 else "phones here"
    draw_text(painter, QRectF(left, 214, 400, 44), words, _font(theme, 32, 600), theme.color("text2"))


def _line(painter: QPainter, theme: Theme, middle: float, number: int, stays: Sequence[Stay], now: int) -> None:
    badge = QRectF(552, middle - 18, 36 if number < 100 else 46, 36)
    draw_box(painter, badge, 18, theme.color("ink"))
    dark = theme.color("bg") if theme.dark else theme.color("panel")
    draw_text(painter, badge, str(number), _font(theme, 20, 700), dark, CENTER)
    left, width = 604.0, 620.0
    painter.setPen(QPen(theme.color("line2"), 2))
    painter.drawLine(QPointF(left, middle), QPointF(left + width, middle))
    since = now - PAST_NS
    for stay in stays:
        begin, end = (left + (max(time, since) - since) / PAST_NS * width for time in (stay.start, stay.end))
        if end > left:
            _bar(painter, theme, middle, begin, max(1.5, end - begin), stay.state)


def _bar(painter: QPainter, theme: Theme, middle: float, left: float, width: float, state: str) -> None:
    look = theme.state(State[state.upper()])
    height = max(4.0, _LANE * look.height)
    box = QRectF(left, middle - height / 2, width, height)
    draw_box(painter, box, min(4.0, width / 2), look.fill, look.edge if width >= 4 else None)
    if look.texture is not None:
        painter.fillRect(box, look.texture)


def _safety(painter: QPainter, theme: Theme) -> None:
    box = QRectF(552, 600, 672, 64)
    draw_box(painter, box, 12, theme.color("panel" if theme.dark else "raised"), theme.color("line"))
    icon = theme.icon("shield-check", 56, "good")
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(QRectF(574, 618, 28, 28), icon, QRectF(icon.rect()))
    draw_text(painter, QRectF(616, 602, 600, 32), SAFE, _font(theme, 24, 600), theme.color("text"))
    draw_text(painter, QRectF(616, 632, 600, 28), SERVED, _font(theme, 20, 500), theme.color("text2"))


def _font(theme: Theme, px: int, weight: int = 400, *, mono: bool = False) -> QFont:
    """A font of the grid: the scale of the window is not for it."""
    font = QFont(theme.font(13, weight, mono))
    font.setPixelSize(px)
    return font


def _ground(theme: Theme) -> QColor:
    """Pure white for a projector in a bright room."""
    return theme.color("bg") if theme.dark else QColor(Qt.GlobalColor.white)


def way_in(audience: Audience) -> str:
    """The page's address and code, as they are read aloud; empty while nobody can come in."""
    opened = audience.opened
    return f"{opened.origin}, code {_groups(opened.token)}." if opened is not None else ""


def _groups(token: str) -> str:
    return "-".join(token[at : at + GROUP] for at in range(0, len(token), GROUP))


def _phones(audience: Audience) -> str:
    here = audience.phones.here
    return f"{here} {'phone' if here == 1 else 'phones'} here"


@lru_cache(maxsize=2)
def _code(url: str) -> Sequence[Sequence[bool]]:
    return modules(url)
