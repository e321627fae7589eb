"""The speaker's own view: the wall in small, what comes next, the clock, figures beside the law, notes, messages."""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QRectF, Qt, QTime, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.desktop.presenter import numbers
from explorer.desktop.presenter.deck import Build
from explorer.desktop.presenter.keys import act_of
from explorer.desktop.presenter.lecture import Lecture
from explorer.desktop.presenter.places import Places
from explorer.desktop.presenter.speaker_parts import Figures, KeysLine, Message, Miniature
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.paint import draw_box
from explorer.desktop.widgets.scroll import ScrollArea

NOTES_PX: Final = 21
DIFFERENT_PX: Final = 16
MOST_LARGER: Final = 1.4
TICK_MS: Final = 500
END: Final = "The lecture ends here."


class Speaker(QWidget):
    """Shows `lecture` for its speaker. `acted(act)` as the wall's; `closed`: somebody closed the window itself."""

    acted = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, lecture: Lecture, places: Places, *, window: bool) -> None:
        """`window`: it stands on the wall's own screen, so it stays above it."""
        kind = Qt.WindowType.Window
        super().__init__(None, kind | Qt.WindowType.WindowStaysOnTopHint if window else kind)
        self._theme, self._lecture = theme, lecture
        self.setWindowTitle("Speaker view")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.wall = Miniature(theme, lecture.view, lecture.drawn, lambda: lecture.cover)
        self.next = Miniature(theme, lecture.next_view, nothing=END)
        self.figures = Figures(theme)
        self.elapsed = Label(theme, "", 44, 700)
        self._of = Label(theme, "", 15, 500, "text2")
        self._clock = Label(theme, "", 15, 600, "text2")
        self._places = places
        self.phones = Label(theme, "", 13, 600)
        self._phone = IconLabel(theme, "smartphone", 16, "good")
        self._page = Label(theme, "", 12, 600, "text2")
        self.notes = _words(theme, NOTES_PX, "text")
        self._head = Label(theme, "If it looks different", 12, 600, "text2")
        self.different = _words(theme, DIFFERENT_PX, "text2")
        self.votes = places.votes(self) if places.votes is not None else None
        self.messages: list[Message] = []
        self._bar = Elapsed(theme, lecture)
        self._lay_out()
        lecture.changed.connect(self.refresh)
        lecture.moved.connect(self._show_notes)
        lecture.notices.changed.connect(self._show_messages)
        self._ticks = QTimer(self)
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self._tick)
        self._ticks.start()
        theme.changed.connect(self._restyle)
        self._restyle()
        self._show_notes()
        self._show_messages()
        self._tick()
        self.refresh()

    # -- composition -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme, px = self._theme, self._theme.px
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(px(6))
        left.addLayout(_row(Label(theme, "On the wall now", 12, 600, "text2"), None, self._page))
        left.addWidget(self.wall)
        left.addSpacing(px(8))
        under = QHBoxLayout()
        under.setSpacing(px(20))
        under.addLayout(_column(Label(theme, "Next", 12, 600, "text2"), self.next, stretch=True), 2)
        under.addLayout(_column(Label(theme, "Live", 12, 600, "text2"), self.figures), 3)
        left.addLayout(under)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(px(10))
        right.addLayout(_row(self.elapsed, self._of, None, self._phone, self.phones, self._clock))
        right.addWidget(self._bar)
        self._told = QVBoxLayout()
        self._told.setSpacing(px(8))
        right.addLayout(self._told)
        right.addWidget(self._paper(), 1)
        body = QHBoxLayout()
        body.setSpacing(px(28))
        body.addWidget(self._left)
        body.addLayout(right, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(px(20), px(12), px(20), px(12))
        whole.setSpacing(px(12))
        whole.addLayout(body, 1)
        whole.addWidget(KeysLine(theme))

    def _paper(self) -> QWidget:
        """The notes, which scroll; below them, always in sight, what the room votes."""
        px = self._theme.px
        inner = QWidget()
        text = QVBoxLayout(inner)
        text.setContentsMargins(0, 0, px(8), 0)
        text.setSpacing(px(10))
        text.addWidget(self.notes)
        text.addSpacing(px(14))
        text.addWidget(self._head)
        text.addWidget(self.different)
        text.addStretch(1)
        paper = Paper(self._theme)
        column = QVBoxLayout(paper)
        column.setContentsMargins(px(26), px(18), px(18), px(18))
        column.addWidget(ScrollArea(inner, see_through=True), 1)
        if self.votes is not None:
            column.addWidget(self.votes)
        return paper

    # -- what is shown ---------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """The wall, what comes next, the figures."""
        self._page.setText(self._lecture.deck.words.replace("/", "of"))
        self.figures.show_rows(self._rows())
        phones = self._places.phones()
        self.phones.setText(phones)
        for widget in (self.phones, self._phone):
            widget.setVisible(bool(phones))
        self.wall.update()
        self.next.update()

    def _rows(self) -> list[tuple[str, str, str]]:
        """What is measured beside what the law says, and whether the records are whole."""
        lecture, sheet = self._lecture, self._lecture.deck.sheet
        names = lecture.names(sheet.lesson)
        rows = []
        value, law = numbers.measured(sheet.slide, names), numbers.law(sheet.lesson, sheet.slide, names)
        if value is not None:
            beside = f"law {numbers.figure(law[1])}" if law is not None else ""
            rows.append(("on the wall", numbers.with_unit(value, sheet.slide.unit), beside))
        figures = names.get(sheet.slide.run)
        return rows + (_of_server(figures) if isinstance(figures, Mapping) else [])

    def _show_notes(self) -> None:
        sheet = self._lecture.deck.sheet
        slide, question = sheet.slide, sheet.lesson.question
        asked = f"> {question.text.strip()}\n\n" if self._lecture.deck.build is Build.ASK else ""
        choices = "".join(f"- {choice.text}\n" for choice in question.choices) if asked else ""
        notes = slide.notes.strip() or "*No notes for this slide.*"
        self.notes.setText(f"{asked}{choices}\n{notes}" if asked else notes)
        self._head.setVisible(bool(slide.different))
        self.different.setVisible(bool(slide.different))
        self.different.setText(slide.different.strip())

    def _show_messages(self) -> None:
        for message in self.messages:
            self._told.removeWidget(message)
            message.deleteLater()
        self.messages = [Message(self._theme, notice) for notice in self._lecture.notices.all]
        for message in self.messages:
            message.cured.connect(lambda: self.acted.emit("cure"))
            self._told.addWidget(message)

    def _tick(self) -> None:
        lecture = self._lecture
        self.elapsed.setText(clock_words(lecture.clock() - lecture.began))
        self._of.setText(f"of {lecture.minutes} min")
        self._clock.setText(QTime.currentTime().toString("HH:mm"))
        self._bar.update()

    def _restyle(self) -> None:
        for words, token in ((self.notes, "text"), (self.different, "text2")):
            palette = words.palette()
            palette.setColor(QPalette.ColorRole.WindowText, self._theme.color(token))
            words.setPalette(palette)
        self.update()

    # -- Qt --------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The wall has half of the width."""
        super().resizeEvent(event)
        wide = round((self.width() - self._theme.px(68)) * 0.52)
        # As high as there is room for it, the next slide and both headings.
        room = self.height() - self._theme.px(170)
        wide = min(wide, round(room / (9 / 16 * (1 + 0.4))))
        self._left.setFixedWidth(max(wide, 200))
        self.wall.setFixedHeight(self.wall.heightForWidth(max(wide, 200)))
        # Notes are read standing, from a step away: where there is room for it they are larger.
        larger = min(max(self.height() / self._theme.px(720), 1.0), MOST_LARGER)
        for words, px in ((self.notes, NOTES_PX), (self.different, DIFFERENT_PX)):
            words.setFont(self._theme.font(round(px * larger)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The lecture's keys act here as on the wall."""
        act = act_of(event.key(), event.modifiers())
        if act:
            self.acted.emit(act)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("bg"))
        painter.end()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closed by the system."""
        super().closeEvent(event)
        self._ticks.stop()
        self.closed.emit()


class Elapsed(QWidget):
    """How much of the lecture's time is over, as a bar."""

    def __init__(self, theme: Theme, lecture: Lecture) -> None:
        super().__init__()
        self._theme, self._lecture = theme, lecture
        self.setFixedHeight(theme.px(6))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar."""
        painter, lecture = QPainter(self), self._lecture
        box = QRectF(self.rect())
        draw_box(painter, box, 3, self._theme.color("line"))
        share = min(1.0, (lecture.clock() - lecture.began) / max(1.0, 60.0 * lecture.minutes))
        box.setWidth(max(6.0, box.width() * share))
        draw_box(painter, box, 3, self._theme.color("accent"))
        painter.end()


class Paper(QWidget):
    """The plate under the notes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded plate."""
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 10, self._theme.color("panel"))
        painter.end()


def clock_words(seconds: float) -> str:
    """ "12:40", "1:02:05"."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _of_server(figures: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Rows about the run itself, as far as its figures tell them."""
    rows = []
    longest = [
        loop.get("longest_callback_ms") for loop in figures.get("event_loops") or () if isinstance(loop, Mapping)
    ]
    known = [one for one in longest if one is not None]
    if known:
        rows.append(("longest in a loop", f"{max(known):,.1f} ms", ""))
    requests = figures.get("requests_total")
    if isinstance(requests, Mapping) and requests.get("ok") is not None:
        rows.append(("answered", f"{requests['ok']:,}", ""))
    records = figures.get("telemetry")
    if isinstance(records, Mapping):
        rows.append(("records lost", f"{records['lost']:,}", f"of {records['written']:,}"))
    return rows


def _words(theme: Theme, px: int, token: str) -> QLabel:
    """Markdown that wraps."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.MarkdownText)
    label.setWordWrap(True)
    label.setFont(theme.font(px))
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    return label


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Widgets in a line; None: what is left of it stays free here."""
    row = QHBoxLayout()
    row.setSpacing(12)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignBottom)
    return row


def _column(head: QWidget, body: QWidget, *, stretch: bool = False) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    column.addWidget(head)
    column.addWidget(body, 0 if stretch else 1)
    if stretch:
        column.addStretch(1)
    return column
