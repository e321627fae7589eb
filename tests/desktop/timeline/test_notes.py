"""Notes by hand and by keyboard: written where one means, read, changed, moved, deleted; what is written is text."""

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.notes import NoteHands
from explorer.desktop.timeline.view import TimelineView
from explorer.recording.notes import Note, Notes
from tests.desktop.timeline.conftest import MakeView
from tests.desktop.timeline.sample import BEGIN, FIRST_WORKER, SECOND, sample_store

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@dataclass
class Stage:
    """A view of a recording with notes."""

    view: TimelineView
    notes: Notes = field(default_factory=Notes)

    def __post_init__(self) -> None:
        self.hands = NoteHands(self.view._theme, self.view, self.put)
        self.view.show_notes(self.notes)

    def put(self, time: int, text: str, identity: str) -> Note | None:
        note = self.notes.put(time, text, identity)
        self.view.show_notes(self.notes)
        self.view.axis.grab()
        return note

    def add(self, offset: int, text: str) -> Note:
        note = self.put(BEGIN + offset, text, "")
        assert note is not None
        return note

    def flag(self, note: Note) -> QPoint:
        """A place on a note's flag."""
        [flag] = [flag for flag, one in self.view.axis._flags if getattr(one, "id", "") == note.id]
        return QPoint(round(self.view.axis.header + flag.left + 6), 12)

    def write(self, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
        QTest.keyClicks(self.hands.editor.entry, text)
        QTest.keyClick(self.hands.editor.entry, key)

    @property
    def texts(self) -> list[tuple[int, str]]:
        return [(note.time - BEGIN, note.text) for note in self.notes.shown]


@pytest.fixture
def stage(dark: Theme, make_view: MakeView) -> Stage:
    view = make_view(dark, sample_store(4.0), live=False)
    view.show_time(BEGIN + SECOND, BEGIN + 2 * SECOND)
    return Stage(view)


def test_a_note_is_written_to_what_is_selected(stage: Stage) -> None:
    store = stage.view.scene.store
    assert store is not None
    span = store.find(FIRST_WORKER, 0, BEGIN + 1_500_000_000)
    assert span is not None
    stage.view.select(span)
    stage.hands.ask()
    assert stage.hands.editor.isVisible()
    stage.write("looks long")
    assert stage.texts == [(span.start - BEGIN, "looks long")]
    assert not stage.hands.editor.isVisible()


def test_else_to_the_replays_now_line_or_the_middle(stage: Stage) -> None:
    assert stage.hands.place() == BEGIN + SECOND + SECOND // 2
    stage.view.replay.begin()
    stage.view.replay.toggle()
    stage.view.replay.seek(BEGIN + 1_234_567_890)
    assert stage.hands.place() == BEGIN + 1_234_567_890


def test_the_pointer_says_where(stage: Stage) -> None:
    QTest.mouseMove(stage.view.lanes, QPoint(250, 80))
    assert stage.hands.place() == stage.view.scene.view.time(250)
    QApplication.sendEvent(stage.view.lanes, QEvent(QEvent.Type.Leave))
    assert stage.hands.place() == BEGIN + SECOND + SECOND // 2


def test_a_click_on_the_flag_changes_it_and_an_empty_text_deletes_it(stage: Stage) -> None:
    note = stage.add(1_300_000_000, "before")
    QTest.mouseClick(stage.view.axis, LEFT, NONE, stage.flag(note))
    assert stage.hands.editor.entry.text() == "before"
    stage.write("after")
    assert stage.texts == [(1_300_000_000, "after")]
    QTest.mouseClick(stage.view.axis, LEFT, NONE, stage.flag(note))
    stage.write("", Qt.Key.Key_Backspace)
    stage.write("")
    assert stage.texts == []


def test_delete_takes_it_away_and_escape_leaves_it(stage: Stage) -> None:
    note = stage.add(1_300_000_000, "x")
    QTest.mouseClick(stage.view.axis, LEFT, NONE, stage.flag(note))
    stage.write("other", Qt.Key.Key_Escape)
    assert stage.texts == [(1_300_000_000, "x")]
    QTest.mouseClick(stage.view.axis, LEFT, NONE, stage.flag(note))
    QTest.keyClick(stage.hands.editor.entry, Qt.Key.Key_Delete)
    assert stage.texts == []


def test_what_was_written_is_kept_when_one_goes_elsewhere(stage: Stage) -> None:
    stage.hands.ask()
    QTest.keyClicks(stage.hands.editor.entry, "half a")
    stage.hands.editor.entry.left.emit()
    assert [text for _, text in stage.texts] == ["half a"]
    stage.hands.ask()
    stage.hands.editor.entry.left.emit()
    assert len(stage.texts) == 1, "nothing was written"


def test_a_flag_is_dragged(stage: Stage) -> None:
    note = stage.add(1_300_000_000, "x")
    before, view = stage.flag(note), stage.view.scene.view
    QTest.mousePress(stage.view.axis, LEFT, NONE, before)
    QTest.mouseMove(stage.view.axis, before + QPoint(200, 0))
    stage.view.axis.grab()
    assert stage.flag(note).x() == pytest.approx(before.x() + 200, abs=2)
    QTest.mouseRelease(stage.view.axis, LEFT, NONE, before + QPoint(200, 0))
    [(time, text)] = stage.texts
    assert text == "x"
    assert abs(time - 1_300_000_000 - 200 * view.ns_per_px) <= view.ns_per_px
    assert not stage.hands.editor.isVisible()


def test_hostile_text_is_text(stage: Stage) -> None:
    stage.add(1_300_000_000, "<img src='file:///etc/passwd'><b>bold</b> & so on, longer than a flag")
    [(_, marker)] = stage.view.axis._flags
    words = stage.view.axis.words_of(marker)
    assert "&lt;img src=&#x27;file:///etc/passwd&#x27;&gt;&lt;b&gt;bold&lt;/b&gt; &amp; so on" in words
    assert words.count("<span>") == 1
    [action] = stage.hands.menu(stage.view).actions()
    assert "<b>bold</b> && so on" in action.text()


def test_the_list_goes_to_a_note_out_of_sight(stage: Stage) -> None:
    note = stage.add(3_500_000_000, "far away")
    view = stage.view.scene.view
    assert not view.begin <= note.time <= view.end
    [action] = stage.hands.menu(stage.view).actions()
    action.trigger()
    view = stage.view.scene.view
    assert view.begin <= note.time <= view.end
    assert stage.hands.editor.entry.text() == "far away"
    stage.hands.editor.give_up()
