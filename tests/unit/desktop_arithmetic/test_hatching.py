"""Patterns in the far view: each state's own, on its pixels only, in place when the view pans."""

import numpy as np
import pytest

from explorer.desktop.timeline.hatching import CELL, hatch, mask
from explorer.records.states import State
from explorer.tokens import DARK, Pattern

PALETTE = np.array([0xFF101317, *(0xFF000000 | 0x111111 * n for n in range(1, 10))], "<u4")


@pytest.mark.parametrize("pattern", list(Pattern))
def test_a_pattern_is_anchored_to_absolute_columns(pattern: Pattern) -> None:
    whole = mask(pattern, 24, 60, 0)
    assert np.array_equal(whole[:, 13:40], mask(pattern, 24, 27, 13))
    share = whole.mean()
    assert share == 0 if pattern is Pattern.PLAIN else 0.05 < share < 0.5


def test_patterns_differ_from_one_another() -> None:
    masks = [mask(pattern, 2 * CELL, 2 * CELL, 0).tobytes() for pattern in Pattern]
    assert len(set(masks)) == len(masks)


def test_only_a_states_own_pixels_are_hatched() -> None:
    picture = np.full((1, 12, 24), PALETTE[State.BLOCKED], "<u4")
    picture[:, :6] = PALETTE[State.RUNNING]
    picture[:, :, :6] = PALETTE[State.NONE]
    before = picture.copy()
    hatch(picture, PALETTE, ((State.BLOCKED, Pattern.VERTICAL),), 0)
    changed = picture != before
    blocked = before == PALETTE[State.BLOCKED]
    assert np.array_equal(changed, blocked & mask(Pattern.VERTICAL, 12, 24, 0)[None])
    ink = int(picture[changed][0])
    assert all(min(0x10, 0x55) <= ink >> shift & 0xFF <= 0x55 for shift in (0, 8, 16))


def test_states_that_look_alike_in_hue_differ_in_pattern_or_height() -> None:
    looks = [(look.pattern, look.height) for look in DARK.states.values()]
    assert len(set(looks)) == len(looks)
