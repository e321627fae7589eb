"""Where the panels stand in each size class, and which of them are shown.

Wide (from 1,500 px): setup left, inspector right and the events below it. Compact (from 1,100): the inspector lies at
the bottom, and the list of events, higher, in its place. Narrow: the setup shrinks to a rail of numbers and opens over
the lanes, and only the most telling charts are left.
"""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.panels.events import EventsPanel
from explorer.desktop.panels.inspector import Inspector
from explorer.desktop.panels.metrics import MetricStrip
from explorer.desktop.panels.rail import Rail
from explorer.desktop.panels.setup import SetupPanel
from explorer.desktop.panels.status_bar import StatusBar
from explorer.desktop.panels.top_bar import TopBar
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.tools import TimelineTools
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.heading import Divider

WIDE_FROM: Final = 1500
COMPACT_FROM: Final = 1100
SETUP_WIDTH: Final = {"wide": 328, "compact": 276, "narrow": 300}
HEADER_WIDTH: Final = {"wide": 196, "compact": 150, "narrow": 120}
INSPECTOR_WIDTH: Final = 356
INSPECTOR_HEIGHT: Final = 108
EVENTS_HEIGHT: Final = 204
EVENTS_SHARE: Final = 0.3
"""Of the window's height at most, so that a low window keeps its lanes."""
BRAND_NARROW: Final = 48
"""As wide as the rail of numbers."""
LOW: Final = 400
"""A window lower than this (times the scale) leaves the charts away, or there would be no room for lanes."""
UNBOUNDED: Final = 16_777_215


def size_class(width: float) -> str:
    """`wide`, `compact` or `narrow` for a window of `width` device-independent pixels."""
    return "wide" if width >= WIDE_FROM else "compact" if width >= COMPACT_FROM else "narrow"


