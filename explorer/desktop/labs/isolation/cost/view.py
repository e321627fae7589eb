"""The Cost tab: at the left how transfers are made, beside it what each level made of them."""

from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.catalog import Catalog
from explorer.desktop.labs.isolation.cost.run import CostRun, Lab, Measure
from explorer.desktop.labs.isolation.cost.table import CostTable, Line
from explorer.desktop.labs.isolation.lab_view import LabView
from explorer.desktop.panels.knob_form import KnobForm
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.heading import Divider
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.progress import ProgressBox
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.labs.isolation.cost.measure import Progress
from explorer.labs.isolation.cost.place import measure_apart
from explorer.labs.isolation.cost.plan import SECTION, CostKnobs, CostPlan
from explorer.labs.isolation.cost.result import Cost, sentence
from explorer.option_error import OptionError
from explorer.server.workloads.bank_transfer.statements import script

LEFT_WIDTH: Final = {True: 312, False: 288}
"""Width of the form in a window from `WIDE` on, and below."""
WIDE: Final = 1400
FEW: Final = 2_000
"""Transfers a level in the window, where somebody waits for them."""
HINT: Final = "What does each level cost, and what gets lost?"
DETAILS: Final = (
    "A FastAPI server moves money between accounts, one transaction for each request, at one level after the other. "
    "What the database has in the end is compared with what there should be."
)
SENT: Final = "One transfer as it is sent at {}"
CANCELLED: Final = "The measurement was cancelled; this is what was measured by then."


