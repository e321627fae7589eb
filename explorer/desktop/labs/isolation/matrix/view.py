"""The Matrix tab: the table, what it is measured by, predictions before that, and the chosen cell at the right."""

from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from explorer.desktop.file_names import file_stem
from explorer.desktop.labs.isolation.lab_view import LabView
from explorer.desktop.labs.isolation.matrix import export
from explorer.desktop.labs.isolation.matrix.foot import MatrixFoot
from explorer.desktop.labs.isolation.matrix.grid import MatrixGrid
from explorer.desktop.labs.isolation.matrix.head import MatrixHead
from explorer.desktop.labs.isolation.matrix.look import AUTOCOMMIT
from explorer.desktop.labs.isolation.matrix.measuring import Measure, Measuring
from explorer.desktop.labs.isolation.matrix.model import MatrixModel
from explorer.desktop.labs.isolation.matrix.parts import MatrixLegend, Reason
from explorer.desktop.labs.isolation.matrix.side import MatrixSide, Shown
from explorer.desktop.labs.isolation.predict.page import PredictPage
from explorer.desktop.labs.isolation.predict.predictions import Predictions
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.heading import Divider
from explorer.desktop.widgets.popover import Popover
from explorer.labs.isolation import measure as measuring
from explorer.option_error import OptionError

SIDE: Final = {True: 312, False: 340}
"""Width of the side panel in a window below `WIDE`, and from it on."""
WIDE: Final = 1500
REASON_WIDTH: Final = 320
LOOK_MS: Final = 5_000
NOTHING: Final = "Nothing is measured yet"
INVITATION: Final = (
    "Each anomaly is run at each level on this database, one run after the other, and judged by what came back. "
    "Space begins. Or predict first what a level lets through."
)


