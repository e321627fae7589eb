"""Buttons: primary (Run, the only filled one), quiet, ghost, danger, and the toggle, whose outline says it is on."""

from enum import Enum

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QEnterEvent, QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from explorer.desktop.theme import Theme, mix
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import LEFT, chip_width, draw_box, draw_chip, draw_text, text_width

HOVER_MS = 80
DARKER = 112
DISABLED = 0.45
SPACE = 7


class ButtonKind(Enum):
    """How much a button asks for attention."""

    PRIMARY = "primary"
    QUIET = "quiet"
    GHOST = "ghost"
    TOGGLE = "toggle"
    DANGER = "danger"


class Button(QAbstractButton):
    """A button with an icon, a text and a chip for its shortcut, each of which may be absent.

    The chip only shows the key; the action behind it is bound elsewhere. A button without text needs `name`, which
    is what a screen reader says and the tooltip shows.
    """

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        *,
        icon: str = "",
        kind: ButtonKind = ButtonKind.QUIET,
        shortcut: str = "",
        height: int = 28,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        if not text and not name:
            raise ValueError("Give a button without text a name: a screen reader has nothing else to say.")
        self._theme = theme
        self._icon = icon
        self._kind = kind
        self._chip = self._keys = shortcut
        self._chip_shown = self._words_shown = True
        self._height = max(24, height)
        self._hover = 0.0
        self._fade = QVariantAnimation(self)
        self._fade.setDuration(HOVER_MS)
        self._fade.valueChanged.connect(self._set_hover)
        self.setText(text)
        self.setCheckable(kind is ButtonKind.TOGGLE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        # Tab reaches it; a click leaves the keyboard where it was, so that the timeline's letters go on working.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_name(name)
        self._ring = FocusRing(theme, self, radius=6)
        theme.changed.connect(self._restyle)

    def set_name(self, name: str) -> None:
        """What a screen reader says, where the text alone does not say enough; also the tooltip, with the key."""
        self.setAccessibleName(name or self.text())
        self.setToolTip(f"{name} ({self._keys})" if name and self._keys else name)

    def set_text(self, text: str, icon: str | None = None) -> None:
        """Show another text, and another icon when one is given."""
        if text == self.text() and icon in (None, self._icon):
            return
        if self.accessibleName() == self.text() and text:  # without words it is still called what it was
            self.setAccessibleName(text)
        self.setText(text)
        self._icon = self._icon if icon is None else icon
        self._restyle()

    def show_chip(self, shown: bool) -> None:
        """Show the key on the button, or leave it to the tooltip where there is no room."""
        if shown != self._chip_shown:
            self._chip_shown = shown
            if not shown and not self.toolTip():
                self.setToolTip(f"{self.accessibleName()} ({self._keys})")
            self._chip = self._keys if shown else ""
            self._restyle()

    def show_words(self, shown: bool) -> None:
        """Show the text beside the icon, or leave it to the tooltip where there is no room."""
        if shown != self._words_shown:
            self._words_shown = shown
            if not shown and not self.toolTip():
                self.setToolTip(f"{self.accessibleName()} ({self._keys})" if self._keys else self.accessibleName())
            self._restyle()

    def set_kind(self, kind: ButtonKind) -> None:
        """Ask for more or for less attention: Run becomes Stop, which is quiet."""
        if kind is not self._kind:
            self._kind = kind
            self._restyle()

    def sizeHint(self) -> QSize:
        """Icon, text and chip in one row; square when there is only an icon."""
        return QSize(self.width_for(self._words()), self._theme.px(self._height))

    def width_for(self, text: str) -> int:
        """How wide the button would like to be with this text, px."""
        theme = self._theme
        parts = [theme.px(16)] if self._icon else []
        if text:
            parts.append(int(text_width(self._font(), text) + 1))
        if self._chip:
            parts.append(round(chip_width(theme, self._chip)))
        if not text and not self._chip:
            return theme.px(self._height)
        return sum(parts) + theme.px(SPACE) * (len(parts) - 1) + theme.px(12) + theme.px(8 if self._chip else 12)

    def minimumSizeHint(self) -> QSize:
        """Buttons do not shrink."""
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Fade the hover colour in."""
        self._fade_to(1.0)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Fade it out."""
        self._fade_to(0.0)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, icon, text, chip."""
        theme, painter = self._theme, QPainter(self)
        if not self.isEnabled():
            painter.setOpacity(DISABLED)
        fill, border, ink = self._colors()
        if fill is not None and self.isDown():
            fill = fill.darker(DARKER)
        draw_box(painter, QRectF(self.rect()), 6, fill, border)
        middle = self.height() / 2
        words = self._words()
        left = float(theme.px(12)) if words or self._chip else (self.width() - theme.px(16)) / 2
        if self.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Expanding:
            left = max(left, (self.width() - self.sizeHint().width()) / 2 + theme.px(12))
        if self._icon:
            painter.drawPixmap(QPointF(left, middle - theme.px(16) / 2), theme.icon(self._icon, 16, ink))
            left += theme.px(16 + SPACE)
        if words:
            font = self._font()
            width = text_width(font, words)
            draw_text(painter, QRectF(left, 0, width + 2, self.height()), words, font, theme.color(ink), LEFT)
            left += width + 1 + theme.px(SPACE)
        if self._chip:
            self._draw_chip(painter, left, middle)
        painter.end()

    def _words(self) -> str:
        return self.text() if self._words_shown or not self._icon else ""

    def _colors(self) -> tuple[QColor | None, QColor | None, str]:
        """Fill, border and the token of the ink."""
        color, hover = self._theme.color, self._hover
        if self._kind is ButtonKind.PRIMARY:
            return mix(color("fill"), color("fill_hover"), hover), None, "on_fill"
        if self._kind is ButtonKind.DANGER:
            return mix(color("danger_bg"), color("hover"), hover), color("danger"), "danger"
        if self.isChecked():
            return color("accent_bg"), color("accent"), "accent"
        if self._kind is ButtonKind.GHOST:
            return (color("hover", round(255 * hover)) if hover else None), None, "text2"
        return mix(color("raised"), color("hover"), hover), color("line2"), "text"

    def _draw_chip(self, painter: QPainter, left: float, middle: float) -> None:
        theme = self._theme
        if self._kind is ButtonKind.PRIMARY:
            ink, line = theme.color("on_fill"), theme.color("on_fill", 190)
        else:
            ink, line = theme.color("text2" if self.isChecked() else "text3"), theme.color("line2")
        draw_chip(painter, theme, left, middle, self._chip, ink, line)

    def _font(self) -> QFont:
        strong = self._kind is ButtonKind.PRIMARY or self.isChecked()
        return self._theme.font(13, 600 if strong else 500)

    def _fade_to(self, value: float) -> None:
        self._fade.stop()
        if self._theme.reduced_motion or not self.isVisible():
            self._set_hover(value)
            return
        self._fade.setStartValue(self._hover)
        self._fade.setEndValue(value)
        self._fade.start()

    def _set_hover(self, value: object) -> None:
        self._hover = float(value) if isinstance(value, (int, float)) else 0.0
        self.update()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


def ghost_button(theme: Theme, text: str = "", *, icon: str = "", name: str = "", height: int = 28) -> Button:
    """A button without a box until the pointer is over it. Without text it needs a name."""
    return Button(theme, text, icon=icon, kind=ButtonKind.GHOST, name=name, height=height)


def toggle_button(theme: Theme, text: str, *, icon: str = "", shortcut: str = "", height: int = 28) -> Button:
    """A button that stays on: accent outline and words."""
    return Button(theme, text, icon=icon, kind=ButtonKind.TOGGLE, shortcut=shortcut, height=height)
