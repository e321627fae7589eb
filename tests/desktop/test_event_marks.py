"""The marks of event kinds: seen on every ground, no state's hue, told apart by shape, and by colour-blind eyes."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from explorer.collect.source import Array
from explorer.desktop.event_marks import SHAPES, SIZE, draw_mark, mark_box, mark_picture
from explorer.desktop.theme import DARK, LIGHT, Theme, Tokens
from explorer.paths import resources
from explorer.records.event_kinds import EVENT_KINDS, EventKind
from explorer.records.states import State
from tests.desktop.test_theme import contrast

BOTH = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
EYES = {
    "all colours": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def lab(color: str, eyes: Array) -> Array:
    """CIE L*a*b* of a colour as these eyes see it."""
    rgb = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(eyes @ linear, 0, 1) / WHITE
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: str, other: str, eyes: str = "all colours") -> float:
    """CIE76."""
    return float(np.linalg.norm(lab(one, EYES[eyes]) - lab(other, EYES[eyes])))


@BOTH
@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_a_mark_is_seen_on_its_grounds(tokens: Tokens, kind: EventKind) -> None:
    for ground in ("lane", "panel", "raised", "accent_bg"):
        assert contrast(tokens.events[kind], getattr(tokens, ground)) >= 3.0, ground


@BOTH
@pytest.mark.parametrize("kind", EVENT_KINDS)
@pytest.mark.parametrize(("eyes", "least"), [("all colours", 24), ("deuteranopia", 12), ("protanopia", 12)])
def test_no_mark_passes_for_a_state(tokens: Tokens, kind: EventKind, eyes: str, least: float) -> None:
    bars = [state for state in State if state not in (State.NONE, State.UNKNOWN, State.IDLE)]
    hues = [tokens.states[state].fill for state in bars] + [tokens.accent, tokens.danger]
    assert min(distance(tokens.events[kind], hue, eyes) for hue in hues) >= least


@BOTH
@pytest.mark.parametrize("eyes", EYES)
def test_two_kinds_differ_for_all_eyes(tokens: Tokens, eyes: str) -> None:
    pairs = itertools.combinations(EVENT_KINDS, 2)
    assert min(distance(tokens.events[one], tokens.events[other], eyes) for one, other in pairs) >= 12


def ink(kind: EventKind) -> Array:
    """How much of each pixel of a box a mark covers, as large as in a lane: (11, 11) from 0 to 1."""
    theme = Theme(resources(), "light")
    image = QImage(11, 11, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    draw_mark(painter, theme, QPointF(5.5, 5.5), kind, SIZE)
    painter.end()
    return np.array([[image.pixelColor(x, y).alphaF() for x in range(11)] for y in range(11)])


def test_two_kinds_differ_in_shape(qapp: QApplication) -> None:
    assert set(SHAPES) == set(EventKind)
    inks = {kind: ink(kind) for kind in EVENT_KINDS}
    for one, other in itertools.combinations(EVENT_KINDS, 2):
        assert np.abs(inks[one] - inks[other]).sum() >= 7, f"{one} and {other}"


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_picture_of_a_mark_has_its_colour_in_the_middle(qapp: QApplication, name: str, ratio: float) -> None:
    theme = Theme(resources(), name)
    for kind in EVENT_KINDS:
        picture = mark_picture(theme, kind, ratio)
        assert picture.deviceIndependentSize().width() == pytest.approx(mark_box(theme), abs=0.5)
        middle = picture.width() // 2
        assert picture.toImage().pixelColor(middle, middle) == theme.event_color(kind)