class CostView(LabView):
    """The tab around one session of the page. `measure` is what measures; in a test another."""

    def __init__(
        self, theme: Theme, session: Lab, measure: Measure = measure_apart, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._session = theme, session
        self._catalog = Catalog()
        self.knobs = CostKnobs(transfers=FEW)
        self.run = CostRun(session, measure, self)
        self.form = KnobForm(theme, self.knobs, self.change, marks=False)
        self.table = CostTable(theme)
        self.headline = Label(theme, HINT, 16, 600, wrap=True)
        self.details = Label(theme, DETAILS, 12, color="text2", wrap=True)
        self.foot = Label(theme, "", 12, color="text2", wrap=True)
        self.sent = Label(theme, "", 13, 600)
        self.sql = Label(theme, "", 12, color="text2", wrap=True, mono=True)
        self.button = Button(theme, "Measure", icon="play", kind=ButtonKind.PRIMARY, shortcut="Space", height=34)
        self.progress = ProgressBox(theme, "Transfers")
        self.progress.cancel.hide()  # the button that began it ends it
        self.progress.hide()
        self.plan: CostPlan | None = None
        self.cost: Cost | None = None
        self._refused = ""
        self._now = ""
        self._url = ""
        self._lay_out()
        self.button.clicked.connect(self.toggle)
        self.run.progressed.connect(self._progressed)
        self.run.measured.connect(self._measured)
        self.run.failed.connect(self._failed)
        self.run.ended.connect(self._ended)
        theme.changed.connect(self._arrange)
        self._make_plan()

    # -- a tab -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """The page may be on another database by now."""
        if not self.run.running:
            self._make_plan()

    def take_back(self) -> bool:
        """End the measurement."""
        if not self.run.running:
            return False
        self.run.cancel()
        return True

    def space(self) -> None:
        """Measure, or end that."""
        self.toggle()

    # -- what can be done ------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Measure all levels anew, or end the measurement."""
        if self.run.running:
            self.run.cancel()
            return
        self._make_plan()
        if self.plan is None:
            return
        self.cost, self._now = None, ""
        self.headline.setText("Measuring: the machine had better do nothing else.")
        self.details.setText("")
        self.progress.show_progress(0, 0)
        self.run.start(self.plan)
        self._show()

    def change(self, key: str, value: Any) -> None:
        """Set a knob of the form."""
        self.knobs = CostKnobs.model_validate(self.knobs.model_dump() | {key: value})
        self.form.show_values(self.knobs)
        if not self.run.running:
            self._make_plan()

    def _make_plan(self) -> None:
        """What would be measured; of another database or with other knobs nothing is measured yet."""
        target = self._session.target
        self._refused = ""
        try:
            knobs = self.knobs.model_copy(update={"journal": target.journal}) if _is_file(target.url) else self.knobs
            plan = CostPlan(self._catalog, target.url, (), knobs)
        except OptionError as error:
            plan, self._refused = None, str(error)
        same = self.cost is not None and plan is not None and (self._url, plan.knobs) == (target.url, self.cost.knobs)
        self.plan, self._url = plan, target.url
        if not same:
            self.cost = None
            self.headline.setText(HINT)
            self.details.setText(DETAILS)
        self.form.set_shown("journal", False)  # the page's own choice of a database says it
        self._show()

    # -- what is heard ---------------------------------------------------------------------------------------------

    def _progressed(self, progress: Progress) -> None:
        self._now = progress.level
        self.progress.show_progress(round(progress.part * 1000), 1000)
        self.details.setText(f"{progress.words}.")
        self._show()

    def _measured(self, cost: Cost) -> None:
        self.cost = cost
        self._show()

    def _failed(self, words: str, where: str) -> None:
        section, _, key = where.partition(".")
        self._refused = words
        if section in (SECTION, "workload"):
            self.form.blame(key, words)

    def _ended(self) -> None:
        self._now = ""
        done = self.cost is not None and bool(self.cost.levels)
        self.headline.setText(sentence(self.cost) if self.cost is not None and done else HINT)
        complete = self.cost is not None and self.cost.complete
        self.details.setText("" if complete else CANCELLED if done and not self._refused else DETAILS)
        self._show()

    # -- what is shown ---------------------------------------------------------------------------------------------

    def _show(self) -> None:
        running, plan, cost = self.run.running, self.plan, self.cost
        self.progress.setVisible(running)
        self.button.set_text("Cancel" if running else "Measure", "square" if running else "play")
        self.button.set_kind(ButtonKind.QUIET if running else ButtonKind.PRIMARY)
        self.button.setEnabled(running or plan is not None)
        self.form.setEnabled(not running)
        measured = cost.levels if cost is not None else {}
        levels = plan.levels if plan is not None else ()
        self.table.show_lines([Line(level, measured.get(level), level == self._now) for level in levels])
        self.table.setVisible(bool(levels))
        self.foot.setText(self._refused or self._words())
        level = self._now or (levels[-1] if levels else "")
        self.sent.setText(SENT.format(level) if level else "")
        self.sql.setText("\n".join(script(plan.engine, level, plan.knobs.style)) if plan is not None else "")

    def _words(self) -> str:
        plan, cost = self.plan, self.cost
        if plan is None:
            return ""
        where = cost.engine if cost is not None and cost.engine else ""
        what = f"{len(plan.levels)} levels, {plan.knobs.transfers:,} transfers at each, {plan.knobs.users:,} users"
        said = f"{where}: {what}." if where else f"{what}."
        if plan.url and not plan.embedded:
            said += " Tables explorer_bank_… are made in the database and removed afterwards."
        return said

    # -- composition -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._left = self._make_left()
        row.addWidget(self._left)
        row.addWidget(Divider(self._theme, vertical=True))
        row.addLayout(self._make_middle(), 1)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def _make_left(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(Label(self._theme, "How is money moved?", 13, 600))
        column.addWidget(self.form)
        column.addStretch(1)
        return ScrollArea(inside)

    def _make_middle(self) -> QVBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(16)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.headline)
        words.addWidget(self.details)
        head.addLayout(words, 1)
        head.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.progress)
        column.addWidget(self.table)
        column.addWidget(self.foot)
        column.addSpacing(10)
        column.addWidget(self.sent)
        column.addWidget(self.sql)
        column.addStretch(1)
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addWidget(ScrollArea(inside))
        return middle

    def _arrange(self) -> None:
        self._left.setFixedWidth(self._theme.px(LEFT_WIDTH[self.width() >= self._theme.px(WIDE)]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As wide as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surface."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        painter.end()


def _is_file(url: str) -> bool:
    return url.startswith("sqlite")
