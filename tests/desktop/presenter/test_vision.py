"""What a slide says reaches eyes without hues and rooms that are too bright."""

import itertools

import numpy as np
import pytest

from explorer.records.states import State
from explorer.tokens import DARK, LIGHT, Tokens
from tests.vision import VIEWERS, Image, contrast

SHOWN = [
    State.RUNNING, State.RUNNABLE, State.WAITING_GIL, State.WAITING_LOCK, State.BLOCKED, State.QUEUED, State.AWAITING,
]  # fmt: skip
HATCHED = (State.WAITING_GIL, State.WAITING_LOCK)
"""These have their pattern on every slide."""
BOTH = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda one: one.name)


def rgb(color: str) -> Image:
    return np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def ground(tokens: Tokens) -> Image:
    return rgb(tokens.bg) if tokens is DARK else np.ones(3)


@BOTH
@pytest.mark.parametrize("viewer", ["as designed", "greyscale", "deuteranopia"])
@pytest.mark.parametrize("state", SHOWN, ids=lambda one: one.name)
def test_every_bar_is_told_from_the_ground(tokens: Tokens, viewer: str, state: State) -> None:
    look = tokens.states[state]
    assert contrast(VIEWERS[viewer](rgb(look.edge or look.fill)), VIEWERS[viewer](ground(tokens))) >= 2.9


@BOTH
def test_words_the_pen_and_the_bars_survive_a_washed_out_projector(tokens: Tokens) -> None:
    see, white = VIEWERS["washed out"], ground(tokens)
    most = contrast(see(np.zeros(3)), see(np.ones(3)))
    assert most < 4, "this room is bright"
    assert contrast(see(rgb(tokens.text)), see(white)) >= 0.8 * most
    assert contrast(see(rgb(tokens.text2)), see(white)) >= 0.6 * most
    assert contrast(see(rgb(tokens.pen)), see(white)) >= 0.5 * most
    for state in SHOWN:
        look = tokens.states[state]
        assert contrast(see(rgb(look.edge or look.fill)), see(white)) >= 1.3, state


@BOTH
@pytest.mark.parametrize("viewer", ["greyscale", "deuteranopia"])
def test_two_states_are_never_told_apart_by_their_hue_alone(tokens: Tokens, viewer: str) -> None:
    for one, other in itertools.combinations(SHOWN, 2):
        looks = tokens.states[one], tokens.states[other]
        apart = contrast(*(VIEWERS[viewer](rgb(look.fill)) for look in looks)) >= 1.25
        height = abs(looks[0].height - looks[1].height) >= 0.1
        assert apart or height or (one in HATCHED) != (other in HATCHED), (one, other)
