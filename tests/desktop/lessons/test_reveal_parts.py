"""What is revealed is read as a whole: formulas, flags, numbers beside bars, and why claims were not judged."""

from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.catalog import Catalog
from explorer.desktop.labs.locks.source import Ink, Line
from explorer.desktop.lessons.claim_list import LATER, NOT_JUDGED, ClaimList
from explorer.desktop.lessons.code_panel import wrapped
from explorer.desktop.lessons.measured import BarRow, Bars, Formula
from explorer.desktop.lessons.reveal import Revealed, filled
from explorer.desktop.lessons.stages.marks import Marks
from explorer.desktop.lessons.stages.stage import Mark
from explorer.desktop.lessons.stages.stage_legend import StageLegend
from explorer.desktop.lessons.state import Trouble
from explorer.desktop.lessons.trouble_card import TroubleCard
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.words import STATE_WORDS
from explorer.lessons.claims import ClaimResult
from explorer.lessons.lesson import Claim, Lesson
from explorer.lessons.library import Library
from explorer.paths import resources
from explorer.records.states import State

NARROW, WIDE = 278, 332
"""Widths of a formula's plate in a window of 1,280 px and of 1,920 px."""


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(resources())


def lessons_with_laws() -> list[Lesson]:
    found = Library(Catalog(), (Path(resources()) / "lessons",)).lessons()
    return [one for one in found if isinstance(one, Lesson) and one.question.law_text]


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("one", lessons_with_laws(), ids=lambda one: one.id)
def test_no_formula_of_a_lesson_is_cut(theme: Theme, one: Lesson, width: int) -> None:
    text = one.question.law_text
    shown = Formula(theme)
    shown.show_formula(text, filled(text, {**one.values, "C": 1.7, "D": 0.052}), "= 250 items")
    shown.resize(width, 400)
    shown.resize(width, shown.sizeHint().height())
    bottom = 0.0
    *lines, (beside, result, strong, *_) = shown._pieces()
    for box, words, font, _, flags in shown._pieces():
        needed = QFontMetricsF(font).boundingRect(box, flags, words)
        assert needed.width() <= box.width() + 1, words
        assert needed.height() <= box.height() + 1, words
        if words != result:
            assert box.top() >= bottom, words
            bottom = box.bottom()
    assert max(bottom, beside.bottom()) <= shown.height()
    last, font = lines[-1][1:3]
    if beside.top() < bottom:  # it stands in the last line
        widths = QFontMetricsF(font).horizontalAdvance(last) + QFontMetricsF(strong).horizontalAdvance(result)
        assert widths < beside.width()
    assert "…" not in "".join(words for _, words, *_ in shown._pieces())


def test_a_law_without_anything_to_put_in_is_written_once(theme: Theme) -> None:
    shown = Formula(theme)
    shown.resize(NARROW, 100)
    shown.show_formula("1", "1", "= 1.0×")
    assert [words for _, words, *_ in shown._pieces()] == ["1", "= 1.0×"]
    high = shown.sizeHint().height()
    shown.show_formula("N / S", "10 / 0.20", "= 50 /s")
    assert shown.sizeHint().height() > high


def test_a_number_lies_beside_its_bar_however_long_it_is(theme: Theme) -> None:
    bars = Bars(theme)
    bars.resize(NARROW, 90)
    rows = [
        BarRow("law", 1.2, "1.2 at a time", dashed=True),
        BarRow("measured", 1.7, "1.7 at a time", state=State.RUNNING),
    ]
    bars.show_rows(rows)
    image = bars.grab().toImage()
    font = theme.font(14, 700)
    left = NARROW - QFontMetricsF(font).horizontalAdvance("1.7 at a time")
    fill = theme.state(State.RUNNING).fill
    ratio = image.width() / NARROW
    beside = [image.pixelColor(round(x * ratio), round(45 * ratio)) for x in range(int(left) - 4, NARROW)]
    assert fill not in beside
    assert image.pixelColor(round(90 * ratio), round(45 * ratio)) == fill


