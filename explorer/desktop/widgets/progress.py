"""How far long work is: what is done, a bar, and a button that ends it."""

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QAccessible, QAccessibleValueChangeEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import draw_box

BAR = 6


class Bar(QWidget):
    """A thin bar, filled from the left; `share` from 0 to 1."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_share(self, share: float) -> None:
        """Fill this share."""
        self.share = min(1.0, max(0.0, share))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(self._theme.px(120), self._theme.px(BAR))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove and filling."""
        painter = QPainter(self)
        groove = QRectF(self.rect())
        radius = groove.height() / 2
        draw_box(painter, groove, radius, self._theme.color("line2"))
        groove.setWidth(groove.width() * self.share)
        # A rounded box narrower than its own roundness would draw a dot that claims more than there is.
        draw_box(painter, groove, min(radius, groove.width() / 2), self._theme.color("accent"))
        painter.end()


class ProgressBox(QWidget):
    """Title, what is done of what in `unit` (empty: the share alone), bar, Cancel.

    `cancelled` follows a press, which the box says at once.
    """

    cancelled = Signal()

    def __init__(self, theme: Theme, title: str, unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = title
        self._unit = unit
        self._ending = False
        self._said = Label(theme, "", 12, 400, "text2")
        self.bar = Bar(theme)
        self.cancel = Button(theme, "Cancel", height=30)
        self.cancel.set_name(f"Cancel: {title}")
        self.cancel.clicked.connect(self._press)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(Label(theme, title, 13, 600))
        line.addStretch(1)
        line.addWidget(self._said)
        words = QVBoxLayout()
        words.setSpacing(7)
        words.addLayout(line)
        words.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 12, 10)
        row.setSpacing(14)
        row.addLayout(words, 1)
        row.addWidget(self.cancel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(title)
        theme.changed.connect(self.update)
        self.show_progress(0, 0)

    @property
    def said(self) -> str:
        """What stands beside the title."""
        return self._said.text()

    def show_progress(self, done: int, total: int) -> None:
        """`done` of `total`; a total of 0 is not known yet."""
        if self._ending:
            return
        share = done / total if total > 0 else 0.0
        done_words = f"{min(done, total):,} of {total:,} {self._unit}, " if self._unit else ""
        text = f"{done_words}{min(1.0, share):.0%}" if total > 0 else "Beginning"
        if text == self._said.text():
            return
        self._said.setText(text)
        self.bar.show_share(share)
        self.setAccessibleDescription(text)
        QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, round(share * 100)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground, as that of a message."""
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 8, self._theme.color("raised"), self._theme.color("line2"))
        painter.end()

    def _press(self) -> None:
        self._ending = True
        self._said.setText("Ending")
        self.cancel.setEnabled(False)
        self.cancelled.emit()
