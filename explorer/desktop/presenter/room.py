"""The room in a lecture: asked for on the speaker's screen, let in by its slide, and asked what the lesson asks.

A question is open from when it is on the wall until its run is started; then the votes stay as they are.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from explorer.desktop.audience.entry import AudienceEntry
from explorer.desktop.lessons.markdown import as_words
from explorer.desktop.presenter import numbers
from explorer.desktop.presenter.deck import Build, Sheet
from explorer.desktop.presenter.lecture import Lecture
from explorer.desktop.presenter.places import Places
from explorer.desktop.presenter.results import Key
from explorer.desktop.presenter.slide_view import RoomSaid
from explorer.desktop.theme import Theme
from explorer.lessons.audience import events
from explorer.lessons.audience.audience import Audience
from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.from_lesson import ballot_of
from explorer.lessons.audience.tally import right_row, rows
from explorer.records.clock import now_ns

FRAME_MS: Final = 66
ROOM: Final = "room"
"""What covers the wall with the QR slide."""


class Room(QObject):
    """Ties `entry` to the lecture that is given. `changed`: what the wall shows of the room has."""

    changed = Signal()

    def __init__(self, theme: Theme, entry: AudienceEntry, places: Places, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._entry, self._places = theme, entry, places
        self._lecture: Lecture | None = None
        self._asked = ""
        """The lesson whose question the room has, or had last."""
        self._ours = False
        """Whether the room was let in for the lecture, so that it goes with it."""
        self._bars: Any = None
        self._frames = QTimer(self)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self.changed)
        places.votes, places.phones, places.way_in = self._make_bars, self._phones, self._way_in
        entry.opened_changed.connect(self._opened_changed)
        entry.told.connect(self._told)
        entry.audience.hearers.append(self._hear)

    @property
    def opened(self) -> bool:
        """Whether the room is let in."""
        return self._entry.audience.opened is not None

    # -- coming and going ------------------------------------------------------------------------------------------

    def begin(self, lecture: Lecture) -> None:
        """A lecture is on the wall: from now on its runs end a vote."""
        self._lecture, self._entry.each_run_locks = lecture, False
        lecture.room_said = self._said
        lecture.moved.connect(self._look)
        lecture.covered.connect(self._look)
        lecture.finished.connect(self._look)
        lecture.runner.idle.connect(self._look)
        lecture.starts.connect(self._starts)
        if self._entry.shown is not None:
            self._entry.shown.hide()  # it would stand on the wall
        self._opened_changed()

    def end(self, *, for_good: bool = True) -> None:
        """The wall is left. The room goes with it if it came with it; not so if the wall is only left to ask."""
        lecture, self._lecture = self._lecture, None
        if lecture is None:
            return
        for signal, slot in (
            (lecture.moved, self._look),
            (lecture.covered, self._look),
            (lecture.finished, self._look),
            (lecture.runner.idle, self._look),
            (lecture.starts, self._starts),
        ):
            signal.disconnect(slot)
        self._entry.each_run_locks = True
        self._frames.stop()
        self.forget_bars()
        if for_good and self._ours and self.opened:
            self._entry.close_soon()
        elif self._entry.shown is not None:
            self._entry.shown.show()

    def forsake(self) -> None:
        """The wall that the room was let in for does not come back: let nobody in any more."""
        self._entry.close_soon()

    def let_in(self, parent: QWidget, then: Callable[[bool], object]) -> None:
        """Ask, above `parent`, whether the room may come in; `then` is told whether it is."""

        asking = self._lecture  # None where the wall was left to ask

        def told(opened: bool) -> None:
            if opened and asking is not None and self._lecture is not asking:
                self._entry.close_soon()  # it was left meanwhile: nobody would see that the room is open
                return
            self._ours = self._ours or opened
            then(opened)

        self._entry.ask(parent, own_window=False, then=told)

    def _opened_changed(self) -> None:
        audience = self._entry.audience
        self._places.paint_room = partial(self._paint, audience) if self.opened else None
        if not self.opened:
            self._asked, self._ours = "", False
        if self._bars is not None:
            self._bars.setVisible(self.opened)
        lecture = self._lecture
        if lecture is not None and not self.opened and lecture.cover == ROOM:
            lecture.set_cover("")  # a code that leads nowhere
        if lecture is not None:
            self._look()

    def _told(self, title: str, sentence: str) -> None:
        if self._lecture is not None:
            self._lecture.notices.tell(title, sentence)

    # -- the question, the runs ------------------------------------------------------------------------------------

    def _look(self) -> None:
        """What is on the wall now decides what the room is asked, and whether something serves it."""
        lecture = self._lecture
        if lecture is None:
            return
        on_slide = self.opened and lecture.cover == ROOM
        if on_slide and not self._frames.isActive():
            self._frames.start()
        elif not on_slide:
            self._frames.stop()
        if self.opened:
            self._ask(lecture)
        if on_slide and not self._voting:
            lecture.serve()
        elif lecture.runner.serving:
            lecture.runner.stop()
        self.changed.emit()

    @property
    def _voting(self) -> bool:
        audience = self._entry.audience
        return audience.ballot is not None and not audience.locked

    def _ask(self, lecture: Lecture) -> None:
        audience, sheet = self._entry.audience, lecture.deck.sheet
        lesson, main = sheet.lesson, sheet.lesson.runs[0].id
        asks = lecture.deck.build is Build.ASK and sheet.slide.run == main
        if asks and lecture.cover == ROOM and not audience.votes.total:
            # Whoever comes in sends one first; the question comes with its slide.
            asks = False
        if asks and not (self._asked == lesson.id and audience.ballot is not None):
            if lecture.results.of((lesson.id, main)) is None:
                self._asked = lesson.id
                audience.ask(_plain(ballot_of(lesson.question)))
        elif not asks and self._voting and not (self._asked == lesson.id and audience.votes.total):
            audience.ask(None)

    def _starts(self, key: Key) -> None:
        """A run of the lesson whose question is open: what was predicted was predicted before."""
        if self.opened and key[0] == self._asked:
            self._entry.audience.lock()
            self.changed.emit()

    # -- what is seen ----------------------------------------------------------------------------------------------

    def _said(self, sheet: Sheet) -> RoomSaid | None:
        """The answers themselves only once they are measured: before, they would tell others what to say."""
        audience, lesson = self._entry.audience, sheet.lesson
        if not self.opened or audience.ballot is None or self._asked != lesson.id:
            return None
        if sheet.slide.run != lesson.runs[0].id:
            return None
        answered, here = audience.votes.total, audience.phones.here
        right = self._right(sheet)
        if right is None:
            return RoomSaid(answered, max(here, answered))
        return RoomSaid(answered, max(here, answered), tuple(rows(audience.ballot, audience.votes)), right)

    def _right(self, sheet: Sheet) -> int | None:
        """Which answer was measured, −1: none of them; None as long as that is not known."""
        lecture, lesson, ballot = self._lecture, sheet.lesson, self._entry.audience.ballot
        if lecture is None or ballot is None or not lecture.results.done((lesson.id, lesson.runs[0].id)):
            return None
        value = numbers.value_of(lesson.question.answer, lecture.names(lesson))
        return -1 if value is None else right_row(lesson.question, ballot, value)

    def _phones(self) -> str:
        if not self.opened:
            return ""
        here = self._entry.audience.phones.here
        return f"{here} {'phone' if here == 1 else 'phones'}"

    def _way_in(self) -> str:
        from explorer.desktop.audience.slide import way_in

        return way_in(self._entry.audience)

    def _make_bars(self, parent: QWidget) -> QWidget:
        from explorer.desktop.audience.votes import VotesBars

        self.forget_bars()
        bars = self._bars = VotesBars(self._theme, self._entry.audience, parent)
        bars.setVisible(self.opened)
        return bars

    def forget_bars(self) -> None:
        """The speaker view goes, and with it the bars."""
        bars, self._bars = self._bars, None
        if bars is not None:
            bars.forget()

    def mark(self) -> None:
        """Colour the answer that was measured in the speaker's bars."""
        if self._bars is not None and self._lecture is not None:
            right = self._right(self._lecture.deck.sheet)
            self._bars.mark(-1 if right is None else right)

    def _paint(self, audience: Audience, painter: QPainter, scale: float, page: str) -> None:
        from explorer.desktop.audience.slide import paint_slide

        paint_slide(painter, self._theme, audience, now_ns(), scale, page)

    def _hear(self, event: events.Event) -> None:
        if self._lecture is not None and isinstance(event, events.Phones | events.Votes):
            self.changed.emit()


def _plain(ballot: Ballot | None) -> Ballot | None:
    """Without the marks of Markdown, which a phone would show."""
    if ballot is None:
        return None
    return replace(ballot, text=as_words(ballot.text), choices=tuple(as_words(one) for one in ballot.choices))
