"""The field that searches the run: in the timeline's tools, behind an icon where there is no room for it."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.search.finder import Finder
from explorer.desktop.timeline.tools import TimelineTools
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.button import ghost_button
from explorer.desktop.widgets.label import ElidedLabel
from explorer.desktop.widgets.search_line import SearchLine
from explorer.desktop.words import count

HINT: Final = "Find a name, route or request"
KEYS: Final = "Ctrl F"
INLINE_FROM: Final = 1_116
"""Width of the tools from which the field has a place of its own."""
ROOMY: Final = 1_400
"""Width from which that place has room for what was found, too; with less, the field lies over the tools meanwhile."""
OVER: Final = 440
"""Width at least where it lies over the tools; up to the tools at the left if there is more."""
LINE: Final = 276


class FindBar(QWidget):
    """Field, what was found, and buttons; it puts itself into the tools."""

    def __init__(self, theme: Theme, view: TimelineView, tools: TimelineTools) -> None:
        super().__init__(tools)
        self._theme = theme
        self._view = view
        self._tools = tools
        self.finder = Finder(view)
        self.icon = ghost_button(theme, icon="search", name="Find (Ctrl+F)")
        self.line = SearchLine(theme, HINT, keys=KEYS)
        self.found = ElidedLabel(theme, "", 12, 400, "text2")
        self._before = ghost_button(theme, icon="arrow-left", name="Previous hit (Shift+F3)")
        self._next = ghost_button(theme, icon="arrow-right", name="Next hit (F3)")
        self._close = ghost_button(theme, icon="x", name="End the search (Esc)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        for widget in (self.found, self._before, self._next, self._close):
            row.addWidget(widget)
        self._inline = False
        self._last = ""
        tools.add(self.icon)
        self.line.changed.connect(self.finder.find)
        self.line.escaped.connect(self.close_search)
        self.line.line.entered.connect(lambda: self.step(1))
        self.line.stepped.connect(self.step)
        self.line.line.installEventFilter(self)
        self.icon.clicked.connect(self.open)
        self._before.clicked.connect(lambda: self.step(-1))
        self._next.clicked.connect(lambda: self.step(1))
        self._close.clicked.connect(self.close_search)
        self.finder.changed.connect(self._changed)
        tools.installEventFilter(self)
        theme.changed.connect(self._place)
        self._place()

    def open(self) -> None:
        """Give the keyboard to the field."""
        if not self._inline:
            self.show()
            self.raise_()
        self.line.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def go_to(self, text: str) -> None:
        """Search for a text and go to the first hit as soon as there is one."""
        self.open()
        self.line.set_text(text)
        self.finder.find(text, go=True)

    def step(self, by: int) -> None:
        """Next (1) or previous (-1) hit, also of the search that was ended last; before any, open the field."""
        if not self.finder.text and self._last:
            self.line.set_text(self._last)
            self.finder.find(self._last, go=True)
            if not self._inline:
                self.show()
                self.raise_()
        elif not self.finder.text:
            self.open()
        elif self.finder.step(by):
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.found.text()))

    def close_search(self) -> None:
        """End the search and give the keyboard to the timeline."""
        self._last = self.finder.text or self._last
        self.line.set_text("")
        self.finder.find("")
        if not self._inline:
            self.hide()
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the right end of the tools; Shift+Enter goes back."""
        if watched is self._tools and event.type() == QEvent.Type.Resize:
            self._place()
        if watched is self.line.line and event.type() == QEvent.Type.KeyPress:
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier  # type: ignore[attr-defined]
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and shift:  # type: ignore[attr-defined]
                self.step(-1)
                return True
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The tools' surface, over what lies below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        painter.end()

    def _changed(self) -> None:
        if self._inline != self._has_place():
            self._place()
        else:
            self._show_found()

    def _place(self) -> None:
        theme, tools = self._theme, self._tools
        inline = self._has_place()
        if inline != self._inline:
            self._inline = inline
            tools.place(self, inline)
            self.icon.setVisible(not inline)
            self.setVisible(inline or bool(self.finder.text))
        self._show_found()
        if not inline:
            self.icon.setVisible(True)
            width = min(max(theme.px(OVER), tools.width() - tools.left_end - 16), tools.width() - 16)
            self.setGeometry(tools.width() - width - 8, 1, width, tools.height() - 3)
            if not self.finder.text and not self.line.line.hasFocus():
                self.hide()
            self.raise_()

    def _has_place(self) -> bool:
        """Whether the field stands among the tools, and not over them."""
        least = ROOMY if self.finder.text else INLINE_FROM
        return self._tools.width() >= self._theme.px(least)

    def _show_found(self) -> None:
        finder = self.finder
        if not finder.text:
            words = ""
        elif finder.count:
            at = f"{finder.place + 1:,} of " if finder.place >= 0 else ""
            most = "more than " if finder.more else ""
            hits = "" if at else " hit" if finder.count == 1 else " hits"
            words = f"{at}{most}{count(finder.count)}{hits}"
            words += f", {finder.progress:.0%} searched" if finder.searching else ""
        elif finder.searching:
            words = f"{finder.progress:.0%} searched"
        else:
            words = "Nothing found in this run."  # what was looked for stands beside it
        self.found.set_text(words)
        if finder.more:
            self.found.setToolTip(f"The earliest {finder.count:,} can be gone through.")
        some = bool(finder.text)
        nothing = some and not finder.count and not finder.searching
        self.line.setFixedWidth(self._theme.px(LINE))
        self.found.setVisible(some)
        for button in (self._before, self._next):
            button.setVisible(some and not nothing)
            button.setEnabled(finder.count > 0)
        self._close.setVisible(some or not self._inline)
