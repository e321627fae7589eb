"""A word that can be chosen, beside others of which one is: the ground of segments and tabs."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.paint import text_width


class WordButton(QAbstractButton):
    """As wide as its word, with `pad` px of room in all, and `height` px high; who paints it overrides `paintEvent`."""

    def __init__(self, theme: Theme, title: str, *, pad: int, height: int, radius: float) -> None:
        super().__init__()
        self.theme = theme
        self._pad, self._height = pad, height
        self.setText(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._ring = FocusRing(theme, self, radius=radius)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Room for the word as it is written when chosen: the weight changes with the choice, the width must not."""
        theme = self.theme
        wide = int(text_width(theme.font(12, 600), self.text()) + 1)
        return QSize(wide + theme.px(self._pad), theme.px(self._height))
