"""The place above the lanes where the window says what went wrong, or that something is done."""

from collections.abc import Callable, Sequence
from typing import Final, Literal

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.banner import Banner
from explorer.desktop.widgets.details import DetailsWindow

MOST: Final = 2
INFORM_MS: Final = 12_000
Action = tuple[str, Callable[[], object]]
"""The text of a button and what it does."""


class Messages(QWidget):
    """A short stack of banners, newest on top; equal ones are shown once. `said(title, sentence)` follows each."""

    said = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: list[tuple[str, str, Banner]] = []
        self._held: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 10)
        self._column.setSpacing(8)
        self.hide()

    def warn(self, title: str, sentence: str, details: str = "") -> None:
        """Say that something went wrong; `details`, if there are any, are behind a button."""
        window = self.window()
        show = ("Traceback", lambda: DetailsWindow(self._theme, "Traceback", details, window).show())
        self._put(title, sentence, danger=True, more=[show] if details else [])

    def offer(self, title: str, sentence: str, command: str) -> None:
        """Say that something can be had by a command, which a button copies; it stays until it is dismissed."""
        copy = ("Copy command", lambda: QGuiApplication.clipboard().setText(command))
        self._put(title, sentence, danger=False, more=[copy] if command else [])

    def ask(
        self, title: str, sentence: str, text: str, act: Callable[[], object], dismissed: Callable[[], object]
    ) -> None:
        """Say something and offer to act; it stays until that is done or dismissed, which is told."""
        self._put(title, sentence, danger=False, more=[(text, act)], dismissed=dismissed)

    def inform(self, title: str, sentence: str) -> None:
        """Say something worth knowing."""
        self._put(title, sentence, danger=False)
        QTimer.singleShot(INFORM_MS, self, lambda: self._drop(title, sentence))

    def clear(self) -> None:
        """Take everything away."""
        for _, _, banner in self._shown:
            self._column.removeWidget(banner)
            banner.deleteLater()
        self._shown = []
        self._show_or_hide()

    def hold(self, widget: QWidget) -> None:
        """Show a widget above the messages until it is released: how far long work is."""
        self._held.append(widget)
        self._column.insertWidget(0, widget)
        self._show_or_hide()

    def release(self, widget: QWidget) -> None:
        """Take the widget away, for good."""
        self._held.remove(widget)
        self._column.removeWidget(widget)
        widget.deleteLater()
        self._show_or_hide()

    def drop(self, title: str) -> None:
        """Take away what was said under this title: it is no longer so."""
        for shown in [one for one in self._shown if one[0] == title]:
            self._drop(*shown[:2])

    @property
    def sentences(self) -> list[str]:
        """What is shown now, newest first."""
        return [sentence for _, sentence, _ in self._shown]

    def _put(
        self,
        title: str,
        sentence: str,
        *,
        danger: bool,
        more: Sequence[Action] = (),
        dismissed: Callable[[], object] = lambda: None,
    ) -> None:
        if any((title, sentence) == shown[:2] for shown in self._shown):
            return
        kind: Literal["danger", "info"] = "danger" if danger else "info"

        def take_away() -> None:
            self._drop(title, sentence)
            dismissed()

        dismiss: Action = ("Dismiss", take_away)
        banner = Banner(self._theme, title, sentence, [*more, dismiss], kind=kind)
        entry = (title, sentence, banner)
        self._shown.insert(0, entry)
        self._column.insertWidget(len(self._held), banner)
        while len(self._shown) > MOST:
            self._drop(*self._shown[-1][:2])
        self.show()
        self.said.emit(title, sentence)

    def _drop(self, title: str, sentence: str) -> None:
        for shown in [one for one in self._shown if one[:2] == (title, sentence)]:
            self._shown.remove(shown)
            self._column.removeWidget(shown[2])
            shown[2].deleteLater()
        self._show_or_hide()

    def _show_or_hide(self) -> None:
        self.setVisible(bool(self._shown or self._held))
