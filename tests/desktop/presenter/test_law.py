"""The law on a slide: read from the last row, whole, and clear of the foot, for every lesson that has one."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication

from explorer.catalog import Catalog
from explorer.desktop.presenter import slide_painter
from explorer.desktop.presenter.grid import HEIGHT, WIDTH
from explorer.desktop.presenter.numbers import with_unit
from explorer.desktop.presenter.picture import Picture, empty
from explorer.desktop.presenter.slide_painter import SIDE, SIZES, SlidePainter
from explorer.desktop.presenter.slide_view import SlideView, Standing
from explorer.desktop.theme import Theme
from explorer.desktop.words import STATE_WORDS
from explorer.lessons.lesson import Lesson, Slide
from explorer.lessons.library import Library
from explorer.paths import resources
from explorer.records.states import State
from tests.desktop.presenter.test_deck import picture

READ_FROM_AFAR = 30
"""A formula's type, of 720: larger than the 24 of labels, as nobody knows it beforehand."""
FOOT = 676.0
"""Where the line of the page number begins."""

Said = tuple[QRectF, str, QFont, int]


def slides_with_laws() -> list[tuple[Lesson, Slide]]:
    lessons = [one for one in Library(Catalog(), (resources() / "lessons",)).lessons() if isinstance(one, Lesson)]
    return [(one, slide) for one in lessons for slide in one.slides if slide.law]


def painted(monkeypatch: pytest.MonkeyPatch, view: SlideView) -> list[Said]:
    """What is written at the right side of a slide: where, what, in which type, and Qt's flags."""
    said: list[Said] = []

    def draw(painter: QPainter, rect: QRectF, text: str, font: QFont, color: QColor, flags: int = 0) -> None:
        if rect.left() >= SIDE.left() - 8 and rect.top() < FOOT:
            said.append((QRectF(rect), text, font, flags))

    monkeypatch.setattr(slide_painter, "draw_text", draw)
    image = QImage(int(WIDTH), int(HEIGHT), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    SlidePainter(Theme(resources())).paint(painter, view)
    painter.end()
    return said


def states() -> Picture:
    """Bars in three states, so that the legend is as long as it may be."""
    one = picture([0.0, 0.1, 0.2])
    one.state[:] = [int(State.BLOCKED), int(State.RUNNING), int(State.QUEUED)]
    return one


@pytest.mark.parametrize("number", ["0.73", "12,648"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("told", slides_with_laws(), ids=lambda told: told[0].id)
def test_the_law_of_each_lesson_is_read_from_the_last_row(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, told: tuple[Lesson, Slide], size: float, number: str
) -> None:
    lesson, slide = told
    value = with_unit(2.9, lesson.question.unit)
    run = lesson.run(slide.run).title
    view = SlideView(
        slide.sentence, "2 / 3", run=run, number=number, unit=slide.unit, law=(lesson.question.law_text, value),
        standing=Standing.DONE, picture=states(), size=size,
    )  # fmt: skip
    said = painted(monkeypatch, view)
    box, words, font, flags = next(one for one in said if one[1].replace("\u00a0", " ") == lesson.question.law_text)
    assert font.pixelSize() >= READ_FROM_AFAR
    _, _, beside, _ = next(one for one in said if one[1] == value)
    assert beside.pixelSize() >= READ_FROM_AFAR
    metrics = QFontMetricsF(font)
    assert max(metrics.horizontalAdvance(term) for term in words.split(" ")) <= SIDE.width()
    bottom = metrics.boundingRect(box, flags, words).bottom()
    assert bottom <= FOOT
    below = [one for one in said if one[0].top() > box.top()]
    assert all(one[0].top() >= bottom - 4 and one[0].bottom() <= FOOT + 2 for one in below), "the legend is under it"


def test_a_law_that_fits_stands_in_one_line(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    view = SlideView("One", law=("N / S", "50/s"), standing=Standing.DONE, picture=empty(1.0))
    one = next(font for _, words, font, _ in painted(monkeypatch, view) if words.replace("\u00a0", " ") == "N / S")
    long = replace(view, law=("max over workers of ⌈Nᵢ / T⌉ · S", "3 s"))
    other = next(font for _, words, font, _ in painted(monkeypatch, long) if words.startswith("max"))
    assert one.pixelSize() > other.pixelSize()


def test_a_unit_stands_below_a_number_that_it_would_make_small(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {}
    for number, unit in (("3.2", "s"), ("195", "/s"), ("5,648", "ms")):
        view = SlideView("One", number=number, unit=unit, standing=Standing.DONE, picture=empty(1.0))
        said = {words: (box, font.pixelSize()) for box, words, font, _ in painted(monkeypatch, view)}
        assert said[number][1] > 110
        places[number] = said[unit][0].top() > said[number][0].center().y() + 50
    assert places == {"3.2": False, "195": False, "5,648": True}


def test_a_held_lock_is_in_ink_and_named_so(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    one = replace(picture([0.0, 0.0]), titles=("Worker 1", "Lock A"), locks=(1,))
    one.state[:] = [int(State.WAITING_LOCK), int(State.RUNNING)]
    view = SlideView("One", standing=Standing.DONE, picture=one)
    legend = [words for _, words, _, _ in painted(monkeypatch, view)]
    assert legend[-2:] == [STATE_WORDS[State.WAITING_LOCK].short, slide_painter.HELD_WORDS]
    theme, image = Theme(resources()), QImage(int(WIDTH), int(HEIGHT), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    SlidePainter(theme).paint(painter, view)
    painter.end()
    column = {image.pixelColor(100, y).name() for y in range(140, 600)}
    assert theme.color("ink").name() in column
    assert theme.state(State.RUNNING).fill.name() not in column
