"""The page's colours: every pair that is used together has the contrast that WCAG AA asks for, in both schemes."""

import re

import pytest

from explorer.paths import resources

TEXT, LARGE_OR_SHAPE = 4.5, 3.0
PAIRS = [
    *[(ink, ground, TEXT) for ink in ("text", "muted", "faint") for ground in ("bg", "surface")],
    ("accent", "soft", TEXT), ("muted", "soft", TEXT), ("on-badge", "badge", TEXT), ("white", "fill", TEXT),
    ("accent", "bg", LARGE_OR_SHAPE), ("line2", "bg", LARGE_OR_SHAPE), ("good", "bg", LARGE_OR_SHAPE),
    ("warn", "surface", LARGE_OR_SHAPE), ("warn", "bg", LARGE_OR_SHAPE), ("faint", "bg", LARGE_OR_SHAPE),
    ("queued-edge", "bg", LARGE_OR_SHAPE), ("gil-edge", "bg", LARGE_OR_SHAPE), ("await-edge", "bg", LARGE_OR_SHAPE),
]  # fmt: skip


def schemes() -> dict[str, dict[str, str]]:
    text = (resources() / "audience" / "page.css").read_text()
    roots = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6})", root)) for root in roots)
    assert light.keys() == dark.keys()
    return {"light": light | {"white": "#FFFFFF"}, "dark": dark | {"white": "#FFFFFF"}}


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(scheme: str) -> None:
    colours = schemes()[scheme]
    for ink, ground, least in PAIRS:
        low, high = sorted((luminance(colours[ink]), luminance(colours[ground])))
        assert (high + 0.05) / (low + 0.05) >= least, (ink, ground)