def test_no_flag_lies_over_another_one(theme: Theme) -> None:
    room = QWidget()
    room.resize(440, 300)
    marks = Marks(theme, lambda seconds: seconds * 32, room)
    marks.resize(440, 300)
    for at in (0.2, 6.0, 12.9):
        said = Mark("you 0.50 s", at)
        marks.show_marks([said, Mark("law 2.9 s", at + 0.4, dashed=True), Mark("2.5 s", at + 0.3, state=State.BLOCKED)])
        boxes = [box for _, box in marks.flags()]
        assert len(boxes) == 3
        assert not any(one.intersects(other) for one, other in combinations(boxes, 2))
        assert all(marks.rect().toRectF().contains(box) for box in boxes)
    room.deleteLater()


@pytest.mark.parametrize("letters", [40, 48, 60])
def test_code_is_broken_between_its_words(letters: int) -> None:
    code = "        await asyncio.get_running_loop().run_in_executor(state.pool, request.app.state.work)"
    rows = wrapped(Line(7, ((code, Ink.PLAIN),)), letters, False)
    texts = ["".join(text for text, _ in row.pieces) for row in rows]
    assert all(len(text.rstrip()) <= letters for text in texts)
    assert "".join(texts).replace(" ", "") == code.replace(" ", "")
    assert all(text.rstrip()[-1] in ",([." or text.endswith(" ") for text in texts[:-1]), texts
    assert not any(text.strip().startswith(")") for text in texts), texts


def test_each_state_of_a_low_window_has_its_name(theme: Theme, qtbot: QtBot) -> None:
    view = TimelineView(theme)
    legend = StageLegend(theme, view, hints=False, dense=True)
    for widget in (view, legend):
        qtbot.addWidget(widget)
    legend.resize(588, 28)
    states = frozenset(STATE_WORDS) - {State.WAITING_LOCK}
    legend.set_states(states)
    for width, least in ((588, 7), (640, 8), (588, 7)):
        legend.resize(width, 28)
        legend.resizeEvent(QResizeEvent(legend.size(), legend.size()))
        shown = [entry for state in states if not (entry := legend.entry(state)).isHidden()]
        assert len(shown) >= least
        assert all(entry.text() for entry in shown)
        assert sum(entry.sizeHint().width() for entry in shown) <= width


def test_why_claims_were_not_judged_stands_above_them(theme: Theme) -> None:
    claims = ClaimList(theme)
    judged = ClaimResult("It holds.", True, "3; expected 3")
    bare = Claim("Of a run that broke off.", "main.x", "is", "1")
    later = Claim("Of a run to come.", "try.x", "is", "1")
    why = "The run “Four threads” is not valid: 12 records were lost."
    claims.show_claims(Revealed(None, None, "", "", (judged,), (later,), (bare,), why))
    assert claims.why.text() == why
    assert not claims._note.isHidden()
    assert claims.shown == (
        ("It holds.", True, "3; expected 3"), (bare.text, None, NOT_JUDGED), (later.text, None, LATER),
    )  # fmt: skip
    assert claims._title.text() == "Checked by this run"
    claims.show_claims(Revealed(None, None, "", "", (), (), (bare,), why))
    assert claims._title.text() == "Not checked"
    claims.show_claims(Revealed(None, None, "", "", (judged,), (later,)))
    assert claims._note.isHidden()
    assert claims._title.text() == "Checked by this run"


def test_what_lasts_leaves_free_what_is_to_be_read_before_the_run(theme: Theme, qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(900, 600)
    card, room = TroubleCard(theme, page), QRectF(100, 50, 700, 500)
    middles = {}
    for lasting, low in ((False, False), (True, False), (False, True), (True, True)):
        card.low = low
        card.show_trouble(Trouble("It needs PostgreSQL. Install it.", lasting=lasting))
        card.place(room)
        assert room.contains(card.geometry().toRectF())
        middles[lasting, low] = card.geometry().center().y()
    assert middles[True, True] > middles[True, False]
    assert middles[True, False] == pytest.approx(room.center().y(), abs=2)
    for low in (False, True):  # what passes comes after what was to be read
        assert middles[False, low] == pytest.approx(room.center().y(), abs=2)
    card.show_trouble(Trouble("The port is taken.", port=8000))
    assert "Your prediction is kept" not in card.sentence.text()
    assert not card.free.isHidden()
    assert not card.again.isHidden()
