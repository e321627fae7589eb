"""The QR slide and the votes: what is drawn can be read back."""

import segno
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from explorer.desktop.audience.qr import QUIET, draw_qr, modules
from explorer.desktop.audience.slide import GRID, LINES, QR, AudienceSlide, latest
from explorer.desktop.audience.votes import NOBODY, VotesBars
from explorer.desktop.theme import Theme
from explorer.lessons.audience.audience import Audience
from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.events import Opened, Phones, Sent, Stay, Trip, Votes
from explorer.lessons.audience.token import new_token
from explorer.paths import resources

S = 1_000_000_000
URL = "http://192.168.100.200:54321/" + new_token()


def theme_of(name: str) -> Theme:
    return Theme(resources(), name)


def opened_audience() -> Audience:
    audience = Audience()
    origin, _, token = URL.rpartition("/")
    audience.opened = Opened(URL, origin + "/", token, "Wi-Fi (wlan0)")
    audience.phones = Phones(27, 30)
    return audience


def test_the_code_is_small_enough_to_be_seen_from_the_back_and_has_its_quiet_zone() -> None:
    rows = modules(URL)
    assert len(rows) <= 33
    assert segno.make(URL, error="m", micro=False, boost_error=False).error == "M"
    assert QR.height() >= 0.6 * GRID[1]
    assert 3 <= QUIET <= 4


def test_what_is_drawn_is_the_code_at_every_scale(qapp: QApplication) -> None:
    rows = modules(URL)
    for scale in (1.0, 1.5, 2.0, 0.87):
        image = QImage(round(500 * scale), round(500 * scale), QImage.Format.Format_RGB32)
        image.fill(QColor("#0D0F13"))
        painter = QPainter(image)
        painter.scale(scale, scale)
        draw_qr(painter, rows, QRectF(10, 10, 451, 451), scale, 14)
        painter.end()
        cell = int(451 * scale / (len(rows) + 2 * QUIET))
        edge = round((10 + (451 - cell / scale * len(rows)) / 2) * scale)
        for down, row in enumerate(rows):
            for along, black in enumerate(row):
                pixel = image.pixelColor(edge + along * cell + cell // 2, edge + down * cell + cell // 2)
                assert pixel.lightness() == (0 if black else 255), (scale, down, along)
        assert image.pixelColor(edge - 3 * cell, edge + cell).lightness() == 255


def test_the_slide_shows_the_phones_that_sent_last(qapp: QApplication) -> None:
    audience = opened_audience()
    for number in range(1, 9):
        stays = (Stay("queued", number * S // 10, S), Stay("blocked", S, 2 * S))
        audience.trips.append(Trip(number, number, number * S // 10, 2 * S, 200, stays))
    audience.flying[99] = Sent(1, 99, 3 * S)
    lines = latest(audience, 4 * S)
    assert [number for number, _ in lines] == [1, 5, 6, 7, 8]
    assert len(lines) == LINES
    assert lines[0][1][-1] == Stay("queued", 3 * S, 4 * S)
    assert latest(audience, 60 * S) == [(1, [Stay("queued", 3 * S, 60 * S)])]


def test_the_slide_says_where_to_go_in_words_as_well(qapp: QApplication) -> None:
    audience = opened_audience()
    for name in ("dark", "light"):
        slide = AudienceSlide(theme_of(name), audience)
        slide.resize(1280, 720)
        image = slide.grab().toImage()
        assert image.pixelColor(70, 130).lightness() == 255  # the quiet zone
        assert "192.168.100.200" in slide.accessibleName()
        assert "27 phones here" in slide.accessibleName()
    audience.opened = None
    slide._refresh()
    assert "closed" in slide.accessibleName()
    assert slide.grab().toImage().pixelColor(200, 200).lightness() == 255  # light, and no code


def test_votes_are_told_as_they_come(qapp: QApplication) -> None:
    audience = Audience()
    bars = VotesBars(theme_of("dark"), audience)
    assert NOBODY in bars.accessibleName()
    audience.ask(Ballot("When?", ("1 s", "3 s")))
    audience.votes = Votes((17, 6))
    audience._emit(audience.votes)
    assert "1 s: 17, 3 s: 6" in bars.accessibleName()
    bars.resize(400, bars.sizeHint().height())
    bars.mark(1)
    theme = theme_of("dark")
    image = bars.grab().toImage()
    assert image.pixelColor(100, 26 + 11) == theme.color("fill")
    assert image.pixelColor(100, 26 + 28 + 11) == theme.color("good")
    bars.forget()
    assert len(audience.hearers) == 1
