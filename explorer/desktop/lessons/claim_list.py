"""The claims of a lesson, each with a check mark or a cross and what was measured; open ones with a ring, and those
that could not be judged under the sentence that says why.
"""

from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.lessons.reveal import Revealed
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import IconLabel, Label

ICON: Final = 15
LATER: Final = "after the runs of Try"
NOT_JUDGED: Final = "not judged"


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
        self.why = Label(theme, "", 13, 500, "warn", wrap=True)
        """Why claims were not judged."""
        self._note = self._with_icon(self.why, "triangle-alert", "warn")
        self._column.addWidget(self._note)
        self._rows: list[QWidget] = []
        self.shown: tuple[tuple[str, bool | None, str], ...] = ()
        """Text, whether it holds (None: not known yet) and evidence of each."""

    def show_claims(self, revealed: Revealed) -> None:
        """Show what was judged, what could not be and why, and what waits for a further run."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.deleteLater()
        self.shown = (
            *((one.text, one.holds, one.evidence) for one in revealed.claims),
            *((one.text, None, NOT_JUDGED) for one in revealed.unjudged_claims),
            *((one.text, None, LATER) for one in revealed.open_claims),
        )
        self.why.setText(revealed.unjudged)
        self._note.setVisible(bool(revealed.unjudged))
        self._title.setText("Checked by this run" if revealed.claims or not revealed.unjudged else "Not checked")
        self._rows = [self._row(*one) for one in self.shown]
        for row in self._rows:
            self._column.addWidget(row)
        self.setVisible(bool(self.shown))

    def _row(self, text: str, holds: bool | None, evidence: str) -> QWidget:
        theme, said = self._theme, QWidget()
        icon, color = {True: ("check", "good"), False: ("x", "danger"), None: ("circle-dot", "text3")}[holds]
        words = QVBoxLayout(said)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(1)
        words.addWidget(Label(theme, text, 13, 500, wrap=True))
        if evidence:
            words.addWidget(Label(theme, evidence, 12, 400, "text2" if holds is not False else "danger", wrap=True))
        row = self._with_icon(said, icon, color)
        state = {True: "holds", False: "does not hold", None: "not known yet"}[holds]
        row.setAccessibleName(f"{text} {state}. {evidence}")
        return row

    def _with_icon(self, words: QWidget, icon: str, color: str) -> QWidget:
        theme, row = self._theme, QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(9))
        side = QVBoxLayout()
        side.addSpacing(theme.px(2))
        side.addWidget(IconLabel(theme, icon, ICON, color))
        side.addStretch(1)
        line.addLayout(side)
        line.addWidget(words, 1)
        return row
