"""What stands in the place of the lanes before anything has run: what there is to see, as written and cured."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.picture import Picture, PictureBar

WIDTH = 520


class Invitation(QWidget):
    """`run_asked` follows its button."""

    run_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = Label(theme, "Nothing runs yet", 20, 600)
        self._claim = Label(theme, "", 14, 400, "text", wrap=True)
        self._what = Label(theme, "", 12, 600, "text2")
        self._note = Label(theme, "", 12, 400, "text3", wrap=True)
        self._picture: Picture | None = None
        self._button = Button(theme, "Run it", icon="play", kind=ButtonKind.PRIMARY, shortcut="Space", height=34)
        self._button.clicked.connect(lambda: self.run_asked.emit())
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setSpacing(8)
        for widget in (self._title, self._what, self._claim, self._note):
            self._column.addWidget(widget)
        self._column.addSpacing(6)
        self._column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        row = QHBoxLayout()  # an alignment would reckon the height of wrapped words by the width of the page
        row.addStretch(1)
        row.addWidget(self._inside)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(2)
        theme.changed.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As wide as is easily read."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._inside.setFixedWidth(min(self._theme.px(WIDTH), max(1, self.width())))

    def show_claim(self, claim: str, note: str, *, cured: bool, picture: Sequence[PictureBar]) -> None:
        """What a run is to show; `picture` are the bars of its workload."""
        self._what.setText("What there is to see, cured" if cured else "What there is to see, as written")
        self._claim.setText(claim)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        if self._picture is not None:
            self._column.removeWidget(self._picture)
            self._picture.deleteLater()
        self._picture = Picture(self._theme, picture)
        self._picture.setFixedSize(self._theme.px(300), self._theme.px(84))
        self._column.insertWidget(0, self._picture)
