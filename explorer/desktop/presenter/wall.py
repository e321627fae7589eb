"""The wall: a window without anything but the slide. It paints, hands on keys and draws with the pointer."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
)
from PySide6.QtWidgets import QWidget

from explorer.desktop.presenter.grid import LABEL, WHOLE, font, ground, placed
from explorer.desktop.presenter.keys import act_of
from explorer.desktop.presenter.lecture import Lecture
from explorer.desktop.presenter.places import Places
from explorer.desktop.presenter.slide_painter import HALO, SPOT, SlidePainter
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import CENTER, WRAP, draw_box, draw_dot, draw_text

FADE_MS: Final = 50
EDGE: Final = 4
ROOM_TITLE: Final = "Audience"
ROOM_CLOSED: Final = "The room is not let in."
ROOM_HOW: Final = "Whoever speaks can let it in."


class Wall(QWidget):
    """Shows `lecture`. `acted(act)`: a key of `keys`; `closed`: somebody closed the window itself. With `told` messages
    go somewhere else; without, an amber edge says that there is one.
    """

    acted = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, lecture: Lecture, places: Places) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._theme, self._lecture, self._places = theme, lecture, places
        self._painter = SlidePainter(theme)
        self.tool = ""
        """ "pen", "pointer" or nothing: then a click goes on."""
        self.told = False
        self.reading = False
        """The messages are shown on the wall, because somebody asked for it and there is no other screen."""
        self._at: QPointF | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fading = QTimer(self)
        self._fading.setInterval(FADE_MS)
        self._fading.timeout.connect(self._fade)
        lecture.changed.connect(self.refresh)
        theme.changed.connect(self.update)
        self.choose_tool("")
        self.refresh()

    def refresh(self) -> None:
        """Show what is new, and say it in words: as the window's title, which others can read too."""
        words = self._lecture.view().words
        if self._lecture.cover:
            words = {"black": "Blank.", "white": "White.", "room": self._room_words()}[self._lecture.cover]
        self.setWindowTitle(words)
        self.setAccessibleName(words)
        self.update()

    def _room_words(self) -> str:
        return " ".join(part for part in (f"{ROOM_TITLE}.", self._places.way_in(), self._places.phones()) if part)

    def choose_tool(self, tool: str) -> None:
        """Take the pen or the pointer, or with the same once more put it away."""
        self.tool = "" if tool == self.tool else tool
        cursor = {"pen": Qt.CursorShape.CrossCursor, "pointer": Qt.CursorShape.BlankCursor}
        self.setCursor(cursor.get(self.tool, Qt.CursorShape.BlankCursor))
        self.update()

    def toggle_messages(self) -> None:
        """Read the messages here, or no longer."""
        self.reading = not self.reading and bool(self._lecture.notices.all) and not self.told
        self.update()

    # -- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The slide as large as fits, on its own ground."""
        painter, lecture = QPainter(self), self._lecture
        plain = {"black": QColor(Qt.GlobalColor.black), "white": QColor(Qt.GlobalColor.white)}.get(lecture.cover)
        painter.fillRect(self.rect(), plain or ground(self._theme))
        if plain is None:
            lies = placed(self.size())
            painter.save()
            lies.apply(painter)
            if lecture.cover == "room":
                self._room(painter, lies.scale * self.devicePixelRatioF())
            else:
                self._painter.paint(painter, lecture.view(), lecture.drawn())
            self._pointer(painter)
            painter.restore()
        self._edge(painter)
        painter.end()

    def _room(self, painter: QPainter, scale: float) -> None:
        if self._places.paint_room is not None:
            self._places.paint_room(painter, scale, self._lecture.deck.words)
            return
        theme = self._theme
        bold = font(theme, 60, 700)
        draw_text(painter, QRectF(56, 250, WHOLE.width() - 112, 90), ROOM_CLOSED, bold, theme.color("text"), CENTER)
        small = font(theme, 28, 500)
        draw_text(painter, QRectF(56, 350, WHOLE.width() - 112, 60), ROOM_HOW, small, theme.color("text2"), CENTER)

    def _pointer(self, painter: QPainter) -> None:
        if self.tool == "pointer" and self._at is not None:
            at = QPointF(*placed(self.size()).point(self._at))
            draw_dot(painter, at, SPOT + HALO / 2, ground(self._theme))
            draw_dot(painter, at, SPOT, self._theme.color("pen"))

    def _edge(self, painter: QPainter) -> None:
        """With one screen the speaker has no other place for messages: an edge says that there are some."""
        notices = self._lecture.notices.all
        if self.told or not notices:
            self.reading = False
            return
        color = self._theme.color("warn")
        painter.save()
        inner = self.rect().adjusted(EDGE, EDGE, -EDGE, -EDGE)
        painter.setClipRegion(QRegion(self.rect()) - QRegion(inner))
        painter.fillRect(self.rect(), color)
        painter.restore()
        if self.reading:
            self._messages(painter)

    def _messages(self, painter: QPainter) -> None:
        """At the foot, as asked for by Ctrl+I."""
        theme = self._theme
        placed(self.size()).apply(painter)
        words = "\n".join(
            f"{one.title}. {one.sentence}" + (f" Enter: {one.offer}." if one.offer else "")
            for one in self._lecture.notices.all
        )
        box = QRectF(40, 520, WHOLE.width() - 80, 176)
        draw_box(painter, box, 12, theme.color("raised"), theme.color("warn"), 2)
        made = font(theme, LABEL - 4, 500)
        draw_text(painter, box.adjusted(24, 16, -24, -12), words, made, theme.color("text"), WRAP)

    def _fade(self) -> None:
        if not self._lecture.marks.tidy():
            self._fading.stop()
        self._lecture.changed.emit()

    # -- hands -----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """One of the lecture's keys; all others do nothing."""
        act = act_of(event.key(), event.modifiers())
        if act:
            self.acted.emit(act)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Draw, point, or go on."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self.tool:
            kept = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._lecture.marks.begin(placed(self.size()).point(event.position()), kept=kept)
            self._lecture.changed.emit()
        else:
            self.acted.emit("forward")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The pen draws while it is down; the spot follows the pointer."""
        self._at = event.position()
        if self.tool == "pen" and event.buttons() & Qt.MouseButton.LeftButton:
            self._lecture.marks.draw(placed(self.size()).point(event.position()))
            self._lecture.changed.emit()
        elif self.tool == "pointer":
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """From now on the mark has its eight seconds."""
        if event.button() is Qt.MouseButton.LeftButton and self.tool:
            self._lecture.marks.end()
            self._fading.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closed by the system: the lecture is left as by Esc."""
        super().closeEvent(event)
        self.closed.emit()
