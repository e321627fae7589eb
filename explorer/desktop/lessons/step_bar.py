"""The foot of a lesson: the five steps with where one is, Back, and the one button that goes on."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from explorer.desktop.lessons.state import LOOK, PREDICT, REVEAL, RUN, TRY, LessonState
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import CENTER, LEFT, draw_box, draw_text, text_width
from explorer.desktop.widgets.tip import tip
from explorer.lessons.lesson import STEPS

HIGH: Final = 56
DISC: Final = 19
CANNOT: Final = "Cannot run here"
GOES_ON: Final = {LOOK: ("Predict", "arrow-right", "PgDn"), PREDICT: ("Run", "play", "Space"),
                  RUN: ("Stop", "square", "Space"), REVEAL: ("Try", "arrow-right", "PgDn"),
                  TRY: ("All lessons", "graduation-cap", "PgDn")}  # fmt: skip


class StepDot(QAbstractButton):
    """One step: a number in a disc, a check mark once it is done."""

    def __init__(self, theme: Theme, number: int, name: str) -> None:
        super().__init__()
        self._theme, self._number = theme, number
        self.mode = "later"
        self.setText(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._ring = FocusRing(theme, self, radius=6)
        theme.changed.connect(self.updateGeometry)

    def show_mode(self, mode: str, possible: bool) -> None:
        """`done`, `now` or `later`, and whether one can go there."""
        self.mode = mode
        self.setEnabled(possible)
        words = {"done": "done", "now": "present step", "later": "to come"}[mode]
        self.setAccessibleName(f"{self.text()}, {words}")
        self.update()

    def sizeHint(self) -> QSize:
        """Disc and word."""
        px = self._theme.px
        return QSize(px(DISC + 9) + int(text_width(self._theme.font(13, 600), self.text())) + 4, px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Disc and word."""
        painter, theme, px = QPainter(self), self._theme, self._theme.px
        now, done = self.mode == "now", self.mode == "done"
        disc = QRectF(1, (self.height() - px(DISC)) / 2, px(DISC), px(DISC))
        fill = theme.color("fill") if now else theme.color("accent_bg") if done else None
        edge = None if now else theme.color("accent" if done else "line2")
        draw_box(painter, disc, px(DISC) / 2, fill, edge)
        if done:
            corner = QPointF(disc.center().x() - px(11) / 2, disc.center().y() - px(11) / 2)
            painter.drawPixmap(corner, theme.icon("check", 11, "accent"))
        else:
            ink = theme.color("on_fill" if now else "text3")
            draw_text(painter, disc, str(self._number), theme.font(11, 700), ink, CENTER)
        box = QRectF(disc.right() + px(7), 0, self.width(), self.height())
        color = "text" if now else "text2" if self.isEnabled() else "text3"
        draw_text(painter, box, self.text(), theme.font(13, 600 if now else 500), theme.color(color), LEFT)
        painter.end()


class StepBar(QWidget):
    """Signals: `asked(step)`, `back_asked`, `forward_asked`."""

    asked = Signal(str)
    back_asked = Signal()
    forward_asked = Signal()

    def __init__(self, theme: Theme, state: LessonState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._state = theme, state
        self.dots = {name: StepDot(theme, number, name) for number, name in enumerate(STEPS, 1)}
        line = QHBoxLayout(self)
        line.setContentsMargins(24, 0, 24, 0)
        line.setSpacing(theme.px(18))
        for name, dot in self.dots.items():
            dot.clicked.connect(lambda _=False, name=name: self.asked.emit(name))
            line.addWidget(dot)
        line.addStretch(1)
        self.back = Button(theme, "Back", shortcut="PgUp", height=36)
        self.back.clicked.connect(self.back_asked)
        self._forward = {step: _button(theme, *look, primary=step != RUN) for step, look in GOES_ON.items()}
        for button in self._forward.values():
            button.clicked.connect(self.forward_asked)
        self._cannot = Button(theme, CANNOT, icon="lock", height=36)
        """In the place of Run where it would do nothing, and so would its key."""
        self._cannot.setEnabled(False)
        right = QHBoxLayout()
        right.setSpacing(theme.px(10))
        right.addWidget(self.back)
        for button in self._forward.values():
            right.addWidget(button)
        right.addWidget(self._cannot)
        line.addLayout(right)
        theme.changed.connect(self._fit)
        self._fit()

    @property
    def forward(self) -> Button:
        """The button that goes on from the present step."""
        step = self._state.step
        return self._cannot if step == PREDICT and self._state.lacking else self._forward[step]

    def show_state(self) -> None:
        """Where one is, and where one can go."""
        state = self._state
        at = STEPS.index(state.step)
        for number, (name, dot) in enumerate(self.dots.items()):
            done = number < at or (state.answered and number > at and name in (RUN, REVEAL))
            dot.show_mode("now" if number == at else "done" if done else "later", state.may(name) and number != at)
        for button in (*self._forward.values(), self._cannot):
            button.setVisible(button is self.forward)
        self._cannot.setToolTip(tip(state.lacking))
        self._forward[PREDICT].setEnabled(state.runnable)
        self._forward[REVEAL].setEnabled(state.answered)
        self.back.setEnabled(at > 0 and not state.going)

    def _fit(self) -> None:
        self.setFixedHeight(self._theme.px(HIGH))


def _button(theme: Theme, words: str, icon: str, key: str, primary: bool) -> Button:
    kind = ButtonKind.PRIMARY if primary else ButtonKind.QUIET
    button = Button(theme, words, icon=icon, kind=kind, shortcut=key, height=36)
    button.hide()
    return button
