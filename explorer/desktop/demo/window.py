"""The demonstration window: a hand, a button, how long the hand stood still, and where the server is.

It stays on top and takes no focus when it appears, in the corner of the screen where the main window has least to
show. It remembers nothing.
"""

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.demo.hand import Hand
from explorer.desktop.demo.pace import Pace, Watch
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import ElidedLabel, Label

WIDTH: Final = 320
FROM_EDGE: Final = 20
ABOVE_STATUS_BAR: Final = 48
STILL_NS: Final = 100_000_000
"""What a person notices: a hand that stood still for a tenth of a second."""
SENTENCE: Final = "This window shares its loop with the server. Block it: the hand stands still, no click counts."


class DemoWindow(QWidget):
    """`closed` is emitted when somebody closes it. `watch` is told what it does."""

    closed = Signal()

    def __init__(self, theme: Theme, url: str, watch: Watch) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.WindowStaysOnTopHint)
        self.clicks = 0
        self._theme = theme
        self._watch = watch
        self.setWindowTitle("Window loop")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.hand = Hand(theme, self)
        self.button = Button(theme, "Click", icon="mouse-pointer-click", height=32, name="Count a click")
        self.count = Label(theme, "0 clicks", 13, 600)
        self.still = Label(theme, "The hand moves.", 13, 600, "text2", wrap=True)
        self._url = ElidedLabel(theme, url, 12, color="text2", mono=True)
        self._lay_out()
        self.button.clicked.connect(self._clicked)
        self._pace = Pace(watch, self._ticked, self)

    def begin(self) -> None:
        """Appear in the lower left corner of the screen, beside lanes and figures; the hand moves."""
        self.adjustSize()
        screen = QGuiApplication.primaryScreen()
        if screen is not None:
            room = screen.availableGeometry()
            self.move(room.left() + FROM_EDGE, room.bottom() - self.height() - ABOVE_STATUS_BAR)
        self.show()
        self._pace.start()

    def end(self) -> None:
        """Disappear; nobody closed it."""
        self._pace.stop()
        self.hide()

    def event(self, event: QEvent) -> bool:
        """As Qt's; what paints the window is told as one piece of work, up to the screen."""
        if event.type() == QEvent.Type.UpdateRequest:
            return self._watch.paint(lambda: QWidget.event(self, event))
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Say that it was closed."""
        self._pace.stop()
        self.closed.emit()
        super().closeEvent(event)

    def _ticked(self, due: int, now: int) -> None:
        self.hand.show_moment(now)
        late = now - due
        if late >= STILL_NS:
            self.still.set_color("text")
            self.still.setText(f"The hand stood still for {late / 1e9:.2f} s.")

    def _clicked(self) -> None:
        self.clicks += 1
        self.count.setText("1 click" if self.clicks == 1 else f"{self.clicks:,} clicks")

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line around it: it lies on a window of the same colours."""
        painter = QPainter(self)
        painter.setPen(self._theme.color("line2"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _lay_out(self) -> None:
        px = self._theme.px
        self.setFixedWidth(px(WIDTH))
        said = QVBoxLayout()
        said.setSpacing(px(8))
        said.addStretch(1)
        for widget in (self.still, self.button, self.count):
            said.addWidget(widget)
        said.addStretch(1)
        above = QHBoxLayout()
        above.setSpacing(px(16))
        above.addWidget(self.hand)
        above.addLayout(said, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(16), px(16), px(14))
        column.setSpacing(px(10))
        column.addLayout(above)
        column.addWidget(Label(self._theme, SENTENCE, 12, color="text2", wrap=True))
        column.addWidget(self._url)
