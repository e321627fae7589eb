"""What the inspector says of one request below its parts: why it was so slow, its way, its place among all, and what
can be done with it.
"""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.analysis.critical_path import CriticalPath, latencies_like
from explorer.desktop.control import Control
from explorer.desktop.panels.request.advice import Advice, Change, advice
from explorer.desktop.panels.request.path_words import as_text, path_parts, steps
from explorer.desktop.panels.request.place_chart import PlaceChart
from explorer.desktop.panels.request.way_list import WayList
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.desktop.widgets.paint import draw_box
from explorer.desktop.widgets.stacked_bar import shares


class RequestPage(QWidget):
    """Shows one `CriticalPath`. Signals: `step_asked(Step)`, `change_asked(Change)`, `zoom_asked`, `source_asked`."""

    step_asked = Signal(object)
    change_asked = Signal(object)
    zoom_asked = Signal()
    source_asked = Signal()

    def __init__(
        self, theme: Theme, control: Control, lane_title: Callable[[int], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._control = control
        self._lane_title = lane_title
        self._path: CriticalPath | None = None
        self._heading = ("", "")
        self.why = WhyBox(theme)
        self.way = WayList(theme)
        self.chart = PlaceChart(theme)
        self._place = Label(theme, "", 12, color="text2")
        self.zoom = Button(theme, "Zoom", icon="crosshair", shortcut="Z")
        self.copy = Button(theme, "Copy", icon="copy", name="Copy this request as text")
        self.source = Button(theme, "Source", icon="code", name="Source of the handler")
        self.why.change_asked.connect(self.change_asked)
        self.way.step_asked.connect(self.step_asked)
        self.zoom.clicked.connect(self.zoom_asked)
        self.source.clicked.connect(self.source_asked)
        self.copy.clicked.connect(self._copy)
        place = QHBoxLayout()
        place.addWidget(Label(theme, "Among all requests", 12, 500, "text2"), 1)
        place.addWidget(self._place)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.zoom, self.copy, self.source):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.why)
        column.addSpacing(4)
        column.addWidget(Label(theme, "Its way", 12, 500, "text2"))
        column.addWidget(self.way)
        column.addSpacing(4)
        column.addLayout(place)
        column.addWidget(self.chart)
        column.addSpacing(2)
        column.addLayout(buttons)

    @property
    def text(self) -> str:
        """What Copy copies."""
        path = self._path
        if path is None:
            return ""
        store = self._control.store
        return as_text(*self._heading, path, path_parts(path, store), list(self.way.steps), self.why.sentence)

    def show_path(self, path: CriticalPath, title: str, result: str) -> None:
        """Show this request; `title` is its route, `result` how it was answered."""
        store = self._control.store
        known = self._path is not None and self._path == path
        self._path, self._heading = path, (title, result)
        self.way.show_steps(steps(path, store, self._lane_title), path.start)
        parts = path_parts(path, store)
        # Of a request in which no part is long enough to be listed there is nothing to say.
        told = parts[0].state is not None
        found = advice(path, shares(parts)[0], self._control.scenario, self._control.catalog) if told else None
        self.why.show_advice(found)
        if known:
            return  # its place among a million others need not be counted each second
        others = latencies_like(store, path)
        if len(others):
            self._place.setText(self.chart.show_place(others, path.total))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)


class WhyBox(QWidget):
    """ "Why so slow?", a sentence or two, and at most one thing to try."""

    change_asked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._change: Change | None = None
        self._words = Label(theme, "", 12, color="text2", wrap=True)
        self.button = Button(theme, "Try", icon="arrow-right")
        self.button.clicked.connect(lambda: self.change_asked.emit(self._change))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(IconLabel(theme, "info", 14, "accent"))
        head.addWidget(Label(theme, "Why so slow?", 13, 600), 1)
        line = QHBoxLayout()
        line.addWidget(self.button)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self._words)
        column.addLayout(line)
        theme.changed.connect(self.update)

    @property
    def sentence(self) -> str:
        """What is said."""
        return self._words.text()

    def show_advice(self, found: Advice | None) -> None:
        """Say this; None hides the box."""
        self.setVisible(found is not None)
        if found is None:
            return
        self._words.setText(found.sentence)
        self._change = found.change
        self.button.setVisible(found.change is not None)
        if found.change is not None:
            self.button.set_text(found.change.words)
        self.setAccessibleName(f"Why so slow? {found.sentence}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground."""
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 8, self._theme.color("accent_bg"))
        painter.end()
