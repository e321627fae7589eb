"""Who serves the run on the screen, beside the lanes: the model's picture, its name and its first knob.

It belongs to the run, not to the setup: what is chosen after a run has ended does not rename its lanes, and it is still
there when the setup is closed or the window is presented.
"""

from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.catalog import Feature
from explorer.desktop.control import Control
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, draw_text, text_width
from explorer.desktop.widgets.picture import draw_picture
from explorer.options import Knobs, extra

PICTURE: Final = QSize(36, 24)
GAP: Final = 8
OF_THE_RUN: Final = ("starting", "running", "viewing")
"""States in which the scenario is that of the run on the screen."""


class ServedBy(QWidget):
    """Shows the model of the run."""

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._control = control
        self._feature: Feature | None = None
        self._note = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        control.run_began.connect(self._show_model)
        control.state_changed.connect(self._follow)
        control.scenario_changed.connect(self._follow)
        theme.changed.connect(self._restyle)

    def words(self) -> str:
        """What it says: "Prefork, 2 workers"."""
        title = self._feature.title if self._feature is not None else ""
        return f"{title}, {self._note}" if self._note else title

    def sizeHint(self) -> QSize:
        """Picture and words."""
        if self._feature is None:
            return QSize(0, self._theme.px(28))
        theme, title = self._theme, self._feature.title
        wide = text_width(theme.font(13, 600), title) + theme.px(PICTURE.width() + GAP)
        if self._note:
            wide += theme.px(GAP) + text_width(theme.font(12), self._note)
        return QSize(round(wide) + theme.px(2 * GAP), theme.px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture, title, knob."""
        if self._feature is None:
            return
        theme, painter = self._theme, QPainter(self)
        wide, high = theme.px(PICTURE.width()), theme.px(PICTURE.height())
        draw_picture(painter, theme, QRectF(0, (self.height() - high) / 2, wide, high), self._feature.picture)
        left = float(wide + theme.px(GAP))
        font = theme.font(13, 600)
        room = QRectF(left, 0, self.width() - left, self.height())
        draw_text(painter, room, self._feature.title, font, theme.color("text"), LEFT)
        room.setLeft(left + text_width(font, self._feature.title) + theme.px(GAP))
        draw_text(painter, room, self._note, theme.font(12), theme.color("text2"), LEFT)
        painter.end()

    def _follow(self) -> None:
        if self._control.state in OF_THE_RUN:
            self._show_model()

    def _show_model(self) -> None:
        if self._control.elsewhere:
            self._show_nobody()
            return
        chosen = self._control.scenario.model
        feature = self._control.catalog.get("model", chosen.id)
        self._feature, self._note = feature, first_knob(chosen.knobs)
        self.setAccessibleName(f"Served by: {self.words()}")
        self.setToolTip(feature.summary)
        self._restyle()

    def _show_nobody(self) -> None:
        """A trace made elsewhere was served by nobody that is known."""
        self._feature, self._note = None, ""
        self.setAccessibleName("")
        self.setToolTip("")
        self._restyle()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


def first_knob(knobs: Knobs) -> str:
    """The first number with a unit, called after its knob: "2 workers"; nothing if there is none."""
    for key, field in type(knobs).model_fields.items():
        if extra(field, "unit") and not extra(field, "advanced"):
            return f"{getattr(knobs, key):,} {(field.title or key).lower()}"
    return ""
