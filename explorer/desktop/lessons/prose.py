"""A lesson's text: its little Markdown, laid out in the theme's type and colours."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from explorer.desktop.lessons.markdown import as_html, as_words
from explorer.desktop.theme import Theme


class Prose(QLabel):
    """Paragraphs `px` high in a token's colour; as high as they are at the width there is."""

    def __init__(
        self, theme: Theme, px: int = 14, weight: int = 400, color: str = "text", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = px, weight
        self._color = color
        self._markdown = ""
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def markdown(self) -> str:
        """What is shown."""
        return self._markdown

    def show_markdown(self, text: str) -> None:
        """Show this text; nothing hides the widget."""
        self._markdown = text
        self.setVisible(bool(text.strip()))
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._theme.font(*self._look))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.color(self._color))
        self.setPalette(palette)
        self.setText(as_html(self._markdown.strip(), self._theme.px(self._look[0])))
        self.setAccessibleName(as_words(self._markdown))
        self.updateGeometry()
