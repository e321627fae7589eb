"""A finished duel: head, lanes with their tools, latency dots; at the right table, cause and what to do next."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.duel.difference import rows_of
from explorer.desktop.duel.dots import LatencyDots
from explorer.desktop.duel.heading import DuelHeading
from explorer.desktop.duel.lanes import DuelLanes
from explorer.desktop.duel.shown import Shown
from explorer.desktop.duel.states import StateKey
from explorer.desktop.duel.table import DifferenceTable
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ghost_button
from explorer.desktop.widgets.heading import Divider
from explorer.desktop.widgets.label import ElidedLabel, IconLabel, Label
from explorer.desktop.widgets.paint import text_width
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.widgets.segmented import SegmentedControl
from explorer.desktop.words import duration
from explorer.session.duel_table import table

RIGHT: Final = 436
RIGHT_COMPACT: Final = 326
TOOLS: Final = 42
TOOLS_COMPACT: Final = 36
ALIGNMENTS: Final = (("time", "Align on time"), ("request", "Align on request"))


class DuelResult(QWidget):
    """Shows one duel. `add_asked` follows Add a run; `copied` says that the table lies on the clipboard."""

    add_asked = Signal()
    copied = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._duel: Shown | None = None
        self._compact = False
        self.heading = DuelHeading(theme)
        self.lanes = DuelLanes(theme)
        self.dots = LatencyDots(theme)
        self.table = DifferenceTable(theme)
        self.align = SegmentedControl(theme, ALIGNMENTS, name="How the runs lie above one another")
        self.key = StateKey(theme)
        self._length = Label(theme, "", 13, 600)
        self._length.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._length.setAccessibleName("Time across the lanes")
        self._closer = ghost_button(theme, icon="plus", name="Zoom in (W)")
        self._further = ghost_button(theme, icon="minus", name="Zoom out (S)")
        self._fit = ghost_button(theme, "Fit", icon="maximize")
        self._since = ElidedLabel(theme, "", 12, color="text3")
        self._tools = self._make_tools()
        self._cause = Label(theme, "The cause is in the marked row.", 13, 600)
        self._cause_words = Label(theme, "", 12, color="text2", wrap=True)
        self._add = Button(theme, "Add a run", icon="plus", height=30)
        self._copy = Button(theme, "Copy", icon="copy", height=30)
        self._copy.setToolTip("Copies verdict, cause and table as text.")
        self._side = self._make_side()
        self._lay_out()
        self.align.chosen.connect(lambda which: self._align(which == "request"))
        self._closer.clicked.connect(lambda: self.lanes.zoom(True))
        self._further.clicked.connect(lambda: self.lanes.zoom(False))
        self._fit.clicked.connect(lambda: self.lanes.fit())
        self._add.clicked.connect(lambda: self.add_asked.emit())
        self._copy.clicked.connect(lambda: self._copy_table())
        self.lanes.length_changed.connect(lambda length: self._length.setText(duration(length)))
        self.lanes.states_met.connect(self.key.set_states)
        self.lanes.selected.connect(self._selected)
        self.dots.chosen.connect(self.lanes.select)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def duel(self) -> Shown | None:
        """What is shown."""
        return self._duel

    def show_duel(self, duel: Shown, same: str) -> None:
        """Show a duel; `same` is what its scenarios have in common."""
        self._duel = duel
        self.align.set_current("time")
        self.heading.show_duel(duel, same)
        self.lanes.show_duel(duel)
        self.dots.show_lanes(duel.lanes)
        told, cause = duel.told, str(duel.told.get("cause_figure") or "")
        self.table.show_rows(rows_of(told, cause), [lane.badge for lane in duel.lanes], cause)
        for widget in (self._cause, self._icon):
            widget.setVisible(bool(cause))
        self._cause_words.setText(told["cause"] if cause else told["load"]["sentence"])
        self._add.setEnabled(len(duel.lanes) < 4)
        self.key.set_states(frozenset().union(*(view.scene.offered for view in self.lanes.views)))

    def note_saved(self, duel: Shown) -> bool:
        """The same duel lies in another folder now; False if another one is shown."""
        if self._duel is None or self._duel.told is not duel.told:
            return False
        self._duel = duel
        return True

    def set_compact(self, compact: bool, low: bool, header: int) -> None:
        """Stand as a window below 1,500 px asks for; `low`: it has no room for the dots. `header` is in px."""
        self._compact = compact
        self.heading.set_compact(compact)
        self.table.set_compact(compact)
        self.lanes.set_compact(compact, header)
        self.key.set_compact(compact)
        self.dots.setVisible(not low)
        self._since.setVisible(not compact)
        self._cause_words.setVisible(not compact)  # the head says the same
        self._restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surface."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        painter.end()

    def _align(self, on_request: bool) -> None:
        self.lanes.align(on_request)
        self._selected(self.lanes.number)

    def _selected(self, number: int) -> None:
        self.dots.select(number)
        on_request = self.lanes.on_request and number
        self._since.set_text(
            f"Time since request {number:,} was to be sent" if on_request else "Time since the first send"
        )

    def _copy_table(self) -> None:
        if self._duel is not None:
            QGuiApplication.clipboard().setText(table(self._duel.told))
            self.copied.emit()

    def _make_tools(self) -> QWidget:
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self.align)
        row.addSpacing(10)
        for widget in (self._further, self._length, self._closer):
            row.addWidget(widget)
        row.addSpacing(6)
        row.addWidget(self._fit)
        row.addSpacing(10)
        row.addWidget(self._since, 1)
        row.addWidget(self.key)
        return tools

    def _make_side(self) -> QWidget:
        theme = self._theme
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(8)
        column.addWidget(self.table)
        self._icon = IconLabel(theme, "info", 16, "accent")
        head = QHBoxLayout()
        head.setContentsMargins(16, 4, 16, 0)
        head.setSpacing(8)
        head.addWidget(self._icon)
        head.addWidget(self._cause, 1)
        column.addLayout(head)
        words = QHBoxLayout()
        words.setContentsMargins(16, 0, 16, 0)
        words.addWidget(self._cause_words)
        column.addLayout(words)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(16, 2, 16, 0)
        buttons.setSpacing(8)
        buttons.addWidget(self._add)
        buttons.addWidget(self._copy)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addStretch(1)
        return ScrollArea(inside)

    def _lay_out(self) -> None:
        theme = self._theme
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self._tools)
        left.addWidget(Divider(theme))
        left.addWidget(self.lanes, 1)
        left.addWidget(self.dots)
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addLayout(left, 1)
        across.addWidget(Divider(theme, vertical=True))
        across.addWidget(self._side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heading)
        column.addWidget(Divider(theme))
        column.addLayout(across, 1)

    def _restyle(self) -> None:
        px = self._theme.px
        self._side.setFixedWidth(px(RIGHT_COMPACT if self._compact else RIGHT))
        self._tools.setFixedHeight(px(TOOLS_COMPACT if self._compact else TOOLS))
        self._length.setFixedWidth(round(text_width(self._theme.font(13, 600), "88:88 min")) + 8)
