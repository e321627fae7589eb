"""The head of the Run tab: what the scenario is called and says, the level, the engine, and predicting first."""

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.desktop.labs.isolation.engine_menu import EngineMenu
from explorer.desktop.labs.isolation.runner import Runner
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.paint import CENTER, draw_box, draw_text, text_width
from explorer.desktop.widgets.segmented import SegmentedControl
from explorer.desktop.widgets.switch import Switch


class RunHead(QWidget):
    """Follows a `Runner`. `predict_changed(on)`, `save_asked`."""

    predict_changed = Signal(bool)
    save_asked = Signal()

    def __init__(self, theme: Theme, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._runner = theme, runner
        self._title = ElidedLabel(theme, "", 21, 700)
        self.id = IdChip(theme)
        self._edited = Label(theme, "edited", 12, 600, "accent")
        self.shipped = Button(theme, "As shipped", icon="undo-2", kind=ButtonKind.GHOST, height=26)
        self.save = Button(theme, icon="save", kind=ButtonKind.GHOST, height=28, name="Save as TOML (Ctrl+S)")
        self._sentence = ElidedLabel(theme, "", 13, color="text2")
        self.engine = EngineMenu(theme, runner.session)
        self.predict = Switch(theme, "Predict first: verdict, graph and tables stay hidden until it has run")
        self.words = Label(theme, "Predict first", 13)
        self._levels: SegmentedControl | None = None
        self._line = QHBoxLayout()
        self._lay_out()
        self.predict.toggled.connect(self.predict_changed)
        self.shipped.clicked.connect(runner.as_shipped)
        self.save.clicked.connect(lambda: self.save_asked.emit())
        runner.chosen.connect(self.refresh)
        self.refresh()

    @property
    def levels(self) -> SegmentedControl | None:
        """The levels; none while no engine is known."""
        return self._levels

    def refresh(self) -> None:
        """Show what is chosen."""
        schedule = self._runner.schedule
        self._title.set_text(schedule.title)
        self._sentence.set_text(schedule.sentence)
        self.id.set_text(schedule.id)
        self.id.setVisible(schedule.kind == "anomaly")  # of others it is the title once more
        edited = self._runner.edited
        self._edited.setVisible(edited)
        self.shipped.setVisible(edited)
        self._show_levels()

    def _show_levels(self) -> None:
        levels = self._runner.levels
        shown = tuple(level for level in levels if level != "AUTOCOMMIT") + ("AUTOCOMMIT",) * ("AUTOCOMMIT" in levels)
        if self._levels is None or getattr(self, "_shown", ()) != shown:
            if self._levels is not None:
                self._line.removeWidget(self._levels)
                self._levels.deleteLater()
                self._levels = None
            self._shown = shown
            if not shown:
                return
            self._levels = SegmentedControl(
                self._theme, [(level, level) for level in shown], name="Isolation level ([ and ])", trough="line"
            )
            self._levels.chosen.connect(self._runner.set_level)
            self._line.insertWidget(0, self._levels)
            self._fit()
        if self._runner.level in shown:
            self._levels.set_current(self._runner.level)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The names of the levels come before the words of a switch that says them as a tooltip."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        parts = (self._levels, self.predict, self.words)
        needed = sum(part.sizeHint().width() + self._line.spacing() for part in parts if part is not None)
        self.words.setVisible(needed <= self.width())

    def step_level(self, by: int) -> None:
        """The next stronger level (1) or weaker one (−1), as they stand beside each other."""
        if self._shown and self._runner.level in self._shown:
            at = self._shown.index(self._runner.level) + by
            if 0 <= at < len(self._shown):
                self._runner.set_level(self._shown[at])

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(10)
        for widget in (self._title, self.id, self._edited, self.shipped, self.save):
            title.addWidget(widget)
        title.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(title)
        words.addWidget(self._sentence)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addLayout(words, 1)
        top.addWidget(self.engine)
        self._line.setSpacing(8)
        self._line.addStretch(1)
        self._line.addWidget(self.predict)
        self._line.addWidget(self.words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addLayout(self._line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


class IdChip(QWidget):
    """The field's name of an anomaly: "P4"."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def set_text(self, text: str) -> None:
        """Show another one."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The chip."""
        font = self._theme.font(11, 600, True)
        return QSize(round(text_width(font, self._text)) + self._theme.px(16), self._theme.px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A pill."""
        painter, theme = QPainter(self), self._theme
        draw_box(painter, QRectF(self.rect()), self.height() / 2, theme.color("raised"))
        draw_text(painter, QRectF(self.rect()), self._text, theme.font(11, 600, True), theme.color("text2"), CENTER)
        painter.end()
