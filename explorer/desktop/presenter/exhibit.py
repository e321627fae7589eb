"""A lecture that gives itself, round and round: each change follows by itself, and every round runs everything anew."""

from typing import Final

from PySide6.QtCore import QObject, QTimer

from explorer.desktop.presenter.deck import Build
from explorer.desktop.presenter.lecture import Lecture

ASKS_MS: Final = 5_000
SHOWS_MS: Final = 8_000
"""So long a question stands, and what was measured, before it goes on."""
PATIENCE_MS: Final = 120_000
"""A run that is not over by then is left: an exhibit must not stand still."""


class Exhibit(QObject):
    """Goes on by itself from when it is made until it is closed. `asks_ms` and `shows_ms` are how long things stand."""

    def __init__(
        self, lecture: Lecture, *, asks_ms: int = ASKS_MS, shows_ms: int = SHOWS_MS, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._lecture = lecture
        self._asks, self._shows = asks_ms, shows_ms
        self.rounds = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)
        lecture.moved.connect(self._moved)
        lecture.finished.connect(self._over)
        self._moved()

    def close(self) -> None:
        """Go on no more."""
        self._timer.stop()
        self._lecture.moved.disconnect(self._moved)
        self._lecture.finished.disconnect(self._over)

    def _moved(self) -> None:
        if self._lecture.deck.build is Build.ASK:
            self._timer.start(self._asks)
        else:
            self._timer.start(PATIENCE_MS if self._lecture.runner.going else self._shows)

    def _over(self) -> None:
        if self._lecture.deck.build is not Build.ASK:
            self._timer.start(self._shows)

    def _go_on(self) -> None:
        lecture, deck = self._lecture, self._lecture.deck
        if deck.after is None and deck.build is deck.sheet.builds[-1]:
            self.rounds += 1
            lecture.begin_again()
        else:
            lecture.forward()
