"""Fields of the dialog: a line of text, and several lines, each with its name above."""

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.entry import Entry
from explorer.desktop.widgets.focus import FocusRing
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.paint import draw_box

HEIGHT = 28
LINES = 3


class Box(QWidget):
    """The painted ground of a field; `show_as` a token's border."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._border = "line2"
        theme.changed.connect(self.update)

    def show_as(self, border: str) -> None:
        """Draw the border in another token's colour."""
        self._border = border
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box."""
        painter = QPainter(self)
        draw_box(painter, QRectF(self.rect()), 6, self._theme.color("raised"), self._theme.color(self._border))
        painter.end()


class LineBox(Box):
    """A line of text without a name beside it; `changed` follows the user, `finished` when a text is to be taken."""

    changed = Signal()
    finished = Signal()

    def __init__(self, theme: Theme, name: str, text: str = "", hint: str = "") -> None:
        super().__init__(theme)
        self.entry = Entry(theme, 12, 500)
        self.entry.setText(text)
        self.entry.setAccessibleName(name)
        self.entry.setPlaceholderText(hint)
        self.entry.textEdited.connect(lambda _: self.changed.emit())
        self.entry.entered.connect(self.finished)
        self.entry.left.connect(self.finished)
        self._ring = FocusRing(theme, self.entry, radius=6, around=self)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 0, 8, 0)
        line.addWidget(self.entry)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.entry)

    @property
    def text(self) -> str:
        """What stands there, without blanks around it."""
        return self.entry.text().strip()

    def set_text(self, text: str) -> None:
        """Show another text, without telling."""
        self.entry.setText(text)

    def sizeHint(self) -> QSize:
        """As high as a control, as wide as there is room."""
        return QSize(self._theme.px(120), self._theme.px(HEIGHT))


class TextField(QWidget):
    """A line of text below its name; widgets given to `add` stand right of it.

    `changed` follows the user; `finished` when Enter was pressed or the focus went elsewhere.
    """

    changed = Signal()
    finished = Signal()

    def __init__(self, theme: Theme, title: str, text: str = "", hint: str = "") -> None:
        super().__init__()
        self._box = LineBox(theme, title, text, hint)
        self._box.changed.connect(self.changed)
        self._box.finished.connect(self.finished)
        self._line = QHBoxLayout()
        self._line.setSpacing(8)
        self._line.addWidget(self._box, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(theme, title, 12, color="text2"))
        column.addLayout(self._line)
        self.setFocusProxy(self._box)

    @property
    def text(self) -> str:
        """What stands there."""
        return self._box.text

    def set_text(self, text: str) -> None:
        """Show another text, without telling."""
        self._box.set_text(text)

    def set_wrong(self, wrong: bool) -> None:
        """Mark it as the one at fault."""
        self._box.show_as("danger" if wrong else "line2")

    def add(self, widget: QWidget) -> None:
        """Put a widget right of the field."""
        self._line.addWidget(widget)


class LinesField(QWidget):
    """Several lines of text below their name, each "NAME<mark>VALUE"."""

    def __init__(self, theme: Theme, title: str, mark: str, pairs: dict[str, str], hint: str) -> None:
        super().__init__()
        self._theme = theme
        self._mark = mark
        self._edit = QPlainTextEdit("\n".join(f"{name}{mark}{value}" for name, value in pairs.items()))
        self._edit.setFrameShape(QFrame.Shape.NoFrame)
        self._edit.setTabChangesFocus(True)
        self._edit.setAccessibleName(title)
        self._edit.setPlaceholderText(hint)
        box = Box(theme)
        inside = QVBoxLayout(box)
        inside.setContentsMargins(4, 2, 4, 2)
        inside.addWidget(self._edit)
        self._ring = FocusRing(theme, self._edit, radius=6, around=box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(Label(theme, title, 12, color="text2"))
        column.addWidget(box)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def pairs(self) -> dict[str, str]:
        """Name and value of each line that is not empty; a line without the mark has an empty value."""
        found = (line.strip().partition(self._mark) for line in self._edit.toPlainText().splitlines() if line.strip())
        return {name.strip(): value.strip() for name, _, value in found}

    def _restyle(self) -> None:
        theme = self._theme
        self._edit.setFont(theme.font(12, 400, mono=True))
        self._edit.setFixedHeight(theme.px(LINES * 18 + 8))
        palette = self._edit.palette()
        palette.setColor(QPalette.ColorRole.Base, QColor(0, 0, 0, 0))
        palette.setColor(QPalette.ColorRole.Text, theme.color("text"))
        palette.setColor(QPalette.ColorRole.PlaceholderText, theme.color("text3"))
        self._edit.setPalette(palette)
