"""What the lane area says when there are no lanes: nothing runs yet, a start under way, or why there was none."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.picture import Picture
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.widgets.steps import Step, StepList, StepState
from explorer.records.clock import now_ns
from explorer.records.states import State

INVITATION: Final = (
    "Answer the four questions on the left, then run it: a real server under real load, every thread and event loop "
    "on a lane of its own. Or start the server alone with Send 1."
)
INVITATION_OWN: Final = (
    "Your app is open. Say on the left who serves it and how it is loaded, then run it: a real server under real load, "
    "every thread and event loop on a lane of its own. Or start the server alone with Send 1."
)
WIDTH: Final = 620
NARROWEST: Final = 300
MARGIN: Final = 16
SPACING: Final = 10
SHOW_PROGRESS_AFTER_S: Final = 0.5
PICTURE: Final = (
    (0, 0.00, 0.04, State.RUNNING),
    (0, 0.10, 0.04, State.RUNNING),
    (0, 0.20, 0.04, State.RUNNING),
    (0, 0.56, 0.04, State.RUNNING),
    (0, 0.66, 0.04, State.RUNNING),
    (0, 0.76, 0.04, State.RUNNING),
    (1, 0.05, 0.50, State.BLOCKED),
    (2, 0.15, 0.50, State.BLOCKED),
    (3, 0.25, 0.30, State.QUEUED),
    (3, 0.56, 0.40, State.BLOCKED),
)


class EmptyPanel(QWidget):
    """Invites to run something. `run_asked`, `app_asked`, `open_asked` and `lessons_asked` follow its buttons."""

    run_asked = Signal()
    app_asked = Signal()
    open_asked = Signal()
    lessons_asked = Signal()
    """The start page with lessons, scenarios and recent runs is to be shown."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        card = QVBoxLayout()
        card.setSpacing(SPACING)
        self._picture = Picture(theme, PICTURE)
        self._picture.setFixedSize(theme.px(420), theme.px(120))
        card.addWidget(self._picture)
        card.addSpacing(12)
        card.addWidget(Label(theme, "Nothing runs yet", 26, 600))
        self._invitation = Label(theme, INVITATION, 13, color="text2", wrap=True)
        card.addWidget(self._invitation)
        card.addSpacing(4)
        card.addLayout(self._buttons())
        self._inner = QWidget()
        self._inner.setLayout(card)
        self._inner.setFixedWidth(theme.px(WIDTH))
        page = QWidget()
        outer = QVBoxLayout(page)
        outer.addStretch(2)
        outer.addWidget(self._inner, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        area = ScrollArea(page)  # at the largest scales there is more than a small window has room for
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        theme.changed.connect(self._fit)

    def show_own(self, own: bool) -> None:
        """Say what there is to do: with an app of the user's own there are fewer questions."""
        self._invitation.setText(INVITATION_OWN if own else INVITATION)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The words come before the picture."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As wide as the scale asks for and the panel has room; no picture where the words would be squeezed."""
        room = self.width() - 2 * MARGIN
        self._inner.setFixedWidth(min(self._theme.px(WIDTH), max(room, NARROWEST)))
        shown = not self._picture.isHidden()
        needed = self._inner.sizeHint().height() + (0 if shown else self._picture.height() + SPACING)
        self._picture.setVisible(self.height() >= needed)

    def _buttons(self) -> QVBoxLayout:
        run = Button(self._theme, "Run it", icon="play", kind=ButtonKind.PRIMARY, shortcut="Space", height=34)
        run.clicked.connect(self.run_asked)
        file = Button(self._theme, "Open a recording", icon="folder-open", height=34)
        file.clicked.connect(self.open_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        app = Button(self._theme, "Open your app", icon="code", height=34)
        app.clicked.connect(self.app_asked)
        buttons.addWidget(run)
        buttons.addWidget(app)
        buttons.addWidget(file)
        buttons.addStretch(1)
        lessons = Button(self._theme, "Lessons, scenarios, recent runs", icon="book-open", shortcut="Ctrl H", height=34)
        lessons.clicked.connect(self.lessons_asked)
        both = QVBoxLayout()
        both.setSpacing(8)
        both.addLayout(buttons)
        both.addWidget(lessons, 0, Qt.AlignmentFlag.AlignLeft)
        return both


class StartPanel(QWidget):
    """The steps of a start with their times; `cancelled` follows its button."""

    cancelled = Signal()

    def __init__(self, theme: Theme, control: Control, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._began = 0
        self._done: list[tuple[str, float]] = []
        self._list = StepList(theme, "Starting the server")
        self._list.setFixedWidth(theme.px(380))
        self._list.cancelled.connect(self.cancelled)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(self._list, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        self._tick = QTimer(self)
        self._tick.setInterval(100)
        self._tick.timeout.connect(self._show)
        control.bridge.step.connect(self._add)
        control.state_changed.connect(self._follow)

    def _follow(self, state: str) -> None:
        if state == "starting":
            self._began = now_ns()
            self._done = []
            self._tick.start()
            self._show()
        else:
            self._tick.stop()

    def _add(self, name: str, seconds: float) -> None:
        if name not in [done for done, _ in self._done]:
            self._done.append((name, seconds))
        self._show()

    def _show(self) -> None:
        elapsed = (now_ns() - self._began) / 1e9
        self._list.setVisible(elapsed >= SHOW_PROGRESS_AFTER_S)
        self._list.show_progress(_steps(self._done), elapsed)


def _steps(done: Sequence[tuple[str, float]]) -> list[Step]:
    steps = [Step(name, StepState.DONE, seconds) for name, seconds in done]
    return [*steps, Step("Waiting for the first answer", StepState.NOW), Step("Load begins")]
