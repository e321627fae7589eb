"""The panel at the foot of the setup: law and formula, your guess, what was measured, and why they differ."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.analysis.predict.prediction import Prediction, Quantity, Step
from explorer.analysis.predict.told import value_words
from explorer.desktop.panels.prediction.bars import PredictionBars
from explorer.desktop.panels.prediction.field import ExpectedField
from explorer.desktop.panels.prediction.measuring import Measuring
from explorer.desktop.panels.prediction.model import Predictions
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.widgets.section import Section
from explorer.desktop.widgets.switch import Switch

TITLES: Final[dict[Quantity, str]] = {
    "throughput": "Throughput", "latency": "Mean response time", "makespan": "Last answer after",
}  # fmt: skip
NO_LAW: Final = "No law is known for this setup, so there is no number. Your guess and what is measured still show."
HIDDEN: Final = "The law is hidden until the run. What do you expect?"
UNMEASURED: Final = "What serving costs here has not been measured yet; the law leaves it out."
MEASURING: Final = "Measuring what serving costs here …"
MEASURED: Final = "Measured here: {} of CPU a request that does nothing, {} cores."
AGREES: Final = "Measured and law agree within 5 %."
SHARE: Final = 0.55
"""Of the setup's height at most; what does not fit is scrolled."""


class PredictionPanel(QWidget):
    """Shows a `Predictions`; the line at its head says the law in short and folds the rest away."""

    def __init__(self, theme: Theme, predictions: Predictions, measuring: Measuring) -> None:
        super().__init__()
        self._theme = theme
        self._predictions = predictions
        self._measuring = measuring
        self.section = Section(theme, "Prediction", icon="crosshair")
        self._law = Label(theme, "", 13, 600, wrap=True)
        self._formulas = Formulas(theme)
        self._quantities = QWidget()
        self._rows: dict[Quantity, QuantityRow] = {}
        self._reasons = Label(theme, "", 12, color="text2", wrap=True)
        self._cost = Label(theme, "", 11, color="text3", wrap=True)
        self._measure = Button(theme, "Measure now", icon="gauge", kind=ButtonKind.QUIET, height=26)
        self._measure.clicked.connect(measuring.measure)
        self._first = Switch(theme, "Predict first: hide the law until the run")
        self._first.toggled.connect(predictions.predict_first)
        self._build()
        self.section.folded.connect(lambda folded: self._fit())
        predictions.changed.connect(self.refresh)
        measuring.changed.connect(self.refresh)
        theme.changed.connect(self._fit)
        self.refresh()

    def _build(self) -> None:
        body = QWidget()
        inside = QVBoxLayout(body)
        inside.setContentsMargins(0, 0, 4, 4)
        inside.setSpacing(8)
        inside.addWidget(self._law)
        inside.addWidget(self._formulas)
        inside.addWidget(self._quantities)
        inside.addWidget(self._reasons)
        inside.addWidget(self._cost)
        inside.addWidget(self._measure, 0, Qt.AlignmentFlag.AlignLeft)
        line = QHBoxLayout()
        line.addWidget(self._first)
        line.addWidget(Label(self._theme, "Predict first: hide the law", 12, color="text2"), 1)
        inside.addLayout(line)
        column = QVBoxLayout(self._quantities)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._area = ScrollArea(body)
        self.section.content.addWidget(self._area)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 4, 12, 4)
        whole.addWidget(self.section)

    def open(self) -> None:
        """Open it and give the keyboard to the first guess."""
        self.section.set_open(True)
        self._rows[self._predictions.quantities[0]].field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh(self) -> None:
        """Show what there is now."""
        predictions = self._predictions
        found = predictions.prediction if predictions.law_shown else None
        hidden = predictions.prediction is not None and not predictions.law_shown
        self._law.setText(found.law if found is not None else HIDDEN if hidden else NO_LAW)
        self._formulas.show_steps(found.steps if found is not None else ())
        self._show_quantities(hidden)
        self._show_reasons(found)
        self._show_cost()
        self._title(found)
        self._fit()

    def _title(self, found: Prediction | None) -> None:
        words = "Prediction"
        if found is not None and not self.section.is_open:
            values = [step for step in found.steps if step.quantity in self._predictions.quantities]
            words = f"Prediction: {' · '.join(value_words(step.quantity, step.value) for step in values)}"
        self.section.head.setText(words)
        self.section.head.setToolTip("What the law says of this setup, what you expect, what was measured (Y)")

    def _show_quantities(self, hidden: bool) -> None:
        wanted = self._predictions.quantities
        column = self._quantities.layout()
        assert column is not None
        for quantity in wanted:
            if quantity not in self._rows:
                row = self._rows[quantity] = QuantityRow(self._theme, self._predictions, quantity)
                column.addWidget(row)
        for quantity, row in self._rows.items():
            row.setVisible(quantity in wanted)
            if quantity in wanted:
                row.show_values(hidden=hidden)
        for place, quantity in enumerate(wanted):
            row = self._rows[quantity]
            if column.indexOf(row) != place:
                column.removeWidget(row)
                assert isinstance(column, QVBoxLayout)
                column.insertWidget(place, row)

    def _show_reasons(self, found: Prediction | None) -> None:
        sentences = list(self._predictions.reasons)
        measured = any(self._predictions.shown(one).measured is not None for one in self._predictions.quantities)
        if found is not None and found.note and found.note not in sentences:
            sentences.insert(0, found.note)
        if found is not None and measured and not sentences and self._predictions.concluded:
            sentences = [AGREES]
        self._reasons.setText("\n".join(sentences))
        self._reasons.setVisible(bool(sentences))

    def _show_cost(self) -> None:
        known, measuring = self._predictions.calibration, self._measuring
        words = ""
        if measuring.busy:
            words = MEASURING
        elif known is not None:
            words = MEASURED.format(value_words("latency", known.request_s), f"{known.cores:g}")
        elif measuring.wanted:
            words = UNMEASURED
        self._cost.setText(words)
        self._cost.setVisible(bool(words))
        self._measure.setVisible(measuring.wanted and not measuring.busy and measuring.possible)

    def _fit(self) -> None:
        """As high as what it shows, as far as the setup has room."""
        body = self._area.widget()
        parent = self.parentWidget()
        if body is None or parent is None or not self.section.is_open:
            return
        width = max(1, self.width() - 28)
        layout = body.layout()
        assert layout is not None
        high = layout.heightForWidth(width) if layout.hasHeightForWidth() else body.sizeHint().height()
        self._area.setFixedHeight(min(high + 2, round(parent.height() * SHARE)))


