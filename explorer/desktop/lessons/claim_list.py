"""The claims of a lesson, each with a check mark or a cross and what was measured; open ones with a ring."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import IconLabel, Label
from explorer.lessons.claims import ClaimResult
from explorer.lessons.lesson import Claim

ICON: Final = 15


class ClaimList(QWidget):
    """Below the explanation."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(8))
        self._title = Label(theme, "Checked by this run", 12, 600, "text2")
        self._column.addWidget(self._title)
        self._rows: list[QWidget] = []
        self.shown: tuple[tuple[str, bool | None, str], ...] = ()
        """Text, whether it holds (None: not known yet) and evidence of each."""

    def show_claims(self, judged: Sequence[ClaimResult], waiting: Sequence[Claim]) -> None:
        """Show what was judged, and what waits for a further run."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.deleteLater()
        self.shown = (
            *((one.text, one.holds, one.evidence) for one in judged),
            *((one.text, None, "after the runs of Try") for one in waiting),
        )
        self._rows = [self._row(*one) for one in self.shown]
        for row in self._rows:
            self._column.addWidget(row)
        self.setVisible(bool(self.shown))

    def _row(self, text: str, holds: bool | None, evidence: str) -> QWidget:
        theme, row = self._theme, QWidget()
        icon, color = {True: ("check", "good"), False: ("x", "danger"), None: ("circle-dot", "text3")}[holds]
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(Label(theme, text, 13, 500, wrap=True))
        if evidence:
            words.addWidget(Label(theme, evidence, 12, 400, "text2" if holds is not False else "danger", wrap=True))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(9))
        side = QVBoxLayout()
        side.addSpacing(theme.px(2))
        side.addWidget(IconLabel(theme, icon, ICON, color))
        side.addStretch(1)
        line.addLayout(side)
        line.addLayout(words, 1)
        state = {True: "holds", False: "does not hold", None: "not known yet"}[holds]
        row.setAccessibleName(f"{text} {state}. {evidence}")
        return row
