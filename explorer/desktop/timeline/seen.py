"""What the sampler saw, in one frame of the lanes: gathered once, then painted into bars, strips and the GIL's row."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QPainter

from explorer.analysis.divided import divide
from explorer.analysis.gathered import Gathered, Rows, gather
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.bands import Band, Form
from explorer.desktop.timeline.near import Bars, RowSpans, pixels
from explorer.desktop.timeline.scene import Scene
from explorer.desktop.timeline.selection import span_end
from explorer.desktop.timeline.strip_bars import bars_of, strip_bars
from explorer.desktop.timeline.strips import StripPainter
from explorer.records.states import State

UNDER_CALLS, OVER_ALL = 1, 1_000
"""Places among the layers, of which the probe's depths are the even ones from 0 on."""


class SeenPainter:
    """Paints what the sampler saw in a scene."""

    def __init__(self, theme: Theme, scene: Scene) -> None:
        self._theme = theme
        self._scene = scene
        self._painter = StripPainter(theme)
        self._lanes: list[tuple[Band, RowSpans]] = []
        self._strips: list[tuple[int, Band, RowSpans]] = []
        self._holders: list[tuple[Band, RowSpans]] = []
        self._seen: Gathered | None = None
        self._horizon = 0

    def look(self, bands: Sequence[tuple[Band, RowSpans]], dense: set[int], horizon: int) -> None:
        """Gather what is seen of those `bands` that are not painted as columns (`dense`), up to `horizon` (ns)."""
        self._horizon = horizon
        self._lanes = [(band, row) for band, row in bands if band.form is Form.BARS]
        place = {band.placed.row.strip: index for index, (band, _) in enumerate(self._lanes) if band.placed.row.strip}
        near = [(band, row) for band, row in bands if band.track not in dense]
        self._strips = [(place[band.track], band, row) for band, row in near if band.form is Form.STRIP]
        self._holders = [(band, row) for band, row in near if band.form is Form.HOLDERS]
        self._seen = self._gathered([(index, row) for index, _, row in self._strips]) if self._strips else None

    def divided(self, layers: list[tuple[int, Bars]]) -> list[tuple[int, Bars]]:
        """The layers of bars, with what was seen between and over them; their places are twice their depths."""
        found = [(2 * depth, bars) for depth, bars in layers]
        if self._seen is None:
            return found
        work = self._gathered([(index, self._lanes[index][1]) for index, _, _ in self._strips])
        under, over = divide(work, self._seen)
        view = self._scene.view
        found += [(at, bars_of(view, part)) for at, part in ((UNDER_CALLS, under), (OVER_ALL, over)) if len(part)]
        return sorted(found, key=lambda layer: layer[0])

    def paint(self, painter: QPainter) -> None:
        """The strips, who held the GIL, and a mark around what is chosen of these."""
        scene = self._scene
        if self._seen is not None:
            rooms = np.zeros((len(self._lanes), 2), "<i4")
            for index, band, _ in self._strips:
                rooms[index] = band.top - scene.scroll, band.floor - scene.scroll
            self._painter.strips(painter, strip_bars(scene.view, self._seen), rooms[:, 0], rooms[:, 1], self._share)
        for band, row in self._holders:
            bars = strip_bars(scene.view, self._gathered([(0, row)]))
            self._painter.holders(painter, band, bars, scene.scroll, scene.threads(band.placed.row.group))
        chosen = scene.selection.span
        shown = [band for _, band, _ in self._strips] + [band for band, _ in self._holders]
        for band in shown:
            if chosen is not None and chosen.track == band.track:
                end = span_end(chosen, scene.follow.now)
                left, right = pixels(scene.view, np.array([chosen.start]), np.array([end]))
                self._painter.outline(painter, band, int(left[0]), int(right[0]), scene.scroll)

    def _share(self, state: State) -> float:
        """How much of the lane is mixed into a state: more where something else is selected."""
        dim = self._theme.tokens.dim if self._scene.selection and not self._theme.high_contrast else 0.0
        return max(self._scene.share(state), dim)

    def _gathered(self, rows: Sequence[tuple[int, RowSpans]]) -> Gathered:
        """The outermost spans of these tracks, finished and open."""
        scene, horizon = self._scene, self._horizon
        now = max(scene.follow.now, horizon) if scene.follow.live else scene.follow.now
        wanted = [
            Rows(
                index,
                [piece for depth, pieces in row.depths if not depth for piece in pieces],
                [span for span in scene.open_spans.get(row.track, ()) if not span.depth],
                max(horizon, scene.shown.get((row.track, 0), 0)),
            )
            for index, row in rows
        ]
        return gather(wanted, now)
