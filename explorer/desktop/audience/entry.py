"""Audience mode as the window has it: one `Audience`, tied to the runs, and the question before it opens.

The slide and what it needs are imported when they are first shown: few will look at them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from explorer.desktop.audience.confirm import ConfirmDialog
from explorer.desktop.control import Control
from explorer.desktop.theme import Theme
from explorer.lessons.audience import events
from explorer.lessons.audience.addresses import Address, addresses
from explorer.lessons.audience.audience import Audience
from explorer.lessons.audience.figures import figures
from explorer.lessons.audience.reach import reach
from explorer.option_error import OptionError

if TYPE_CHECKING:
    from explorer.desktop.audience.window import AudienceWindow

FIGURES_MS: Final = 500
TITLE: Final = "Audience"


class AudienceEntry(QObject):
    """Owns the `audience`. `tell(title, sentence)` says what went wrong; `opened_changed`: it was opened or closed.
    `told(title, sentence)` is said beside that, for whoever has the window's messages out of sight.
    """

    opened_changed = Signal()
    told = Signal(str, str)

    def __init__(self, theme: Theme, control: Control, tell: Callable[[str, str], object], window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._control = control
        self._say = tell
        self._window = window
        self.each_run_locks = True
        """Whether a vote ends with the start of any run; False: a lecture says itself with which."""
        self.audience = Audience(self._hear)
        self.dialog: ConfirmDialog | None = None
        self.shown: AudienceWindow | None = None
        self._figures = QTimer(self)
        self._figures.setInterval(FIGURES_MS)
        self._figures.timeout.connect(self._tell_figures)
        control.bridge.consumers.append(self.audience.feed)
        control.bridge.serving.connect(lambda *_: self._attach())
        control.state_changed.connect(self._follow)

    def ask(
        self,
        parent: QWidget | None = None,
        *,
        own_window: bool = True,
        then: Callable[[bool], object] = lambda in_: None,
    ) -> None:
        """Ask whether the room may come in, above `parent`. Once it is in, the audience's own window is shown, unless
        somebody else shows the slide. `then` is told whether it is in, once that is known.
        """
        if self.audience.opened is None:
            self.dialog = ConfirmDialog(self._theme, addresses(), parent or self._window)
            self.dialog.agreed.connect(lambda address: self._agreed(address, own_window, then))
            self.dialog.rejected.connect(lambda: then(False))
            self.dialog.open()
        elif own_window:
            self.show_window()

    def show_window(self) -> None:
        """The slide, a question, the votes."""
        from explorer.desktop.audience.window import AudienceWindow

        if self.shown is None:
            self.shown = AudienceWindow(self._theme, self.audience, self._window)
            self.shown.closing.connect(self._close_window)
        self.shown.show()
        self.shown.activateWindow()

    async def open(self, address: Address, port: int | None = None) -> bool:
        """Let the room in, after the question was answered; whether that worked."""
        try:
            await (self.audience.open(address) if port is None else self.audience.open(address, port))
        except OptionError as error:
            self._tell(TITLE, str(error))
            return False
        return True

    def close_soon(self) -> None:
        """Let nobody in any more, beside what goes on."""
        self._control.accompany(self.close())

    async def close(self) -> None:
        """Let nobody in any more."""
        self._figures.stop()
        await self.audience.close()
        if self.shown is not None:
            self.shown.close()

    def _agreed(self, address: Address, own_window: bool, then: Callable[[bool], object]) -> None:
        async def open_and_show() -> None:
            opened = await self.open(address)
            if opened and own_window:
                self.show_window()
            then(opened)

        self._control.accompany(open_and_show())

    def _close_window(self) -> None:
        shown, self.shown = self.shown, None
        if shown is not None:
            shown.deleteLater()
        if self.audience.opened is not None:
            self._control.accompany(self.audience.close())

    def _tell(self, title: str, sentence: str) -> None:
        self._say(title, sentence)
        self.told.emit(title, sentence)

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.Opened):
            self._figures.start()
            self.opened_changed.emit()
        elif isinstance(event, events.Closed):
            self._figures.stop()
            if event.sentence:
                self._tell(TITLE, event.sentence)
            if self.shown is not None:
                self.shown.close()
            self.opened_changed.emit()

    def _attach(self) -> None:
        session = self._control.session
        found = reach(self._control.catalog, session) if session is not None else None
        if found is not None:
            self.audience.attach(found)

    def _follow(self, state: str) -> None:
        if state == "starting":
            if self.each_run_locks:
                self.audience.lock()  # what was predicted was predicted before
        elif state != "running":
            self.audience.detach()

    def _tell_figures(self) -> None:
        if self._control.state == "running":
            self.audience.tell(figures(self._control.statistics))