class Formulas(QWidget):
    """Each formula in letters, and below with the numbers put in."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self._labels: list[tuple[Label, Label]] = []

    def show_steps(self, steps: tuple[Step, ...]) -> None:
        """Show these."""
        while len(self._labels) < len(steps):
            pair = (
                Label(self._theme, "", 12, color="text2", wrap=True, mono=True),
                Label(self._theme, "", 12, 600, wrap=True, mono=True),
            )
            for label in pair:
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._column.addWidget(label)
            self._labels.append(pair)
        for number, (letters, numbers) in enumerate(self._labels):
            there = number < len(steps)
            letters.setVisible(there)
            numbers.setVisible(there)
            if there:
                letters.setText(f"{SYMBOLS[steps[number].quantity]} = {steps[number].formula}")
                numbers.setText(steps[number].with_numbers)
        self.setVisible(bool(steps))


SYMBOLS: Final[dict[Quantity, str]] = {"throughput": "X", "latency": "R", "makespan": "makespan"}


class QuantityRow(QWidget):
    """A title, the field for a guess, and the three bars."""

    def __init__(self, theme: Theme, predictions: Predictions, quantity: Quantity) -> None:
        super().__init__()
        self._predictions = predictions
        self._quantity = quantity
        self.field = ExpectedField(theme, quantity, f"{TITLES[quantity]}: what you expect")
        self.bars = PredictionBars(theme, quantity, TITLES[quantity])
        self.field.committed.connect(lambda value: predictions.expect(quantity, value))
        self.bars.expected.connect(lambda value: predictions.expect(quantity, value))
        head = QHBoxLayout()
        head.addWidget(Label(theme, TITLES[quantity], 12, 600), 1)
        head.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.bars)

    def show_values(self, *, hidden: bool) -> None:
        """Show what there is now."""
        shown = self._predictions.shown(self._quantity)
        self.field.show_value(shown.yours)
        self.bars.show_values(shown, hidden=hidden)
