"""The lines under the matrix: how far the measurement is, or when it was made, on what, with which settings."""

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.desktop.labs.isolation.matrix.measuring import Measuring
from explorer.desktop.labs.isolation.matrix.words import measured_line, progress_line, settings_line
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import ElidedLabel
from explorer.desktop.widgets.progress import Bar
from explorer.labs.isolation.schedule import Schedule
from explorer.labs.isolation.trace import Facts


class MatrixFoot(QWidget):
    """Two lines, of which the first has a bar while it is measured."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said = ElidedLabel(theme, "", 12, 400, "text2", whole_words=True)
        self.settings = ElidedLabel(theme, "", 12, 400, "text3", whole_words=True)
        self.bar = Bar(theme)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the table must not move when a measurement begins
        self.bar.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for widget in (self.bar, self.said, self.settings):
            column.addWidget(widget)

    def show_measurement(self, measuring: Measuring, facts: Facts | None, schedules: Mapping[str, Schedule]) -> None:
        """Say how it stands."""
        matrix = measuring.matrix
        self.bar.setVisible(measuring.running)
        if measuring.running:
            at = measuring.cell
            what = f"{schedules[at[1]].title} at {at[0]}" if at is not None else ""
            self.bar.show_share(measuring.done / max(1, measuring.total))
            self.said.set_text(
                progress_line(measuring.done, measuring.total, what)
                if measuring.total
                else "The database is made ready."
            )
        elif matrix is not None:
            self.said.set_text(measured_line(matrix, measuring.seconds_ago, complete=measuring.complete))
        else:
            self.said.set_text("Not measured yet.")
        known = matrix.facts if matrix is not None else facts
        self.settings.set_text(settings_line(known) if known is not None else "")
