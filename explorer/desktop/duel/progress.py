"""How far a duel is: which run of how many, a bar, how long it will take, and Cancel."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.duel.badge import draw_badge, filled
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import draw_box
from explorer.desktop.words import duration
from explorer.session.duel import Progress
from explorer.session.duel_plan import BADGES, Plan

WIDTH = 560
CELL = 34
ENDS: Final = "Ends the present run; what every scenario has run by then is compared."


class DuelProgress(QWidget):
    """`cancelled` follows its button."""

    cancelled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = Label(theme, "", 20, 600)
        self._words = Label(theme, "", 13, color="text2", wrap=True)
        self._runs = _Runs(theme)
        self._who = Label(theme, "", 12, color="text2", wrap=True)
        self._note = Label(theme, "", 12, color="text3", wrap=True)
        self._cancel = Button(theme, "Cancel", height=32)
        self._cancel.clicked.connect(lambda: self._give_up())
        card = QVBoxLayout()
        card.setSpacing(10)
        for widget in (self._title, self._words, self._runs, self._who, self._note):
            card.addWidget(widget)
        row = QHBoxLayout()
        row.addWidget(self._cancel)
        row.addStretch(1)
        card.addSpacing(6)
        card.addLayout(row)
        inner = QWidget()
        inner.setLayout(card)
        inner.setFixedWidth(theme.px(WIDTH))
        theme.changed.connect(lambda: inner.setFixedWidth(theme.px(WIDTH)))
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(inner, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)

    def begin(self, plan: Plan | None, names: str = "") -> None:
        """A duel begins, `names` says who is who; None: one is being read from disk."""
        self._who.setText(names)
        self._cancel.setEnabled(True)
        self._cancel.setToolTip(ENDS if plan is not None else "")
        self._runs.setVisible(plan is not None)
        self._note.setText("")
        if plan is None:
            self._title.setText("Reading the duel")
            self._words.setText("")
            return
        self._title.setText("Looking whether all of them can run")
        self._words.setText(plan.sentence)
        self._runs.show_runs([BADGES[place] for place, _ in plan.order], 0)

    def show_progress(self, progress: Progress) -> None:
        """Say how far it is."""
        self._title.setText(
            f"Run {progress.number:,} of {progress.total:,}: {progress.badge}, repeat {progress.repeat:,} of "
            f"{progress.repeats:,}"
        )
        self._words.setText(
            f"{duration(progress.seconds // 1 * 1e9)} so far, about {duration(progress.left // 1 * 1e9)} left."
        )
        self._runs.show_runs(None, progress.number)

    def show_read(self, share: float) -> None:
        """Say how much of a duel on disk has been read, 0 to 1."""
        self._words.setText(f"{share:.0%}")

    def warn(self, sentence: str) -> None:
        """Say what a run says, under the bar."""
        self._note.setText(sentence)

    @property
    def title(self) -> str:
        """The line that says which run goes on."""
        return self._title.text()

    def _give_up(self) -> None:
        self._cancel.setEnabled(False)
        self._title.setText("Ending the run" if self._runs.isVisibleTo(self) else "Ending")
        self.cancelled.emit()


class _Runs(QWidget):
    """A cell for each run, in their order: those done are full, the present one is outlined."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._badges: Sequence[str] = ()
        self._number = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Runs")

    def show_runs(self, badges: Sequence[str] | None, number: int) -> None:
        if badges is not None:
            self._badges = badges
        self._number = number
        self.setAccessibleDescription(f"{max(0, number - 1)} of {len(self._badges)} done")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(WIDTH), self._theme.px(CELL))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        count = max(1, len(self._badges))
        wide = min(self._theme.px(CELL), self.width() / count)
        for place, badge in enumerate(self._badges, 1):
            cell = QRectF((place - 1) * wide, 0, wide - min(4, wide / 5), min(self.height(), wide))
            painter.setOpacity(1.0 if place <= self._number else 0.3)
            if wide >= theme.px(16):
                size = min(cell.width(), cell.height()) - 6
                box = QRectF(cell.center().x() - size / 2, cell.center().y() - size / 2, size, size)
                draw_badge(painter, theme, box, badge)
            else:
                draw_box(painter, cell, 2, theme.color("accent" if badge == "B" else "ink") if filled(badge) else None,
                         theme.color("ink"))  # fmt: skip
            if place == self._number:
                draw_box(painter, cell, 6, None, theme.color("accent"), 2)
        painter.end()
