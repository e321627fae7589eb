"""The line above the matrix: what it shows, the engine, and what can be done: predict, measure, export."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.desktop.labs.isolation.engine_menu import EngineMenu
from explorer.desktop.labs.isolation.matrix import export
from explorer.desktop.labs.isolation.matrix.look import AUTOCOMMIT
from explorer.desktop.labs.isolation.matrix.words import TITLE
from explorer.desktop.labs.isolation.session import LabSession
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind, toggle_button
from explorer.desktop.widgets.combo import Combo
from explorer.desktop.widgets.label import ElidedLabel


class MatrixHead(QWidget):
    """Signals: `measure_asked`, `predict_asked(on)`, `export_asked(kind)`, `level_chosen(level)`."""

    measure_asked = Signal()
    predict_asked = Signal(bool)
    export_asked = Signal(str)
    level_chosen = Signal(str)

    def __init__(self, theme: Theme, session: LabSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title = ElidedLabel(theme, TITLE, 21, 700)
        self.level: Combo | None = None
        self.predict = toggle_button(theme, "Predict first", icon="eye-off", shortcut="G", height=32)
        self.export = Button(theme, icon="download", height=32, name="Export the matrix (E)")
        self.measure = Button(
            theme, "Measure", icon="flask-conical", kind=ButtonKind.PRIMARY, shortcut="Space", height=32
        )
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self.title, 1)
        self.engine = EngineMenu(theme, session)
        for widget in (self.predict, self.export, self.measure, self.engine):
            self._row.addWidget(widget)
        self.predict.clicked.connect(lambda on: self.predict_asked.emit(on))
        self.measure.clicked.connect(lambda: self.measure_asked.emit())
        self.export.clicked.connect(self.open_export)

    def open_export(self) -> None:
        """Offer the forms."""
        if self.export.isEnabled() and self.export.isVisible():
            menu = export.menu_of(self, self.export_asked.emit)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.export.mapToGlobal(QPoint(0, self.export.height() + 2)))

    def show_state(self, *, running: bool, measured: bool, ready: bool) -> None:
        """Whether it is being measured, was measured, and whether there is a database."""
        self.measure.set_text("Cancel" if running else "Measure", "x" if running else "flask-conical")
        self.measure.set_kind(ButtonKind.QUIET if running else ButtonKind.PRIMARY)
        self.export.setEnabled(measured and not running)
        self.predict.setEnabled(ready and not running)
        self.engine.setEnabled(not running)
        self.fit()

    def show_table(self) -> None:
        """The table is shown."""
        self.title.set_text(TITLE)
        self.predict.setChecked(False)
        self.export.show()
        self.measure.show()
        self._drop_level()
        self.fit()

    def show_predicting(self, level: str, levels: Sequence[str]) -> None:
        """Predictions are made for a level, which can be chosen here."""
        self.predict.setChecked(True)
        self.export.hide()
        self.measure.hide()
        self._drop_level()
        options = [(one, one, "") for one in levels if one != AUTOCOMMIT]
        self.level = Combo(self._theme, options, current=level, name="Level to predict")
        self.level.chosen.connect(self.level_chosen)
        self._row.insertWidget(self._row.indexOf(self.predict), self.level)
        self.level.show()  # the layout shows it later, and `fit` is to reckon with it
        self.name_level(level)

    def name_level(self, level: str) -> None:
        """Ask about this level."""
        self.title.set_text(f"What will {level} let through?")
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What it is called comes before the words of a button."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Leave words away as far as the title needs their room: those of predicting, then the keys."""
        self.predict.show_words(True)
        self.measure.show_chip(True)
        self.predict.show_chip(True)
        if self._wanted() > self.width():
            self.predict.show_words(False)
        if self._wanted() > self.width():
            self.measure.show_chip(False)
        if self._wanted() > self.width():
            self.predict.show_chip(False)

    def _wanted(self) -> int:
        parts = [self.title, self.level, self.predict, self.export, self.measure, self.engine]
        shown = [part.sizeHint().width() for part in parts if part is not None and not part.isHidden()]
        return sum(shown) + self._row.spacing() * (len(shown) - 1)

    def _drop_level(self) -> None:
        if self.level is not None:
            self._row.removeWidget(self.level)
            self.level.hide()
            self.level.deleteLater()
            self.level = None
