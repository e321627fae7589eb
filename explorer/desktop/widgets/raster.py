"""Lines, areas and dots of a chart as arrays of coverage: NumPy where QPainter would take many times as long.

Qt strokes a line wider than a pixel by outlining it as a polygon, which for the 600 noisy samples of a minute costs
3 ms a repaint, for each of five charts, ten times a second. Here each pixel column gets the span of heights that the
line passes in it, and each pixel the part of it that lies in that span: a fifth of the time, and the same to the eye.

All coordinates are pixels, y down; a result has the shape (height, width) and values 0..1.
"""

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

Floats = npt.NDArray[np.float64]

DOTS_MOST = 20_000
"""More dots than this are thinned out evenly: at a few on every pixel no eye sees the difference."""


def line_spans(xs: Floats, ys: Floats, width: int) -> tuple[Floats, Floats]:
    """The lowest and the highest y that the line through (xs, ys) passes in each pixel column; NaN where there is none.

    `xs` ascend. A y that is NaN breaks the line; a point between two of them is a dot. A peak narrower than a column
    is kept; neighbouring columns of an unbroken line always touch.
    """
    low, high = np.full(width, np.nan), np.full(width, np.nan)
    known = np.flatnonzero(np.isfinite(ys))
    if not len(known):
        return low, high
    unbroken = np.append(np.diff(known) == 1, False)
    xs, ys = xs[known], ys[known]
    grid = np.arange(width + 1)
    edges = np.interp(grid, xs, ys)
    before = np.searchsorted(xs, grid, side="right") - 1
    on_line = (before >= 0) & (unbroken[before] | (xs[before] == grid))
    edges[~on_line] = np.nan
    np.fmin(edges[:-1], edges[1:], out=low)
    np.fmax(edges[:-1], edges[1:], out=high)
    columns = np.floor(xs).astype(np.int64)
    inside = (columns >= 0) & (columns < width)
    np.fmin.at(low, columns[inside], ys[inside])
    np.fmax.at(high, columns[inside], ys[inside])
    return low, high


def line_coverage(low: Floats, high: Floats, thickness: float, height: int) -> Floats:
    """How much of each pixel a line of this thickness covers, given its spans."""
    rows = np.arange(height, dtype=np.float64)[:, None]
    covered = np.minimum(rows + 1, high + thickness / 2) - np.maximum(rows, low - thickness / 2)
    result: Floats = np.nan_to_num(np.clip(covered, 0.0, 1.0))
    return result


def area_coverage(low: Floats, high: Floats, floor: float, height: int) -> Floats:
    """How much of each pixel lies between the middle of the line's spans and the floor."""
    rows = np.arange(height, dtype=np.float64)[:, None]
    covered = np.minimum(rows + 1, floor) - np.maximum(rows, (low + high) / 2)
    result: Floats = np.nan_to_num(np.clip(covered, 0.0, 1.0))
    return result


def over(upper: Floats, lower: Floats) -> Floats:
    """Coverage of both, the upper painted over the lower in the same colour."""
    return upper + lower * (1.0 - upper)


def dots_coverage(xs: Floats, ys: Floats, radius: float, alpha: float, width: int, height: int) -> Floats:
    """Discs of `radius` and opacity `alpha` around the points; where they overlap they add up as painted ones would."""
    weight = 1.0
    if len(xs) > DOTS_MOST:
        step = -(-len(xs) // DOTS_MOST)
        xs, ys, weight = xs[::step], ys[::step], float(step)
    columns, rows = np.floor(xs).astype(np.int64), np.floor(ys).astype(np.int64)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    count = np.bincount(rows[inside] * width + columns[inside], minlength=width * height)
    disc = _disc(radius)
    reach = len(disc) // 2
    # Opacities multiply, so their logarithms add: one sum instead of one blend for each dot.
    thickness = np.zeros((height + 2 * reach, width + 2 * reach))
    once = count.reshape(height, width) * weight
    for row, column in zip(*np.nonzero(disc), strict=True):
        opacity = min(0.999, alpha * float(disc[row, column]))
        thickness[row : row + height, column : column + width] -= np.log1p(-opacity) * once
    seen = thickness[reach : reach + height, reach : reach + width]
    result: Floats = np.subtract(1.0, np.exp(-seen))
    return result


def image(coverage: Floats, color: QColor) -> QImage:
    """A picture of one colour with this coverage; it owns its pixels."""
    alpha = np.rint(coverage * color.alpha()).astype(np.uint32)
    # Premultiplied, as Qt blends that fastest: each channel is already weighted with alpha.
    red, green, blue = ((alpha * part + 127) // 255 for part in (color.red(), color.green(), color.blue()))
    pixels = np.ascontiguousarray(alpha << 24 | red << 16 | green << 8 | blue, np.uint32)
    height, width = pixels.shape
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()


def _disc(radius: float) -> Floats:
    reach = int(np.ceil(radius))
    offsets = np.arange(-reach, reach + 1, dtype=np.float64)
    distance = np.hypot(offsets[:, None], offsets[None, :])
    covered: Floats = np.clip(radius + 0.5 - distance, 0.0, 1.0)
    return covered
