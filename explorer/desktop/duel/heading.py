"""The head of a finished duel: the verdict, its cause, how sure it is; at the right who is A, B, C and D."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.duel.badge import Badge
from explorer.desktop.duel.shown import Shown
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import ElidedLabel, IconLabel, Label
from explorer.desktop.widgets.paint import draw_box
from explorer.desktop.widgets.tip import tip
from explorer.session.duel_table import as_list, interval_words, intervals_of, ratio_words

CARD = 300
VERDICT, VERDICT_COMPACT = 28, 20


class DuelHeading(QWidget):
    """Shows one duel."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._duel: Shown | None = None
        self._same = ""
        self._compact = False
        self._line = QHBoxLayout(self)
        self._content: QWidget | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_duel(self, duel: Shown, same: str) -> None:
        """Show a duel; `same` is what its scenarios have in common."""
        self._duel, self._same = duel, same
        self._build()

    def set_compact(self, compact: bool) -> None:
        """A smaller verdict and less room around it."""
        self._compact = compact
        self._build()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surface."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        painter.end()

    def _build(self) -> None:
        if self._content is not None:
            self._line.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
            self._content = None
        if self._duel is None:
            return
        theme, px, compact = self._theme, self._theme.px, self._compact
        self._content = QWidget()
        inside = QHBoxLayout(self._content)
        margin = px(10 if compact else 20)
        inside.setContentsMargins(px(18 if compact else 28), margin, px(18), margin)
        inside.setSpacing(px(24))
        words = QVBoxLayout()
        words.setSpacing(px(4 if compact else 6))
        words.addStretch(1)
        told = self._duel.told
        words.addWidget(Label(theme, told["verdict"], VERDICT_COMPACT if compact else VERDICT, 600, wrap=True))
        words.addWidget(Label(theme, told["cause"], 13 if compact else 14, color="text2", wrap=True))
        words.addLayout(self._certainty(self._duel))
        words.addStretch(1)
        inside.addLayout(words, 1)
        inside.addWidget(_Card(theme, self._duel, self._same, compact), 0, Qt.AlignmentFlag.AlignVCenter)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.addWidget(self._content)

    def _certainty(self, duel: Shown) -> QHBoxLayout:
        theme, told = self._theme, duel.told
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        clear, words = certainty(duel)
        row.addWidget(IconLabel(theme, "check" if clear else "info", 16, "accent" if clear else "text3"))
        row.addWidget(Label(theme, "Clear difference" if clear else "No clear difference", 13, 600))
        row.addWidget(ElidedLabel(theme, words, 12, color="text2"), 1)
        if told.get("notes"):
            note = ElidedLabel(theme, " ".join(told["notes"]), 12, 500, color="danger")
            note.setToolTip(tip("\n".join(told["notes"])))
            row.addWidget(IconLabel(theme, "triangle-alert", 14, "danger"))
            row.addWidget(note, 1)
        return row


def certainty(duel: Shown) -> tuple[bool, str]:
    """Whether the verdict is clear, and what that rests on: "5 repeats each, 95 % interval ×9.8 – 10.0"."""
    told = duel.told
    each = next((one for one in told["differences"] if one["figure"] == told.get("figure")), None)
    repeats = told["repeat"]
    words = [f"{repeats} repeat{'s' if repeats != 1 else ''} each"]
    if each is not None:
        found = [
            interval_words(ratio, interval) if len(told["runs"]) == 2 else f"{run['badge']} {ratio_words(ratio)}"
            for run, ratio, interval in zip(told["runs"][1:], as_list(each["ratio"]), intervals_of(each), strict=True)
        ]
        found = [one for one in found if one]
        if found:
            words.append(f"{'95 % interval ' if len(told['runs']) == 2 else ''}{', '.join(found)}")
    words.append("same arrivals" if told["load"].get("planned") else "same users and seeds")
    return each is not None, ", ".join(words)


class _Card(QWidget):
    """Who is who."""

    def __init__(self, theme: Theme, duel: Shown, same: str, compact: bool) -> None:
        super().__init__()
        self._theme = theme
        px = theme.px
        self.setFixedWidth(px(CARD if not compact else 262))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(14), px(8 if compact else 10), px(14), px(8 if compact else 10))
        column.setSpacing(px(5 if compact else 7))
        for place, lane in enumerate(duel.lanes):
            row = QHBoxLayout()
            row.setSpacing(px(8))
            row.addWidget(Badge(theme, lane.badge))
            row.addWidget(ElidedLabel(theme, lane.title, 13, 600), 2)
            note = lane.note or ("baseline" if not place else "")
            if note:
                row.addWidget(ElidedLabel(theme, note, 12, color="text2", right=True), 1)
            column.addLayout(row)
        if same:
            column.addWidget(ElidedLabel(theme, f"Same: {same}", 12, color="text3"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 8, None, self._theme.color("line"))
        painter.end()
