"""The parts of the speaker view: slides in small, figures beside the law, messages, the line of keys."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.presenter.grid import HEIGHT, WHOLE, WIDTH, font, placed
from explorer.desktop.presenter.keys import KEYS
from explorer.desktop.presenter.notices import Notice
from explorer.desktop.presenter.slide_painter import SlidePainter
from explorer.desktop.presenter.slide_view import Drawn, SlideView
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import CENTER, LEFT, RIGHT, chip_width, draw_box, draw_chip, draw_text, text_width

FIGURE_ROW: Final = 44
KEY_GAP: Final = 18


class Miniature(QWidget):
    """A slide in small. `view()` gives it, None: there is none; `drawn()` the marks; `cover()` what covers it."""

    def __init__(
        self,
        theme: Theme,
        view: Callable[[], SlideView | None],
        drawn: Callable[[], Sequence[Drawn]] = tuple,
        cover: Callable[[], str] = str,
        nothing: str = "",
    ) -> None:
        super().__init__()
        self._theme, self._view, self._drawn, self._cover, self._nothing = theme, view, drawn, cover, nothing
        self._painter = SlidePainter(theme)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def heightForWidth(self, width: int) -> int:
        """16:9."""
        return round(width * HEIGHT / WIDTH)

    def sizeHint(self) -> QSize:
        """Some width, in 16:9."""
        return QSize(self._theme.px(256), self.heightForWidth(self._theme.px(256)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The slide within a rounded frame."""
        painter, theme, view = QPainter(self), self._theme, self._view()
        lies = placed(self.size())
        frame = QRectF(lies.left, lies.top, WIDTH * lies.scale, HEIGHT * lies.scale)
        clip = QPainterPath()
        clip.addRoundedRect(frame, 8, 8)
        painter.setClipPath(clip)
        if view is None:
            painter.fillRect(frame, theme.color("panel"))
            draw_text(painter, frame, self._nothing, theme.font(13, 500), theme.color("text2"), CENTER)
        else:
            painter.save()
            lies.apply(painter)
            self._painter.paint(painter, view, self._drawn())
            if cover := self._cover():
                self._covered(painter, cover)
            painter.restore()
        painter.setClipping(False)
        draw_box(painter, frame, 8, None, theme.color("line2"))
        painter.end()

    def _covered(self, painter: QPainter, cover: str) -> None:
        """The slide stays to be seen for the speaker, under what the room sees."""
        theme = self._theme
        words = {"black": "The wall is blank (B)", "white": "The wall is white (W)"}.get(cover, "QR slide (Q)")
        veil = theme.color("bg", 200)
        painter.fillRect(WHOLE, veil)
        draw_text(painter, WHOLE, words, font(theme, 54, 600), theme.color("text"), CENTER)


class Figures(QWidget):
    """Rows of a name, a figure, and what it is compared with."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: tuple[tuple[str, str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_rows(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Show these."""
        if tuple(rows) != self.rows:
            self.rows = tuple(rows)
            self.setMinimumHeight(self.sizeHint().height())
            self.setAccessibleName("; ".join(" ".join(part for part in row if part) for row in self.rows))
            self.update()

    def sizeHint(self) -> QSize:
        """A plate for each."""
        return QSize(self._theme.px(240), self._theme.px(FIGURE_ROW) * max(1, len(self.rows)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Plates below one another, as many as have room."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        high, y = px(FIGURE_ROW - 7), 0
        for name, value, beside in self.rows:
            if y + high > self.height():
                break
            box = QRectF(0, y, self.width(), high)
            draw_box(painter, box, 7, theme.color("panel"))
            inner = box.adjusted(px(14), 0, -px(14), 0)
            self._row(painter, inner, name, value, beside)
            y += px(FIGURE_ROW)
        painter.end()

    def _row(self, painter: QPainter, inner: QRectF, name: str, value: str, beside: str) -> None:
        """Name, figure, and what it is compared with, which stays away where there is no room for it."""
        theme, px = self._theme, self._theme.px
        plain, small, strong = theme.font(13, 500), theme.font(12, 500), theme.font(17, 700)
        wide = max(px(96), text_width(small, beside) + px(18))
        if text_width(plain, name) + text_width(strong, value) + wide + px(12) > inner.width():
            wide, beside = 0, ""
        draw_text(painter, inner, beside, small, theme.color("text3"), RIGHT)
        draw_text(painter, inner.adjusted(0, 0, -wide, 0), value, strong, theme.color("text"), RIGHT)
        room = inner.width() - wide - text_width(strong, value) - px(8)
        shown = QFontMetricsF(plain).elidedText(name, Qt.TextElideMode.ElideRight, max(0.0, room))
        draw_text(painter, inner, shown, plain, theme.color("text2"), LEFT)


class Message(QWidget):
    """One notice, on a plate with an amber edge; `cured`: its button was pressed."""

    cured = Signal()

    def __init__(self, theme: Theme, notice: Notice) -> None:
        super().__init__()
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 12)
        column.setSpacing(4)
        column.addWidget(Label(theme, notice.title, 15, 700))
        column.addWidget(Label(theme, notice.sentence, 13, 400, "text2", wrap=True))
        if notice.offer:
            button = Button(theme, notice.offer, kind=ButtonKind.PRIMARY, shortcut="Enter", height=28)
            button.clicked.connect(self.cured)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The plate."""
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 10, self._theme.color("panel"), self._theme.color("warn"), 1.8)
        painter.end()


class KeysLine(QWidget):
    """The lecture's keys in one line, as many as have room."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(self._theme.px(600), self._theme.px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Chips and words."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        x, middle, made = 0.0, self.height() / 2, theme.font(12, 500)
        for one in KEYS:
            if not one.shown:
                continue
            words = text_width(made, one.words)
            chips = sum(chip_width(theme, key) + px(4) for key in one.shown)
            if x + chips + words + px(8) > self.width():
                break
            for key in one.shown:
                draw_chip(painter, theme, x, middle, key, theme.color("text2"), theme.color("line2"))
                x += chip_width(theme, key) + px(4)
            box = QRectF(x + px(3), 0, words + 4, self.height())
            draw_text(painter, box, one.words, made, theme.color("text2"), LEFT)
            x += words + px(KEY_GAP)
        painter.end()
