"""Opens and closes a lecture: which lessons, on which screens, and the way back to the window and to the same slide."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from explorer.desktop.audience.entry import AudienceEntry
from explorer.desktop.control import Control
from explorer.desktop.gallery.home import Home
from explorer.desktop.own_run import GOING
from explorer.desktop.presenter import engine
from explorer.desktop.presenter.exhibit import Exhibit
from explorer.desktop.presenter.kept import Kept
from explorer.desktop.presenter.lecture import Lecture
from explorer.desktop.presenter.places import Places
from explorer.desktop.presenter.playlist import PlaylistDialog
from explorer.desktop.presenter.room import ROOM, Room
from explorer.desktop.presenter.screens import corner_of, places_on
from explorer.desktop.presenter.speaker import Speaker
from explorer.desktop.presenter.wall import Wall
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme
from explorer.lessons.lesson import Lesson
from explorer.scenario import Scenario

NO_LESSON: Final = "There is no lesson that can be presented."


class Presenter(QObject):
    """Owned by the window. `changed`: a lecture was opened or left. `open_lessons()` names the lessons that are open or
    selected in the window; `places` are where audience mode is shown.
    """

    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        control: Control,
        state: WindowState,
        tell: Callable[[str, str], object],
        window: QWidget,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tell(title, sentence)` says in the window why nothing can be presented."""
        super().__init__(window)
        self._theme, self._control, self._tell, self._window = theme, control, tell, window
        self._clock = clock
        self._library = engine.library(control.catalog)
        self.kept = Kept(state.state_folder)
        self.open_lessons: Callable[[], Sequence[str]] = tuple
        self.screens: Callable[[], tuple[Sequence[QRect], int]] = self._real_screens
        self.places = Places()
        self.room: Room | None = None
        self.lecture: Lecture | None = None
        self.wall: Wall | None = None
        self.speaker: Speaker | None = None
        self.exhibit: Exhibit | None = None
        self.dialog: PlaylistDialog | None = None
        self._before: Scenario | None = None
        self._home: Home | None = None
        self._giving = False
        """Whether the setup of before waits for the end of what runs."""
        self._selected: Callable[[], Sequence[str]] = tuple
        self._left_at: list[str] | None = None
        """What was open in the window when the wall was left."""
        control.went_wrong.connect(self._went_wrong)
        control.bridge.warned.connect(lambda sentence, where: self._went_wrong("Note", sentence))

    def attach(self, home: Home, audience: AudienceEntry) -> None:
        """What is open or selected in the window, which stays as it is meanwhile, and the way in for the room."""
        self._home, self.open_lessons, self._selected = home, home.open_lessons, home.selected_lessons
        self.room = Room(self._theme, audience, self.places, self)
        self.room.changed.connect(self._room_changed)

    @property
    def presenting(self) -> bool:
        """Whether the wall is up."""
        return self.wall is not None

    # -- what is presented -----------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Present the lesson that is open or was gone to, else the lecture of last time, else the lesson that is
        selected; else ask. From the wall: back.
        """
        if self.presenting:
            self.leave()
            return
        opened = list(self.open_lessons())
        if opened == self._left_at:  # nothing else was chosen since: back to the slide
            opened = []
        if not self.present(opened or self.kept.lessons or list(self._selected())):
            self.ask()

    def ask(self) -> None:
        """Ask which lessons."""
        lessons = [lesson for lesson in engine.readable(self._library) if lesson.slides]
        if not lessons:
            self._tell("Present", NO_LESSON)
            return
        self.dialog = PlaylistDialog(self._theme, lessons, self.kept.lessons, self._window)
        self.dialog.agreed.connect(self._agreed)
        self.dialog.open()

    def show_exhibit(self) -> None:
        """The open lesson, or the lecture of last time, or all lessons, in a loop without anybody."""
        wanted = list(self.open_lessons()) or self.kept.lessons
        if self.present(wanted, keep=False) or self.present(
            [one.id for one in engine.readable(self._library)], keep=False
        ):
            assert self.lecture is not None
            self.lecture.begin_again()
            self.exhibit = Exhibit(self.lecture, parent=self)

    def _agreed(self, chosen: list[str]) -> None:
        self.kept.lessons, self.kept.place = chosen, None
        self.kept.save()
        self.present(chosen)

    def present(self, wanted: Sequence[str], place: tuple[str, int] | None = None, *, keep: bool = True) -> bool:
        """Put these lessons on the wall, at `place`, else where they were left; False where none has a slide."""
        if self.presenting:
            return False
        known = {lesson.id: lesson for lesson in engine.readable(self._library)}
        lessons = [known[one] for one in wanted if one in known and known[one].slides]
        if not lessons:
            return False
        if keep:
            self.kept.lessons = [lesson.id for lesson in lessons]
        lecture = self._lecture_of(lessons)
        if self._before is None:  # else it was left a moment ago, and what it ran has not ended yet
            self._before = self._control.scenario
        self._rest(True)
        self._open_windows(lecture)
        if self.room is not None:
            self.room.begin(lecture)
        lecture.enter(place or self.kept.place)
        self.changed.emit()
        return True

    def _lecture_of(self, lessons: list[Lesson]) -> Lecture:
        """The one that was left, with all that it measured, if it is about the same lessons; else a new one."""
        if self.lecture is not None and self.lecture.lessons == lessons:
            return self.lecture
        if self.lecture is not None:
            self.lecture.deleteLater()
        self.lecture = Lecture(self._control, lessons, clock=self._clock, parent=self)
        return self.lecture

    # -- windows ---------------------------------------------------------------------------------------------------

    def _real_screens(self) -> tuple[Sequence[QRect], int]:
        screens = QGuiApplication.screens()
        own = self._window.screen()
        return [screen.geometry() for screen in screens], screens.index(own) if own in screens else 0

    def _open_windows(self, lecture: Lecture) -> None:
        where, beside = places_on(*self.screens())
        wall = self.wall = Wall(self._theme, lecture, self.places)
        wall.acted.connect(self.act)
        wall.closed.connect(self.leave)
        wall.setGeometry(where)
        wall.showFullScreen()
        if beside is not None:
            self._open_speaker(lecture, beside, window=False)
        self._window.hide()  # else it would go on painting what nobody sees
        wall.activateWindow()
        wall.setFocus()

    def _open_speaker(self, lecture: Lecture, where: QRect, *, window: bool) -> None:
        assert self.wall is not None
        speaker = self.speaker = Speaker(self._theme, lecture, self.places, window=window)
        speaker.acted.connect(self.act)
        speaker.setGeometry(where)
        if window:
            speaker.show()
            speaker.closed.connect(self._close_speaker)
        else:
            speaker.showFullScreen()
            speaker.closed.connect(self.leave)
        self.wall.told = True
        self.wall.update()

    def _close_speaker(self) -> None:
        speaker, self.speaker = self.speaker, None
        if speaker is not None:
            if self.room is not None:
                self.room.forget_bars()
            speaker.closed.disconnect()
            speaker.close()
            speaker.deleteLater()
        if self.wall is not None:
            self.wall.told = False
            self.wall.activateWindow()
            self.wall.update()

    def toggle_speaker(self) -> None:
        """With one screen: the speaker view as a window above the wall, or away again. On a second one it stays."""
        screens, own = self.screens()
        if self.lecture is None or len(screens) > 1:
            return
        if self.speaker is None:
            self._open_speaker(self.lecture, corner_of(screens[own]), window=True)
        else:
            self._close_speaker()

    def leave(self, *, for_good: bool = True) -> None:
        """Back to the window: nothing runs on, and the next time begins at this slide. Not `for_good`: only to ask
        something, so the room stays.
        """
        if self.wall is None or self.lecture is None:
            return
        wall, speaker, self.wall, self.speaker = self.wall, self.speaker, None, None
        if self.exhibit is not None:
            self.exhibit.close()
            self.exhibit.deleteLater()
            self.exhibit = None
        else:
            self.kept.place = self.lecture.deck.place
            self.kept.save()
        if self.lecture.cover:
            self.lecture.set_cover("")
        self.lecture.stop()
        if for_good:
            self.lecture.rest()
        if self.room is not None:
            self.room.end(for_good=for_good)
        self._window.show()
        self._window.activateWindow()
        for window in (wall, speaker):
            if window is not None:
                window.closed.disconnect()
                window.close()
                window.deleteLater()
        self._left_at = list(self.open_lessons())
        self._give_back()
        self.changed.emit()

    def _give_back(self) -> None:
        """The setup as it was before the lecture, once nothing runs that would be restarted by it."""
        if self._before is None or self.presenting:
            return
        if self._control.state in GOING:
            if not self._giving:
                self._control.state_changed.connect(self._give_back_later)
            self._giving = True
            return
        before, self._before = self._before, None
        self._control.choose(before)
        self._rest(False)

    def _rest(self, on: bool, /) -> None:
        """The window stays at its page while the lecture runs what it runs."""
        if self._home is not None:
            self._home.resting = on

    def _give_back_later(self, state: str) -> None:
        if state not in GOING:
            self._giving = False
            self._control.state_changed.disconnect(self._give_back_later)
            self._give_back()

    # -- keys ------------------------------------------------------------------------------------------------------

    def act(self, act: str) -> None:
        """Carry out what a key of `keys` means."""
        lecture, wall = self.lecture, self.wall
        if lecture is None or wall is None:
            return
        acts: dict[str, Callable[[], object]] = {
            "forward": lecture.forward,
            "back": lecture.back,
            "blank": lambda: lecture.set_cover("black"),
            "white": lambda: lecture.set_cover("white"),
            "room": self._room,
            "pen": lambda: wall.choose_tool("pen"),
            "pointer": lambda: wall.choose_tool("pointer"),
            "wipe": self._wipe,
            "again": lecture.again,
            "cure": lecture.cure,
            "larger": lambda: lecture.resize(1),
            "smaller": lambda: lecture.resize(-1),
            "speaker": self.toggle_speaker,
            "messages": wall.toggle_messages,
            "leave": self.leave,
        }
        acts[act]()

    def _wipe(self) -> None:
        assert self.lecture is not None
        self.lecture.marks.wipe()
        self.lecture.changed.emit()

    def _room(self) -> None:
        """The QR slide. Before the room is let in the speaker is asked: on the own screen, while the slide stays on the
        wall; with one screen the wall is left for the question, which nobody is to see over a slide.
        """
        lecture, room = self.lecture, self.room
        assert lecture is not None
        if room is None or room.opened or lecture.cover == ROOM or self.exhibit is not None:
            lecture.set_cover(ROOM)
        elif self.speaker is not None and len(self.screens()[0]) > 1:
            self.speaker.activateWindow()
            room.let_in(self.speaker, self._let_in)
        else:
            lessons = [lesson.id for lesson in lecture.lessons]
            self.leave(for_good=False)
            room.let_in(self._window, lambda opened: self._back_to_wall(lessons, opened))

    def _back_to_wall(self, lessons: Sequence[str], opened: bool) -> None:
        """The question was answered: the slide again, or that of the room."""
        if self.present(lessons):
            self._let_in(opened)
        elif opened and self.room is not None:
            self.room.forsake()

    def _let_in(self, opened: bool) -> None:
        if opened and self.presenting and self.lecture is not None and self.lecture.cover != ROOM:
            self.lecture.set_cover(ROOM)

    def _room_changed(self) -> None:
        if self.wall is None:
            return
        self.wall.refresh()
        if self.speaker is not None and self.room is not None:
            self.room.mark()
            self.speaker.refresh()

    def _went_wrong(self, title: str, sentence: str) -> None:
        if self.presenting and self.lecture is not None:
            self.lecture.notices.tell(title, sentence)

    def close(self) -> None:
        """The program ends, and with it the room by itself."""
        self.leave(for_good=False)
