"""The small panel in which scale, contrast, patterns and motion are chosen."""

from typing import Final

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.view_settings import CONTRAST, HATCHING, MOTION, SCALES, ViewSettings
from explorer.desktop.widgets.button import Button
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.popover import Popover
from explorer.desktop.widgets.segmented import SegmentedControl
from explorer.desktop.widgets.switch import Switch

WIDTH: Final = 360
WORDS: Final = {
    CONTRAST: ("High contrast", "Stronger text and lines; what is not selected is outlined."),
    HATCHING: ("Patterns", "States differ by hatching as well as by colour."),
    MOTION: ("Reduced motion", "Nothing fades, and following moves in steps."),
}


class ViewOptions(Popover):
    """Shows and changes the settings at once."""

    def __init__(self, theme: Theme, settings: ViewSettings, parent: QWidget) -> None:
        super().__init__(theme, "View options", WIDTH, parent)
        self._settings = settings
        self.scale = SegmentedControl(theme, [(_key(one), f"{one:.0%}") for one in SCALES], name="Scale")
        self.switches = {option: Switch(theme, title) for option, (title, _) in WORDS.items()}
        self.system = Button(theme, "As the system says", icon="undo-2")
        self.column.addWidget(Label(theme, "View options", 14, 600))
        self.column.addWidget(Label(theme, "Scale", 13, 500))
        self.column.addWidget(self.scale)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for at, (option, (title, sentence)) in enumerate(WORDS.items()):
            grid.addWidget(Label(theme, title, 13, 500), 2 * at, 0)
            grid.addWidget(self.switches[option], 2 * at, 1)
            grid.addWidget(Label(theme, sentence, 12, 400, "text2", wrap=True), 2 * at + 1, 0, 1, 2)
            self.switches[option].setAccessibleDescription(sentence)
            self.switches[option].clicked.connect(lambda on, option=option: settings.set(option, bool(on)))
        self.column.addLayout(grid)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(self.system)
        self.column.addLayout(last)
        self.scale.chosen.connect(lambda key: settings.set_scale(float(key)))
        self.system.clicked.connect(settings.as_the_system)
        settings.changed.connect(self.refresh)
        theme.changed.connect(self.fit)
        self.refresh()

    def popup(self, anchor: QWidget) -> None:
        """Open below `anchor`, or close."""
        if self.isVisible():
            self.hide()
            return
        self.refresh()
        self.popup_below(anchor, right=True)
        self.switches[CONTRAST].setFocus()

    def refresh(self) -> None:
        """Show how it is."""
        nearest = min(SCALES, key=lambda one: abs(one - self._settings.scale))
        self.scale.set_current(_key(nearest))
        for option, switch in self.switches.items():
            switch.setChecked(self._settings.is_on(option))


def _key(scale: float) -> str:
    return f"{scale:g}"
