"""The Interpreter knob: a list of the Pythons of this machine, with what the others lack; any other by path or version.

What is offered follows the scenario: which packages its server needs, and which Python its features need.
"""

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.panels.special_knob import SpecialKnob
from explorer.desktop.panels.text_knob import TextKnob
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import ghost_button
from explorer.desktop.widgets.choice import ChoiceItem
from explorer.desktop.widgets.choice_list import ChoiceList
from explorer.desktop.widgets.label import ElidedLabel, IconLabel, Label
from explorer.scenario import oldest_python
from explorer.supervise.interpreters.find import Interpreter, is_version, short_path

OWN_TITLE: Final = "The explorer's own Python"
OWN_PLACE: Final = "runs the window as well"
READY: Final = "Can run the server"
NOT_READY: Final = "Cannot, as they are"
LOOKING: Final = "Looking for Pythons on this machine…"
MAY_BREAK: Final = "\u200b"
STAY: Final = "\u2011"
"""A hyphen at which no line ends."""


class InterpreterKnob(SpecialKnob):
    """Shows the scenario's interpreter; open, the list of those that were found, a field and a button for others."""

    def __init__(self, theme: Theme, control: Control, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._known = control.interpreters
        self._value = control.scenario.server.interpreter
        self._name = ElidedLabel(theme, title, 12, color="text2")
        self.list = ChoiceList(theme, self._items(), current=self._value, name=title)
        self._other = TextKnob(theme, "Path or version", "")
        self._other.setToolTip("The path of a Python, or a version such as 3.13 or 3.13t (free-threaded).")
        self._file = ghost_button(theme, "Choose file…", icon="folder-open")
        self._looking = Label(theme, LOOKING, 11, color="text3")
        self._sentence = Label(theme, "", 11, 500, "danger", wrap=True)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out(theme)
        self.list.chosen.connect(self._choose)
        self.list.opened.connect(self._opened)
        self._other.committed.connect(self._choose)
        self._file.clicked.connect(self._ask_file)
        self._known.changed.connect(self._refresh)
        control.scenario_changed.connect(self._refresh)
        self._opened(False)
        self.setFocusProxy(self.list)

    def set_value(self, value: str) -> None:
        """Show a value that came from elsewhere."""
        self._value = value
        self.set_error("")
        self._refresh()

    def set_changed(self, changed: bool) -> None:
        """Show it as the last knob that was changed."""
        self._name.set_color("accent" if changed else "text2")

    def set_error(self, sentence: str) -> None:
        """Put a refusal below the list, or take it away with an empty sentence."""
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))

    def look(self) -> None:
        """Look for Pythons now."""
        self._known.look(self._control.scenario)

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(self._name, 1)
        head.addWidget(IconLabel(theme, "rotate-cw", 13, "text3"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.list)
        column.addWidget(self._looking)
        column.addWidget(self._other)
        column.addWidget(self._file, 0, Qt.AlignmentFlag.AlignRight)
        column.addWidget(self._sentence)
        self._sentence.hide()

    def _opened(self, opened: bool) -> None:
        self._other.setVisible(opened)
        self._file.setVisible(opened)
        if opened:
            self.look()
        self._looking.setVisible(opened and self._known.looking)

    def _choose(self, text: str) -> None:
        self._other.set_value("")
        self.list.set_open(False)
        self.set_error("")
        if text != self._value:
            self._value = text
            self.committed.emit(text)
        self._refresh()
        if self._known.meant(self._control.scenario) is None:
            self.look()  # somebody's own: asked, so that its version is known

    def _ask_file(self) -> None:
        # Not modal, as in the window: the run goes on meanwhile.
        dialog = QFileDialog(self.window(), "Choose a Python", str(Path.home()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._choose)
        dialog.open()

    def _refresh(self) -> None:
        self._looking.setVisible(self.list.is_open and self._known.looking)
        self.list.set_items(self._items(), self._value)

    def _items(self) -> list[ChoiceItem]:
        scenario = self._control.scenario
        wanted, oldest = self._known.wanted(scenario), oldest_python(self._control.catalog, scenario)
        own = next((each for each in self._known.found if each.own), None)
        title = _title(own) if own is not None else OWN_TITLE
        items = [ChoiceItem("", title, OWN_PLACE, f"The explorer's own; it {OWN_PLACE}.", None, group=READY)]
        for each in self._known.found:
            if each.own:
                continue
            reason, command = _lack(each, wanted)
            if not reason and each.answer.version[:2] < oldest.version:
                reason = f"{oldest.title} needs {oldest.version[0]}.{oldest.version[1]} or newer."
            items.append(_item(each, reason, command))
        if self._value and self._value not in [item.id for item in items]:
            items.insert(1, self._somebodys_own())
        return sorted(items, key=lambda item: bool(item.reason))

    def _somebodys_own(self) -> ChoiceItem:
        """What was written by hand: a version, or a path that nobody has found."""
        meant = self._known.meant(self._control.scenario)
        if meant is not None:
            place = f"{self._value}: {_place(meant)}"
            return ChoiceItem(self._value, _title(meant), place, _with_remark(place, meant), None, group=READY)
        title = f"Python {self._value}" if is_version(self._value) else short_path(self._value)
        return ChoiceItem(self._value, title, "given by you", "Given by you.", None, group=READY)


def _item(each: Interpreter, reason: str, command: str) -> ChoiceItem:
    place = _place(each)
    if reason:
        return ChoiceItem(each.path, _title(each), place, place, None, f"{place}: {reason}", command, NOT_READY)
    return ChoiceItem(each.path, _title(each), place, _with_remark(place, each), None, group=READY)


def _title(each: Interpreter) -> str:
    return each.title.replace("-", STAY)


def _with_remark(place: str, each: Interpreter) -> str:
    return f"{place}. {each.remark}" if each.remark else place


def _place(each: Interpreter) -> str:
    """Its path, which may go on in the next line behind every slash."""
    return each.place.replace("/", f"/{MAY_BREAK}").replace("\\", f"\\{MAY_BREAK}")


def _lack(each: Interpreter, wanted: tuple[str, ...]) -> tuple[str, str]:
    """Why a Python cannot run the server, in a few words, and the command that helps."""
    sentence = each.answer.trouble(each.path, wanted)
    lacks = [name for name in wanted if name in each.answer.absent]
    if sentence and each.answer.supported:
        return f"lacks {', '.join(lacks)}.", each.answer.remedy(each.path, lacks)
    return sentence.removeprefix(f"{each.path} ") if sentence else "", ""
