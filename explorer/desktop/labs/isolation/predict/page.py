"""Predict first: a level is chosen, each anomaly marked as what can or cannot happen there, then it is measured."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.labs.isolation.predict.list import PredictHead, PredictList
from explorer.desktop.labs.isolation.predict.predictions import Predictions
from explorer.desktop.labs.isolation.predict.side import PredictSide
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import Label
from explorer.labs.isolation.schedule import Schedule

UNMARKED = "Unmarked rows are not scored."


class PredictPage(QWidget):
    """`measure_asked`: what is marked is to be measured. `moved(schedule id)`: another row is the current one."""

    measure_asked = Signal()
    moved = Signal(str)

    def __init__(self, theme: Theme, schedules: Sequence[Schedule], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schedules = {one.id: one for one in schedules}
        self.predictions = Predictions()
        self.engine, self.level = "", ""
        self.side = PredictSide(theme)
        self.rows = PredictList(theme, schedules, lambda schedule: self.predictions.of(self.level, schedule))
        self._head = PredictHead(theme, self.rows)
        self.count = Label(theme, "", 13, 600)
        self.measure = Button(
            theme, "Measure now", icon="flask-conical", kind=ButtonKind.PRIMARY, shortcut="Enter", height=32
        )
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.px(10), 6, 0, 0)
        foot.setSpacing(18)
        foot.addWidget(self.count)
        foot.addWidget(Label(theme, UNMARKED, 13, 400, "text2"))
        foot.addStretch(1)
        foot.addWidget(self.measure)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._head)
        column.addWidget(self.rows, 1)
        column.addLayout(foot)
        self.setFocusProxy(self.rows)
        self.measure.clicked.connect(lambda: self.measure_asked.emit())
        self.rows.measure_asked.connect(self.measure_asked)
        self.rows.marked.connect(self._mark)
        self.rows.unmarked.connect(self._unmark)
        self.rows.moved.connect(self._move)
        for key, can in (("H", True), ("P", False)):
            shortcut = QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(lambda can=can: self.rows.mark_current(can))

    def begin(self, engine: str, level: str) -> None:
        """Nothing is marked."""
        self.predictions = Predictions()
        self.rows.setCurrentRow(0)
        self.show_level(engine, level)

    def show_level(self, engine: str, level: str) -> None:
        """Predict this level; what was marked for others is kept until it is measured."""
        self.engine, self.level = engine, level
        self._show()

    def _mark(self, schedule: str, can: bool) -> None:
        self.predictions.mark(self.level, schedule, can)
        self._show()

    def _unmark(self, schedule: str) -> None:
        self.predictions.unmark(self.level, schedule)
        self._show()

    def _move(self, schedule: str) -> None:
        self._show()
        self.moved.emit(schedule)

    def _show(self) -> None:
        marked = self.predictions.count(self.level, list(self._schedules))
        self.count.setText(f"{marked:,} of {len(self._schedules):,} marked")
        self.rows.show_marks()
        if self.rows.current:
            self.side.show_row(self.engine, self.level, self._schedules[self.rows.current])
