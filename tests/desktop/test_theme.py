"""The look: contrast of every pair of colours that is used together, fonts, icons, switching."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QColor, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from explorer.desktop.style_sheet import style_sheet
from explorer.desktop.theme import DARK, LIGHT, Theme, Tokens, mix
from explorer.desktop.widgets.entry import Entry
from explorer.desktop.widgets.label import Label
from explorer.paths import resources
from explorer.records.states import State
from explorer.tokens import high_contrast as strengthened

BOTH = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
STRONG = [replace(strengthened(tokens), name=f"{tokens.name}, high contrast") for tokens in (DARK, LIGHT)]
ALL_FOUR = pytest.mark.parametrize("tokens", [DARK, LIGHT, *STRONG], ids=lambda tokens: tokens.name)
SURFACES = ("bg", "panel", "raised", "hover", "lane", "group")


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(resources())


@ALL_FOUR
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(("text", "least"), [("text", 12.4), ("text2", 7.3), ("text3", 4.8)])
def test_text_reads_on_every_surface(tokens: Tokens, surface: str, text: str, least: float) -> None:
    assert contrast(getattr(tokens, text), getattr(tokens, surface)) >= least - 0.05


@ALL_FOUR
@pytest.mark.parametrize(
    ("ink", "ground", "least"),
    [
        ("accent", "panel", 7.0),
        ("accent", "accent_bg", 4.5),
        ("text", "accent_bg", 4.5),
        ("text2", "accent_bg", 4.5),
        ("text2", "danger_bg", 4.5),
        ("danger", "danger_bg", 5.6),
        ("on_fill", "danger_fill", 5.5),
        ("good", "good_bg", 4.5),
        ("good", "panel", 4.5),
        ("text", "good_bg", 4.5),
        ("danger", "panel", 4.5),
        ("danger", "raised", 4.5),
        ("on_fill", "fill", 4.5),
        ("on_fill", "fill_hover", 4.5),
        ("ink", "panel", 4.5),
        ("text3", "panel", 3.0),
        ("pen", "panel", 4.5),
        ("warn", "panel", 4.5),
    ],
)
def test_inks_read_on_their_grounds(tokens: Tokens, ink: str, ground: str, least: float) -> None:
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= least - 0.05


@BOTH
def test_the_primary_button_has_the_contrast_of_the_design(tokens: Tokens) -> None:
    rest, hover = (5.5, 4.9) if tokens is DARK else (7.0, 8.6)
    assert contrast(tokens.on_fill, tokens.fill) == pytest.approx(rest, abs=0.05)
    assert contrast(tokens.on_fill, tokens.fill_hover) == pytest.approx(hover, abs=0.05)


@ALL_FOUR
@pytest.mark.parametrize("state", [state for state in State if state is not State.NONE])
def test_every_bar_can_be_told_from_its_lane(tokens: Tokens, state: State) -> None:
    look = tokens.states[state]
    # What is unknown is the lane's own colour; its hatch has the colour of idle.
    seen = tokens.idle if state is State.UNKNOWN else look.edge or look.fill
    assert contrast(seen, tokens.lane) >= (2.95 if state in (State.IDLE, State.UNKNOWN) else 3.0)


@BOTH
@pytest.mark.parametrize(
    ("state", "ratio"),
    [
        (State.RUNNING, 5.5),
        (State.WAITING_GIL, 8.2),
        (State.QUEUED, 8.0),
        (State.RUNNABLE, 8.0),
        (State.BLOCKED, 5.2),
        (State.WAITING_LOCK, 5.0),
    ],
)
def test_labels_read_on_their_bars(tokens: Tokens, state: State, ratio: float) -> None:
    look = tokens.states[state]
    assert look.text is not None
    assert contrast(look.text, look.fill) == pytest.approx(ratio, abs=0.06)


@BOTH
def test_states_of_one_hue_differ_in_height(tokens: Tokens) -> None:
    looks = [look for state, look in tokens.states.items() if state is not State.UNKNOWN]
    assert len({(look.fill, look.height) for look in looks}) == len(looks)


def test_each_state_has_a_look_in_each_theme(theme: Theme) -> None:
    for name in ("dark", "light"):
        theme.use(name)
        for state in State:
            look = theme.state(state)
            assert look.fill.isValid()
            assert 2.0 <= look.bar_height(22) <= 22.0


def test_edges_are_for_the_light_theme_only(theme: Theme) -> None:
    assert theme.state(State.QUEUED).edge is None
    theme.use("light")
    assert theme.state(State.QUEUED).edge == QColor("#2B7FB5")


def test_high_contrast_strengthens_the_weakest(theme: Theme) -> None:
    strong = strengthened(DARK)
    assert (strong.text3, strong.line) == (DARK.text2, DARK.line2)
    theme.set_options(high_contrast=True)
    assert theme.color("text3") == QColor(DARK.text2)


def test_patterns_are_an_option_except_for_the_unknown(theme: Theme) -> None:
    assert theme.state(State.UNKNOWN).texture is not None
    assert theme.state(State.BLOCKED).texture is None
    theme.set_options(patterns=True)
    assert theme.state(State.BLOCKED).texture is not None
    assert theme.state(State.RUNNING).texture is None


def test_changes_are_told_once_and_only_when_there_is_one(theme: Theme, qtbot: QtBot) -> None:
    told: list[str] = []
    theme.changed.connect(lambda: told.append(theme.name))
    theme.use("dark")
    theme.set_presentation(False)
    theme.set_options(patterns=False)
    assert told == []
    theme.toggle()
    assert told == ["light"]
    assert not theme.dark


def test_what_moves_to_another_place_keeps_the_present_look(theme: Theme, qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp)
    place, other = QWidget(), QWidget()
    qtbot.addWidget(place)
    qtbot.addWidget(other)
    entry, label = Entry(theme, parent=place), Label(theme, "482 ms", parent=place)
    place.show()
    theme.toggle()
    theme.set_scale(1.5)
    for widget in (entry, label):
        widget.setParent(other)
    other.show()
    assert entry.palette().text().color() == label.palette().windowText().color() == QColor(LIGHT.text)
    assert entry.font().pixelSize() == label.font().pixelSize() == theme.font(13).pixelSize()
    qapp.setStyleSheet("")


def test_an_unknown_theme_is_refused(theme: Theme) -> None:
    with pytest.raises(KeyError):
        theme.use("sepia")
    assert theme.name == "dark"


def test_our_fonts_are_found_and_their_digits_are_equally_wide(theme: Theme) -> None:
    for mono, family in ((False, "Inter"), (True, "JetBrains Mono")):
        assert QFontInfo(theme.font(13, 400, mono)).family() == family
    label = QLabel()
    label.setFont(theme.font(13))
    assert len({label.fontMetrics().horizontalAdvance(str(digit) * 10) for digit in range(10)}) == 1


def test_no_type_is_smaller_than_eleven_pixels(theme: Theme) -> None:
    assert theme.font(8).pixelSize() == 11


@pytest.mark.parametrize("tokens", STRONG, ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("surface", SURFACES)
def test_in_high_contrast_the_weakest_text_is_twice_as_strong(tokens: Tokens, surface: str) -> None:
    assert contrast(tokens.text3, getattr(tokens, surface)) >= 7.0
    # An outline is all that is left of a bar that is not selected.
    outlines = [look.edge or look.fill for state, look in tokens.states.items() if state not in (9, 8)]
    assert min(contrast(outline, tokens.lane) for outline in outlines) >= 3.0


def test_scale_and_presentation_multiply(theme: Theme) -> None:
    theme.set_scale(2.0)
    assert theme.px(10) == 20
    theme.set_presentation(True)
    assert theme.px(10) == 25
    assert (theme.scale, theme.chosen_scale) == (2.5, 2.0)
    theme.set_presentation(False)
    theme.set_scale(9.0)
    assert theme.scale == 2.5


def test_presentation_scales_type_lengths_and_icons(theme: Theme) -> None:
    theme.set_presentation(True)
    assert theme.font(12).pixelSize() == 15
    assert theme.px(28) == 35
    assert theme.icon("zap", 16).deviceIndependentSize().toSize().width() == 20


def test_every_icon_can_be_drawn(theme: Theme) -> None:
    names = theme.icon_names()
    assert {"play", "square", "zap", "rotate-cw", "lock", "check", "radio", "concurrency-explorer"} <= set(names)
    for name in names:
        image = theme.icon(name, 16, "text").toImage()
        assert any(image.pixelColor(x, y).alpha() > 60 for x in range(16) for y in range(16)), name


def test_an_icon_takes_the_colour_of_its_token(theme: Theme) -> None:
    image = theme.icon("square", 16, "danger").toImage()
    assert image.pixelColor(8, 8) == QColor(DARK.danger)


def test_an_unknown_icon_says_where_it_was_looked_for(theme: Theme) -> None:
    with pytest.raises(KeyError, match="no icon called 'unicorn'"):
        theme.icon("unicorn")


def test_the_application_has_an_icon(theme: Theme) -> None:
    assert not theme.app_icon().pixmap(64, 64).isNull()


@BOTH
def test_the_palette_takes_its_colours_from_the_tokens(qapp: QApplication, tokens: Tokens) -> None:
    palette = Theme(resources(), tokens.name).palette()
    assert palette.color(QPalette.ColorRole.Window) == QColor(tokens.panel)
    assert palette.color(QPalette.ColorRole.WindowText) == QColor(tokens.text)


@BOTH
def test_the_style_sheet_has_no_colour_that_is_no_token(tokens: Tokens) -> None:
    colors = {value.lower() for name in Tokens.__slots__ if isinstance(value := getattr(tokens, name), str)}
    words = style_sheet(tokens).replace(";", " ").replace("{", " ").split()
    assert {word.lower() for word in words if word.startswith("#")} <= colors


def test_mixing_keeps_the_ends() -> None:
    black, white = QColor("#000000"), QColor("#FFFFFF")
    assert mix(black, white, 0) == black
    assert mix(black, white, 1) == white
    assert mix(black, white, 0.5) == QColor(128, 128, 128)