class Arrangement(QWidget):
    """The body of the window. `question_asked(number)` follows the rail, `changed` whatever is shown or hidden."""

    question_asked = Signal(int)
    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        state: WindowState,
        top: TopBar,
        setup: SetupPanel,
        places: QWidget,
        messages: QWidget,
        inspector: Inspector,
        events: EventsPanel,
        status: StatusBar,
        lanes: tuple[MetricStrip, TimelineTools, TimelineView],
    ) -> None:
        super().__init__()
        self._theme = theme
        self._state = state
        self._top, self._setup, self._inspector, self._status = top, setup, inspector, status
        self._events = events
        self._metrics, self._tools, self._timeline = lanes
        self._class = ""
        self._with_lanes = False
        self._presenting = False
        self._low = self._charts_though_low = False
        self._rail = Rail(theme)
        self._rail.asked.connect(self.question_asked)
        self._bottom = _panel(Divider(theme), vertical=True)
        self._right = _panel(Divider(theme, vertical=True), vertical=False)
        self._between = Divider(theme)
        self._about = _panel(inspector, self._between, events, vertical=True)
        for at in (0, 2):
            about = self._about.layout()
            assert isinstance(about, QBoxLayout)
            about.setStretch(at, 1)
        self._left = _panel(setup, Divider(theme, vertical=True), vertical=False)
        self._over = _panel(Divider(theme, vertical=True), vertical=False)
        self._over.setParent(self)
        self._over.setAutoFillBackground(True)
        self._over.hide()
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(messages)
        middle.addWidget(places, 1)
        middle.addWidget(self._bottom)
        self._across = QWidget()
        across = QHBoxLayout(self._across)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._rail)
        across.addWidget(self._left)
        across.addLayout(middle, 1)
        across.addWidget(self._right)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(top)
        whole.addWidget(Divider(theme))
        whole.addWidget(self._across, 1)
        whole.addWidget(Divider(theme))
        whole.addWidget(status)
        self._across.installEventFilter(self)

    def arrange(self, width: int, *, anew: bool = False) -> None:
        """Stand as a window of `width` pixels asks for; `anew` after a change of scale."""
        wanted = size_class(width / self._theme.scale)
        if wanted == self._class and not anew:
            return
        self._class = wanted
        wide, narrow, px = wanted == "wide", wanted == "narrow", self._theme.px
        parts = (self._top, self._setup, self._metrics, self._tools, self._inspector, self._events, self._status)
        for part in parts:
            part.set_compact(not wide)
        self._metrics.set_narrow(narrow)
        self._status.set_narrow(narrow)
        self._top.set_narrow(narrow)
        self._timeline.set_header_width(HEADER_WIDTH[wanted])
        self._left.setFixedWidth(px(SETUP_WIDTH[wanted]) + 1)
        self._top.set_setup_width(px(BRAND_NARROW if narrow else SETUP_WIDTH[wanted]))
        _move(self._setup, self._over if narrow else self._left, 0)
        _move(self._about, self._right if wide else self._bottom, 1)
        self._about.setMinimumWidth(px(INSPECTOR_WIDTH) if wide else 0)
        self._about.setMaximumWidth(px(INSPECTOR_WIDTH) if wide else UNBOUNDED)
        self._show()

    def show_lanes(self, shown: bool) -> None:
        """Say whether there are lanes: without them there is nothing to inspect."""
        self._with_lanes = shown
        self._show()

    def present(self, on: bool) -> None:
        """Hide the setup for as long as the window is presented, in whatever size class."""
        self._presenting = on
        self._show()

    def is_shown(self, part: str) -> bool:
        """Whether `setup`, `metrics`, `inspector` or `events` is shown in the present size class."""
        shown = self._state.shown(self._class)
        if part == "metrics" and self._low:
            return self._charts_though_low
        hidden = part == "inspector" and self._class != "wide" and shown["events"]
        return shown[part] and not hidden

    def toggle(self, part: str) -> None:
        """Show or hide one of them, in this size class."""
        if part == "setup" and self._presenting:
            self.present(False)
            return
        shown = self._state.shown(self._class)
        if part == "metrics" and self._low:
            self._charts_though_low = not self._charts_though_low
        elif part == "inspector" and self._class != "wide" and shown["events"]:
            # The list of events is in its place: whoever asks for the inspector wants to see it.
            shown["events"], shown["inspector"] = False, True
        else:
            self._state.toggle(self._class, part)
        self._show()

    def close_over(self) -> bool:
        """Close the setup that lies over the lanes of a narrow window; False if none does."""
        if not self._over.isVisible():
            return False
        self.toggle("setup")
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the setup that lies over the lanes as high as they are, and the list of events in proportion."""
        if event.type() == QEvent.Type.Resize:
            if self._low != self._is_low():
                self._show()
            self._place_over()
            self._size_about()
        return super().eventFilter(watched, event)

    def _is_low(self) -> bool:
        return self.height() < self._theme.px(LOW)

    def _show(self) -> None:
        self._low = self._is_low()
        narrow, wide = self._class == "narrow", self._class == "wide"
        setup = self.is_shown("setup") and not self._presenting
        self._rail.setVisible(narrow)
        self._left.setVisible(setup and not narrow)
        self._over.setVisible(setup and narrow)
        self._metrics.setVisible(self.is_shown("metrics"))
        inspector = self.is_shown("inspector") and self._with_lanes
        events = self.is_shown("events") and self._with_lanes
        self._inspector.setVisible(inspector)
        self._events.setVisible(events)
        self._between.setVisible(inspector and events)
        self._right.setVisible((inspector or events) and wide)
        self._bottom.setVisible((inspector or events) and not wide)
        self._size_about()
        self._place_over()
        self.changed.emit()

    def make_room(self) -> None:
        """The inspector has a page that wants to be seen and to be higher, or has it no more."""
        if self._inspector.shown_instead is not None and not self.is_shown("inspector"):
            self.toggle("inspector")
        self._size_about()

    def _size_about(self) -> None:
        """Inspector and events share the height at the right; at the bottom they are as high as they must be."""
        wide, px = self._class == "wide", self._theme.px
        higher = min(px(EVENTS_HEIGHT), round(self.height() * EVENTS_SHARE))
        for panel, height in (
            (self._inspector, px(INSPECTOR_HEIGHT) if self._inspector.shown_instead is None else higher),
            (self._events, higher),
        ):
            panel.setMinimumHeight(0 if wide else height)
            panel.setMaximumHeight(UNBOUNDED if wide else height)

    def _place_over(self) -> None:
        left = self._rail.width() if self._rail.isVisible() else 0
        self._over.setGeometry(left, self._across.y(), self._theme.px(SETUP_WIDTH["narrow"]) + 1, self._across.height())
        self._over.raise_()


def _move(widget: QWidget, panel: QWidget, place: int) -> None:
    layout = panel.layout()
    assert isinstance(layout, QBoxLayout)
    if layout.indexOf(widget) < 0:
        layout.insertWidget(place, widget)
        widget.show()


def _panel(*widgets: QWidget, vertical: bool) -> QWidget:
    panel = QWidget()
    layout = QVBoxLayout(panel) if vertical else QHBoxLayout(panel)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in widgets:
        layout.addWidget(widget)
    return panel
