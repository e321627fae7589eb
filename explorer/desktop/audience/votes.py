"""What the room answered, as bars; for the speaker's eyes until the reveal."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, draw_box, draw_text, text_width
from explorer.lessons.audience import events
from explorer.lessons.audience.audience import Audience
from explorer.lessons.audience.tally import rows

HEAD: Final = 26
ROW: Final = 28
NOBODY: Final = "Nothing is asked at the moment."


class VotesBars(QWidget):
    """A row for each choice, or for each part of the range of a number. `mark(at)` colours the right one."""

    def __init__(self, theme: Theme, audience: Audience, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._audience = audience
        self._marked = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        audience.hearers.append(self._hear)
        theme.changed.connect(self._renew)
        self._renew()

    def mark(self, at: int) -> None:
        """Show which one was right; -1: none is shown."""
        self._marked = at
        self.update()

    def sizeHint(self) -> QSize:
        """As high as what is asked needs."""
        ballot = self._audience.ballot
        lines = len(rows(ballot, self._audience.votes)) if ballot is not None else 1
        return QSize(self._theme.px(320), self._theme.px(HEAD + ROW * lines))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title, total, bars."""
        theme, painter = self._theme, QPainter(self)
        audience, wide, px = self._audience, float(self.width()), theme.px
        muted = theme.color("text2")
        draw_text(painter, QRectF(0, 0, wide, px(20)), "The room predicts", theme.font(12, 600), muted, LEFT)
        ballot = audience.ballot
        if ballot is None:
            draw_text(painter, QRectF(0, px(HEAD), wide, px(20)), NOBODY, theme.font(13), muted, LEFT)
            painter.end()
            return
        total = audience.votes.total
        said = f"{total} {'vote' if total == 1 else 'votes'} of {audience.phones.here}"
        draw_text(painter, QRectF(0, 0, wide, px(20)), said, theme.font(12, 500), muted, RIGHT)
        found = rows(ballot, audience.votes)
        most = max(1, *(count for _, count in found))
        words = theme.font(14, 600)
        label = min(wide * 0.6, max(text_width(words, text) for text, _ in found) + px(14))
        for at, (text, count) in enumerate(found):
            top = px(HEAD + ROW * at)
            shown = QFontMetricsF(words).elidedText(text, Qt.TextElideMode.ElideRight, label)
            draw_text(painter, QRectF(0, top, label, px(22)), shown, words, theme.color("text"), LEFT)
            room = wide - label - px(40)
            bar = QRectF(label, top + px(4), max(2.0, room * count / most), px(14))
            draw_box(painter, bar, 4, theme.color("good" if at == self._marked else "fill"))
            draw_text(painter, QRectF(wide - px(40), top, px(40), px(22)), str(count), words, muted, RIGHT)
        painter.end()

    def forget(self) -> None:
        """Listen no more; before it is deleted."""
        if self._hear in self._audience.hearers:
            self._audience.hearers.remove(self._hear)

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.Votes | events.Phones | events.Closed):
            self._renew()

    def _renew(self) -> None:
        ballot, votes = self._audience.ballot, self._audience.votes
        found = ", ".join(f"{text}: {count}" for text, count in rows(ballot, votes)) if ballot is not None else NOBODY
        self.setAccessibleName(f"The room predicts. {found}")
        self.updateGeometry()
        self.update()
