"""How a picture reaches other eyes: in greyscale, with deuteranopia, from a projector washed out by a bright room.

Pictures are (height, width, 3) of floats from 0 to 1, in sRGB. As a program it puts them side by side, to be looked at:

python -m tests.vision SHEET.png SLIDE.png…
"""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

Image = np.ndarray[Any, np.dtype[np.float64]]

LUMINANCE: Final = np.array([0.2126, 0.7152, 0.0722])
DEUTERANOPIA: Final = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
"""Machado, Oliveira and Fernandes (2009), severity 1.0, on linear light."""
SLOPE, LIFT = 0.45, 0.50
"""A bright room: black is lifted to half, white is a little less, which leaves a contrast of about 3.6:1."""


def linear(image: Image) -> Image:
    """Light of sRGB values."""
    return np.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)


def encoded(light: Image) -> Image:
    """The sRGB values of light."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def greyscale(image: Image) -> Image:
    """Without any hue."""
    return encoded((linear(image) @ LUMINANCE)[..., None].repeat(3, -1))


def deuteranopia(image: Image) -> Image:
    """For eyes without the middle cones, the most frequent colour blindness."""
    return encoded(linear(image) @ DEUTERANOPIA.T)


def washed_out(image: Image) -> Image:
    """By a weak projector in a bright room."""
    return np.clip(image * SLOPE + LIFT, 0, 1)


VIEWERS: Final[Mapping[str, Callable[[Image], Image]]] = {
    "as designed": lambda image: image,
    "greyscale": greyscale,
    "deuteranopia": deuteranopia,
    "washed out": washed_out,
}


def contrast(one: Image, other: Image) -> float:
    """The contrast of two colours as WCAG counts it, 1 to 21."""
    low, high = sorted((float(linear(one) @ LUMINANCE), float(linear(other) @ LUMINANCE)))
    return (high + 0.05) / (low + 0.05)


def main(sheet: str, slides: list[str]) -> None:
    """Write a sheet with a line for each slide and a column for each viewer."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QImage

    lines = []
    for slide in slides:
        made = QImage(slide).scaled(960, 540).convertToFormat(QImage.Format.Format_RGB888)
        flat = np.frombuffer(made.constBits(), np.uint8).reshape(540, made.bytesPerLine())[:, : 960 * 3]
        image = flat.reshape(540, 960, 3) / 255.0
        lines.append(np.concatenate([see(image) for see in VIEWERS.values()], axis=1))
    whole = np.ascontiguousarray((np.concatenate(lines) * 255 + 0.5).astype(np.uint8))
    height, width, _ = whole.shape
    QImage(whole.tobytes(), width, height, width * 3, QImage.Format.Format_RGB888).save(sheet)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