class MatrixView(LabView):
    """Around one session. `measure`: what measures; in a test another."""

    def __init__(
        self, theme: Theme, session: LabSession, measure: Measure = measuring.measure, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._session = theme, session
        schedules = [one for one in session.shipped.values() if one.kind == "anomaly"]
        self._schedules = {one.id: one for one in schedules}
        self.measuring = Measuring(session, schedules, measure, self)
        self.model = MatrixModel(schedules, self)
        self.grid = MatrixGrid(theme, self.model)
        self.legend = MatrixLegend(theme)
        self.head = MatrixHead(theme, session)
        self.foot = MatrixFoot(theme)
        self.side = MatrixSide(theme)
        self.predict = PredictPage(theme, schedules)
        self.guesses: tuple[str, Predictions] | None = None
        """The level whose predictions are shown in the table, and all that were made."""
        self.reason: Popover | None = None
        self._left, self._right = QStackedWidget(), QStackedWidget()
        self._clock = QTimer(self)
        self._clock.setInterval(LOOK_MS)
        self._lay_out()
        self._connect()
        self._keys()
        self._show_facts()

    # -- a tab -----------------------------------------------------------------------------------------------------

    @property
    def predicting(self) -> bool:
        """Whether results are hidden, and predictions made."""
        return self._left.currentWidget() is self.predict

    def enter(self) -> None:
        """Have the database ready, so that its levels are known."""
        self._session.spawn(self._session.start())
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_schedule(self, identity: str, levels: tuple[str, ...] = ()) -> None:
        """Make a cell of this row the current one."""
        current = self.grid.current
        level = levels[0] if levels else current[0] if current else ""
        self.grid.go(level if level in self.model.levels else next(iter(self.model.levels), ""), identity)

    def take_back(self) -> bool:
        """Leave the predictions, else end the measurement."""
        if self.predicting:
            self.set_predicting(False)
        elif self.measuring.running:
            self.measuring.cancel()
        else:
            return False
        return True

    def space(self) -> None:
        """Measure, or end that."""
        self.measure()

    # -- what can be done ------------------------------------------------------------------------------------------

    def measure(self) -> None:
        """Measure all cells anew, with the predictions if they are being made; or end the measurement."""
        if self.measuring.running:
            self.measuring.cancel()
            return
        self.guesses = None
        if self.predicting:
            page = self.predict
            if page.predictions.count(page.level, list(self._schedules)):
                self.guesses = page.level, page.predictions
            self.set_predicting(False)
        self.measuring.start()

    def set_predicting(self, on: bool) -> None:
        """Hide the results and ask for predictions, or show them."""
        if on == self.predicting or (on and not self.model.levels):
            return
        if on:
            self.measuring.cancel()
            current = self.grid.current
            level = current[0] if current and current[0] != AUTOCOMMIT else self.model.levels[-1]
            self.predict.begin(self.model.engine, level)
            self.head.show_predicting(level, self.model.levels)
        else:
            self.head.show_table()
        self._left.setCurrentWidget(self.predict if on else self._table)
        self._right.setCurrentWidget(self.predict.side if on else self.side)
        self.setFocusProxy(self.predict.rows if on else self.grid)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show()

    def open_run(self) -> None:
        """Show the run of the current cell."""
        if self.grid.current is not None and not self.predicting:
            level, schedule = self.grid.current
            cell = self.model.cells.get((level, schedule))
            if cell is None or not cell.refused:
                self.run_asked.emit(schedule, level)

    def compare_levels(self) -> None:
        """Show the current cell's run beside that of the next level, or of the one before the last."""
        if self.grid.current is not None and not self.predicting and len(self.model.levels) > 1:
            level, schedule = self.grid.current
            at = self.model.levels.index(level)
            other = self.model.levels[at + 1 if at + 1 < len(self.model.levels) else at - 1]
            self.compare_asked.emit(schedule, level, other)

    def show_reason(self, level: str, schedule: str, place: QPoint) -> None:
        """Open the reason of a difference at a place of the screen."""
        cell = self.model.cells.get((level, schedule))
        if cell is None or not cell.differences:
            return
        title = f"{self._schedules[schedule].title} at {level}"
        popover = self.reason = Popover(self._theme, title, REASON_WIDTH, self)
        popover.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popover.column.setSpacing(12)
        for difference in cell.differences:
            popover.column.addWidget(Reason(self._theme, difference))
        popover.setFixedWidth(self._theme.px(REASON_WIDTH))
        popover.adjustSize()
        window = self.window()
        corner = window.mapToGlobal(
            QPoint(window.width() - popover.width() - 8, window.height() - popover.height() - 8)
        )
        popover.closed.connect(self._reason_closed)
        popover.show_at(QPoint(min(place.x(), corner.x()), min(place.y(), corner.y())))

    def export_to(self, path: Path) -> None:
        """Write the matrix to a file; what is wrong with that is told."""
        matrix = self.measuring.matrix
        if matrix is None:
            return
        try:
            export.write(path, matrix, self._schedules, self._table)
        except OptionError as error:
            self._session.went_wrong.emit(str(error))

    # -- what is shown ---------------------------------------------------------------------------------------------

    def _show_facts(self) -> None:
        facts = self._session.facts
        self.guesses = None
        if facts is not None:
            current = self.grid.current
            self.model.show_levels(facts.engine, facts.levels)
            if current is not None:
                self.show_schedule(current[1], (current[0],))
            if self.predicting:
                level = self.predict.level if self.predict.level in facts.levels else facts.levels[-1]
                self.predict.begin(facts.engine, level)
                self.head.show_predicting(level, facts.levels)
        if facts is not None and not self.grid.currentIndex().isValid() and self.model.levels:
            self.grid.go(self.model.levels[min(1, len(self.model.levels) - 1)], next(iter(self._schedules), ""))
        self._show()

    def _show(self) -> None:
        matrix, predicting = self.measuring.matrix, self.predicting
        cells = {} if matrix is None else matrix.cells
        self.model.show_cells(cells, self.measuring.cell, self._guess)
        self.head.show_state(running=self.measuring.running, measured=bool(cells), ready=bool(self.model.levels))
        self.foot.show_measurement(self.measuring, self._session.facts, self._schedules)
        if not predicting:
            self._show_cell()

    def _guess(self, level: str, schedule: str) -> bool | None:
        if self.guesses is None or level != self.guesses[0]:
            return None
        return self.guesses[1].of(level, schedule)

    def _show_cell(self) -> None:
        current, matrix = self.grid.current, self.measuring.matrix
        score = None
        if self.guesses is not None and matrix is not None and not self.measuring.running:
            score = self.guesses[1].score(self.guesses[0], matrix)
        self.side.show_score(score)
        if current is None or (matrix is None and not self.measuring.running):
            self.side.show_nothing(NOTHING, INVITATION)
            return
        level, schedule = current
        cell, one = self.model.cells.get(current), self._schedules[schedule]
        graph = None if cell is None or cell.trace is None else self._session.graph(one, cell.trace)
        self.side.show_cell(
            Shown(one, level, cell, graph, self._guess(level, schedule), current == self.measuring.cell)
        )

    def _moved(self) -> None:
        if not self.predicting:
            self._show_cell()
        if self.grid.current is not None and self.grid.hasFocus():
            self.chosen.emit(self.grid.current[1])

    def _ended(self, complete: bool) -> None:
        if complete and self.guesses is not None and self.measuring.matrix is not None:
            level, made = self.guesses
            miss = made.score(level, self.measuring.matrix).first_miss
            if miss:
                self.grid.go(level, miss)
        self._show()

    def _reason_closed(self) -> None:
        self.reason = None

    def _tick(self) -> None:
        if self.isVisible() and not self.measuring.running:
            self.foot.show_measurement(self.measuring, self._session.facts, self._schedules)

    # -- composition -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        theme = self._theme
        self._table = QWidget()
        table = QVBoxLayout(self._table)
        table.setContentsMargins(0, 0, 0, 0)
        table.setSpacing(6)
        table.addWidget(self.grid, 1)
        table.addWidget(self.legend)
        table.addWidget(self.foot)
        for page in (self._table, self.predict):
            self._left.addWidget(page)
        for page in (self.side, self.predict.side):
            self._right.addWidget(page)
        main = QVBoxLayout()
        main.setContentsMargins(24, 12, 24, 10)
        main.setSpacing(8)
        main.addWidget(self.head)
        main.addWidget(self._left, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(main, 1)
        self._line = Divider(theme, vertical=True)
        row.addWidget(self._line)
        row.addWidget(self._right)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocusProxy(self.grid)

    def _connect(self) -> None:
        self._session.facts_changed.connect(self._show_facts)
        self.measuring.changed.connect(self._show)
        self.measuring.ended.connect(self._ended)
        self.grid.moved.connect(self._moved)
        self.grid.opened.connect(lambda level, schedule: self.open_run())
        self.grid.reason_asked.connect(self.show_reason)
        self.side.run_asked.connect(self.open_run)
        self.side.compare_asked.connect(self.compare_levels)
        self.predict.measure_asked.connect(self.measure)
        self.head.measure_asked.connect(self.measure)
        self.head.predict_asked.connect(self.set_predicting)
        self.head.export_asked.connect(self._export)
        self.head.level_chosen.connect(lambda level: self.predict.show_level(self.model.engine, level))
        self.head.level_chosen.connect(self.head.name_level)
        self._theme.changed.connect(self._arrange)
        self._clock.timeout.connect(self._tick)
        self._clock.start()

    def _keys(self) -> None:
        for keys, act in (
            ("G", lambda: self.set_predicting(not self.predicting)),
            ("C", self.compare_levels),
            ("D", self.grid.ask_reason),
            ("E", self.head.open_export),
        ):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(act)

    def _export(self, kind: str) -> None:
        matrix = self.measuring.matrix
        if matrix is not None:
            name = file_stem(f"Isolation matrix, {matrix.facts.title}", datetime.now())
            export.ask_for_path(self, kind, name, self.export_to)

    def _arrange(self) -> None:
        px = self._theme.px
        self._right.setFixedWidth(px(SIDE[self.width() < px(WIDE)]))

    # -- Qt --------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the width of the side."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground, and the surface of the side."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("bg"))
        painter.fillRect(self._right.geometry(), self._theme.color("panel"))
        painter.end()
