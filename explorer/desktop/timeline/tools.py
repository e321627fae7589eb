"""The tools above the timeline: follow, the length of the view, fit."""

from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.replay.transport import Transport
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.button import Button, ghost_button, toggle_button
from explorer.desktop.widgets.fitting import Step, fit
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import text_width
from explorer.desktop.words import duration

HEIGHT = 42
COMPACT_HEIGHT = 36
WIDEST_LENGTH = "88:88 min"
FOLLOWING = "Following live"
WIDEST_FOLLOW = f"Follow, {WIDEST_LENGTH} behind"
FOLLOW_KEY = "F"


class TimelineTools(QWidget):
    """Acts on one view and shows how it stands. `add(widget)` puts something of the window's at the right."""

    def __init__(self, theme: Theme, view: TimelineView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = view
        self.follow = toggle_button(theme, FOLLOWING, icon="radio", shortcut=FOLLOW_KEY, height=28)
        self.transport = Transport(theme, view, self.follow)
        self._closer = ghost_button(theme, icon="plus", name="Zoom in")
        self._further = ghost_button(theme, icon="minus", name="Zoom out")
        self._length = Label(theme, "", 13, 600)
        self._length.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._length.setAccessibleName("Time across the lanes")
        self._fit = ghost_button(theme, "Fit", icon="maximize")
        self._fit.set_name("Show the whole run")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 12, 0)
        self._row.setSpacing(4)
        self._row.addWidget(self.follow)
        self._row.addWidget(self.transport)
        self._row.addSpacing(8)
        for widget in (self._further, self._length, self._closer):
            self._row.addWidget(widget)
        self._row.addSpacing(8)
        self._row.addWidget(self._fit)
        self._row.addStretch(1)
        self.follow.clicked.connect(self._follow_clicked)
        self._closer.clicked.connect(view.zoom_in)
        self._further.clicked.connect(view.zoom_out)
        self._fit.clicked.connect(view.fit)
        view.view_changed.connect(self._show_length)
        view.following_changed.connect(self._show_following)
        view.behind.connect(self._show_behind)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        self._added: list[QWidget] = []
        self._left_out: list[QWidget] = []
        self._fitted: tuple[object, ...] = ()
        self._behind = 0.0
        self._show_length()
        self._show_following(view.following)
        self._restyle()

    def add(self, widget: QWidget) -> None:
        """Put a widget at the right end."""
        self._added.append(widget)
        self._row.addWidget(widget)

    @property
    def left_end(self) -> int:
        """Where the part at the left ends, px."""
        return self._fit.geometry().right() + 1

    def place(self, widget: QWidget, inline: bool) -> None:
        """Put a widget of the right end into the row, or take it out of it, to lie over the others."""
        self._row.removeWidget(widget)
        if inline:
            self._row.addWidget(widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave away what the keyboard offers as well, until the rest fits."""
        super().resizeEvent(event)
        self._shrink()

    def event(self, event: QEvent) -> bool:
        """What is shown besides may have changed: the replay's buttons take room."""
        if event.type() == QEvent.Type.LayoutRequest and self._shown() != self._fitted:
            self._shrink()
        return super().event(event)

    def _shown(self) -> tuple[object, ...]:
        """What the room that is needed depends on."""
        parts = (self.follow, self.transport, *(one for one in self._added if one not in self._left_out))
        words = tuple(one.text() for one in self._added if isinstance(one, Button))
        wide = (one.sizeHint().width() for one in parts[2:] if not isinstance(one, Button | QLabel))
        return (self._theme.scale, *(one.isHidden() for one in parts), *words, *wide)

    def _shrink(self) -> None:
        """Step by step: keys on buttons, the room for Follow's longest words, Fit's word, what only tells, words."""
        self.transport.settle()
        buttons = [one for one in self.findChildren(Button) if one.parentWidget() is self]
        told = [one for one in self._added if not isinstance(one, Button | QLabel) and not one.isHidden()]
        for button in buttons:
            button.show_chip(True)
            button.show_words(True)
        for one in self._left_out:
            one.show()
        self._left_out = []
        self._reserve(FOLLOWING, WIDEST_FOLLOW)
        steps: list[Step] = [
            *(partial(button.show_chip, False) for button in buttons),
            partial(self._reserve, FOLLOWING),
            partial(self._fit.show_words, False),
            *(partial(self._leave_out, one) for one in told),
            self._follow_without_words,
            *(partial(button.show_words, False) for button in buttons),
        ]
        fit(self._row, self.width(), steps)
        self._fitted = self._shown()
        self._words()

    def _reserve(self, *words: str) -> None:
        """Room for the widest of these on Follow: what stands behind it must not move when its words change."""
        self.follow.setFixedWidth(max(self.follow.width_for(one) for one in words))

    def _follow_without_words(self) -> None:
        self.follow.show_words(False)
        self._reserve("")

    def _leave_out(self, widget: QWidget) -> None:
        widget.hide()
        self._left_out.append(widget)

    def set_compact(self, compact: bool) -> None:
        """36 px high instead of 42."""
        self.setFixedHeight(self._theme.px(COMPACT_HEIGHT if compact else HEIGHT))
        self.transport.set_compact(compact)

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(500, self._theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surface, and a line below it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), self._theme.color("line"))
        painter.end()

    def _follow_clicked(self) -> None:
        self._view.toggle_following()
        self._show_following(self._view.following)

    def _show_following(self, on: bool) -> None:
        self.follow.setChecked(on)
        self._words()

    def _show_behind(self, seconds: float) -> None:
        self._behind = seconds
        self._words()

    def _words(self) -> None:
        """As much as there is room for; the whole of it is in the tooltip."""
        live = self._view.scene.follow.live
        self.follow.setEnabled(live)
        behind = "" if self._behind < 0.1 else f"{duration(round(self._behind * 10) * 100_000_000)} behind"
        if self._view.following:
            choices = [FOLLOWING]
        else:
            choices = [f"Follow, {behind}", behind, "Follow"] if live and behind else ["Follow"]
        room = self.follow.minimumWidth()
        self.follow.set_text(next((one for one in choices if self.follow.width_for(one) <= room), choices[-1]))
        self.follow.setAccessibleName(choices[0])
        self.follow.setToolTip(f"{choices[0]} ({FOLLOW_KEY})")

    def _show_length(self) -> None:
        words = duration(self._view.length_ns)
        if words != self._length.text():
            self._length.setText(words)

    def _restyle(self) -> None:
        self._reserve(FOLLOWING, WIDEST_FOLLOW)
        self._length.setFixedWidth(round(text_width(self._theme.font(13, 600), WIDEST_LENGTH)) + 8)
        self.updateGeometry()
