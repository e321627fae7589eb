"""Text in the colour of a token: a plain label, one that elides, and the chip that shows a key."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.paint import LEFT, RIGHT, chip_width, draw_chip, draw_text
from explorer.desktop.widgets.tip import tip


class Label(QLabel):
    """Plain text, `px` high, in a token's colour; never interprets markup."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        px: int = 13,
        weight: int = 400,
        color: str = "text",
        *,
        wrap: bool = False,
        mono: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._look = (px, weight, mono)
        self._color = color
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_color(self, token: str) -> None:
        """Show the text in another token's colour."""
        if token != self._color:
            self._color = token
            self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._theme.font(*self._look))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.color(self._color))
        self.setPalette(palette)


class IconLabel(QLabel):
    """An icon that is only looked at."""

    def __init__(
        self, theme: Theme, name: str, size: int = 16, color: str = "text2", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._size = size
        self._color = color
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        pixmap: QPixmap = self._theme.icon(self._name, self._size, self._color)
        self.setPixmap(pixmap)
        self.setFixedSize(self._theme.px(self._size), self._theme.px(self._size))


class ElidedLabel(QWidget):
    """One line that ends in "…" when there is too little room; the tooltip then has the whole of it.

    With `whole_words` it ends behind a word, and shows nothing where not even the first has room.
    """

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        px: int = 13,
        weight: int = 400,
        color: str = "text",
        *,
        mono: bool = False,
        right: bool = False,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        whole_words: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = text
        self._look = (px, weight, mono)
        self._color = color
        self._flags = RIGHT if right else LEFT
        self._mode = mode
        self._whole_words = whole_words
        self._more = ""
        self._shown = text
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        theme.changed.connect(self._fit)
        self._fit()

    def text(self) -> str:
        """The whole text."""
        return self._text

    def shown_text(self) -> str:
        """What fits."""
        return self._shown

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self._fit()

    def set_more(self, more: str) -> None:
        """What the tooltip says besides, also where the text fits."""
        self._more = more
        self._fit()

    def set_color(self, token: str) -> None:
        """Show the text in another token's colour."""
        self._color = token
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        metrics = QFontMetricsF(self._theme.font(*self._look))
        return QSize(int(metrics.horizontalAdvance(self._text)) + 2, int(metrics.height()) + 2)

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters."""
        hint = self.sizeHint()
        return QSize(0 if self._whole_words else min(hint.width(), self._theme.px(36)), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide again."""
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """One line."""
        painter = QPainter(self)
        font, color = self._theme.font(*self._look), self._theme.color(self._color)
        draw_text(painter, QRectF(self.rect()), self._shown, font, color, self._flags)
        painter.end()

    def _fit(self) -> None:
        metrics = QFontMetricsF(self._theme.font(*self._look))
        if self._whole_words:
            self._shown = at_word(metrics, self._text, self.width())
        else:
            self._shown = metrics.elidedText(self._text, self._mode, self.width())
        whole = "" if self._shown == self._text else self._text
        self.setToolTip(tip("\n".join(part for part in (whole, self._more) if part)))
        self.update()


def at_word(metrics: QFontMetricsF, text: str, width: float) -> str:
    """As many whole words of `text` as fit into `width` px, and "…" for the rest; "" where there is no room for one."""
    if metrics.horizontalAdvance(text) <= width:
        return text
    words = text.split()
    shorter = (" ".join(words[:number]).rstrip(",") + "…" for number in range(len(words) - 1, 0, -1))
    return next((one for one in shorter if metrics.horizontalAdvance(one) <= width), "")


class ShortcutChip(QWidget):
    """A key or a combination of keys, as help texts and buttons show it."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        theme.changed.connect(self._restyle)

    def sizeHint(self) -> QSize:
        """The chip and nothing around it."""
        return QSize(round(chip_width(self._theme, self._text)) + 1, self._theme.px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The chip."""
        painter = QPainter(self)
        ink, line = self._theme.color("text3"), self._theme.color("line2")
        draw_chip(painter, self._theme, 0, self.height() / 2, self._text, ink, line)
        painter.end()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
