"""The transport: in Follow's place while the view replays, and the button that begins a replay beside it before."""

import math
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.axis import decimals
from explorer.desktop.timeline.replay.clock import FASTEST, MILLION, SLOWEST
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.button import Button, ButtonKind, ghost_button
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.number import NumberRange
from explorer.desktop.widgets.paint import text_width
from explorer.desktop.widgets.slider import Slider
from explorer.desktop.words import moment

DECADES: Final = math.log10(FASTEST / SLOWEST)
WIDEST_SPEED: Final = "0.001×"
WIDEST_MOMENT: Final = "88.888888 s"
SLIDER_WIDTH: Final = 96
COMPACT_SLIDER: Final = 48
TO_LINE: Final = "Go to the now-line (End)"
REPLAY: Final = "Replay what is in view, or what is chosen, in slow motion (R)"


class Transport(QWidget):
    """Acts on the player of one view; `follow` is the button whose place it takes."""

    def __init__(self, theme: Theme, view: TimelineView, follow: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = view
        self._player = view.replay
        self._follow = follow
        self._compact = False
        self._shown: bool | None = None
        self.start = Button(theme, "Replay", icon="history", kind=ButtonKind.GHOST, name=REPLAY)
        self.play = Button(theme, "Pause", icon="pause")
        self.back = ghost_button(theme, icon="step-back", name="Previous event (,)")
        self.forth = ghost_button(theme, icon="step-forward", name="Next event (.)")
        self.slider = Slider(theme, NumberRange(0.0, DECADES, 0.01, whole=False), DECADES, name="Speed")
        self.slider.setToolTip("Speed of the replay (< slower, > faster)")
        self.speed = Label(theme, "1×", 13, 600)
        self.time = ghost_button(theme, "0.000 s", name=TO_LINE)
        self.near = ghost_button(theme, icon="crosshair", name=TO_LINE)
        self.loop = Button(theme, icon="repeat", kind=ButtonKind.TOGGLE, name="Begin again at the end of the range")
        self.close_ = Button(theme, "Live", icon="radio")
        self._tools = (self.play, self.back, self.forth, self.slider, self.speed, self.loop, self.close_)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.start, *self._tools[:-2], self.time, self.near, *self._tools[-2:]):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._connect()
        self._restyle()
        theme.changed.connect(self._restyle)
        self._show()

    def set_compact(self, compact: bool) -> None:
        """Without words where an icon does, and without the moment, which the axis shows as well."""
        self._compact = compact
        self.start.set_text("" if compact else "Replay")
        self._restyle()
        self._show()

    def settle(self) -> None:
        """Take the width of what is shown now, not that of what was shown until now."""
        self._row.activate()

    def _connect(self) -> None:
        player = self._player
        self.start.clicked.connect(lambda: player.begin())
        self.play.clicked.connect(lambda: player.toggle())
        self.back.clicked.connect(lambda: player.step(-1))
        self.forth.clicked.connect(lambda: player.step(1))
        self.slider.moved.connect(lambda value: player.set_speed(round(SLOWEST * 10**value)))
        for button in (self.time, self.near):
            button.clicked.connect(lambda: player.show())
        self.loop.clicked.connect(lambda: player.set_loop(self.loop.isChecked()))
        self.close_.clicked.connect(lambda: self._view.toggle_following())
        player.changed.connect(self._show)
        player.moved.connect(self._show_moment)
        self._view.view_changed.connect(self._show_moment)

    def _show(self) -> None:
        player, active = self._player, self._player.active
        if active != self._shown:
            self._shown = active
            focus = QApplication.focusWidget()
            had_focus = focus is not None and self.isAncestorOf(focus)
            self._follow.setVisible(not active)
            self.start.setVisible(not active)
            for tool in self._tools:
                tool.setVisible(active)
            if had_focus:
                (self.play if active else self.start).setFocus(Qt.FocusReason.OtherFocusReason)
        self.loop.setVisible(player.bounded)
        self.time.setVisible(active and not self._compact)
        self.near.setVisible(active and self._compact and not player.bounded)  # there is room for one of the two
        clock = player.clock
        if clock is None:
            return
        playing = player.playing
        words = "" if self._compact else "Pause" if playing else "Play"
        self.play.set_text(words, "pause" if playing else "play")
        self.play.set_name("Pause the replay (P)" if playing else "Play on (P)")
        self.loop.setChecked(clock.loop)
        self.slider.set_number(math.log10(clock.speed / SLOWEST))
        words = f"{clock.speed / MILLION:.2g}×"
        self.slider.setAccessibleDescription(words)
        self.speed.setText(words)
        live = player.live
        self.close_.set_text("Live" if live else "Close", "radio" if live else "x")
        self.close_.set_name("End the replay and follow the run (F)" if live else "End the replay (F)")
        self._show_moment()

    def _show_moment(self) -> None:
        clock, scene = self._player.clock, self._view.scene
        if clock is not None:
            self.time.set_text(moment(clock.moment - scene.origin, decimals(scene.view.ns_per_px)))

    def _restyle(self) -> None:
        # What stands behind them must not move while the figures change.
        self.speed.setFixedWidth(round(text_width(self._theme.font(13, 600), WIDEST_SPEED)) + 6)
        self.time.setFixedWidth(self.time.width_for(WIDEST_MOMENT))
        shown = ("",) if self._compact else ("Play", "Pause")
        self.play.setFixedWidth(max(self.play.width_for(words) for words in shown))
        self.slider.setFixedWidth(self._theme.px(COMPACT_SLIDER if self._compact else SLIDER_WIDTH))
