"""The list of lanes: a filter, and every lane and group with what pins and hides it; it opens from the timeline's
tools.
"""

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.lane_choices import (
    Group,
    Lane,
    LaneChoices,
    neighbours,
    sorted_groups,
    words_for_hidden,
)
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.button import Button, toggle_button
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.popover import Popover
from explorer.desktop.widgets.row_list import ListRow, RowList
from explorer.desktop.widgets.search_line import SearchLine

WIDTH = 380
LIST_HEIGHT = 340
OTHERS = 200
"""Height of what stands above and below the list, and of what stays free."""
MOST_ROWS = 300
PIN, HIDE = "pin", "hide"
HINT = "Up and Down go to the list; there Space hides, P pins, and Alt with an arrow moves."
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class LaneList(Popover):
    """Shows and changes the choices of a view."""

    def __init__(self, theme: Theme, view: TimelineView, parent: QWidget) -> None:
        super().__init__(theme, "Lanes", WIDTH, parent)
        self._view = view
        self.filter = SearchLine(theme, "Show only lanes called …", "filter", "Filter lanes by name")
        self.list = RowList(theme, "Lanes and groups")
        self._count = Label(theme, "", 12, 400, "text3")
        self.everything = Button(theme, "Show all", icon="list")
        self.usual = Button(theme, "Usual order", icon="undo-2")
        buttons = QHBoxLayout()
        buttons.addWidget(self._count, 1)
        buttons.addWidget(self.usual)
        buttons.addWidget(self.everything)
        self.column.addWidget(self.filter)
        self.column.addWidget(self.list)
        self.column.addWidget(Label(theme, HINT, 12, 400, "text3", wrap=True))
        self.column.addLayout(buttons)
        self.filter.changed.connect(self._filter)
        self.filter.stepped.connect(self._into_list)
        self.filter.escaped.connect(self.hide)
        self.filter.line.entered.connect(lambda: self.list.setFocus(Qt.FocusReason.OtherFocusReason))
        self.list.entered_row.connect(lambda name: self._change(name, HIDE))
        self.list.mark_clicked.connect(self._change)
        self.list.key_pressed.connect(self._key)
        self.everything.clicked.connect(lambda: view.change_lanes(lambda choices: choices.show_all()))
        self.usual.clicked.connect(lambda: view.change_lanes(lambda choices: choices.reset_order()))
        view.lanes_changed.connect(self.refresh)

    def popup(self, anchor: QWidget) -> None:
        """Open below `anchor`."""
        self.filter.set_text(self._view.scene.choices.words)
        room = anchor.window().height() - self._theme.px(OTHERS)
        self.list.setFixedHeight(max(120, min(self._theme.px(LIST_HEIGHT), room)))
        self.popup_below(anchor)
        self.refresh()
        self.filter.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def refresh(self) -> None:
        """Show how it is now."""
        if not self.isVisible():
            return
        scene = self._view.scene
        choices = scene.choices
        if self.filter.text().strip() != choices.words:
            self.filter.set_text(choices.words)
        current = self.list.current()
        self.list.set_rows(list_rows(sorted_groups(scene.rows, choices), choices), current.key if current else "")
        self._count.setText(words_for_hidden(scene.hidden) or "All lanes are shown")
        self.everything.setEnabled(bool(choices.hidden or choices.words))
        self.usual.setEnabled(bool(choices.order or choices.pinned))

    def _filter(self, words: str) -> None:
        self._view.change_lanes(lambda choices: setattr(choices, "words", words.strip()))

    def _into_list(self, step: int) -> None:
        # With the keyboard: else P would be a letter of the filter.
        self.list.step(step)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _change(self, name: str, what: str) -> None:
        if what == PIN:
            self._view.change_lanes(lambda choices: choices.toggle_pin(name))
        else:
            self._view.change_lanes(lambda choices: choices.toggle_hidden(name))

    def _key(self, name: str, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()), 0)
        if event.key() == Qt.Key.Key_Space:
            self._change(name, HIDE)
        elif event.key() == Qt.Key.Key_P and self._is_lane(name):
            self._change(name, PIN)
        elif step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._move(name, step)
        elif step < 0 and self.list.currentRow() == 0:
            self.filter.line.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            return
        event.accept()

    def _move(self, name: str, step: int) -> None:
        scene = self._view.scene
        for container in ("", "Pinned", *(group.name for group in sorted_groups(scene.rows, scene.choices))):
            shown = neighbours(scene.rows, scene.choices, container)
            if name in shown:
                to = shown.index(name) + step
                self._view.change_lanes(partial(LaneChoices.move, shown=shown, name=name, to=to, container=container))
                return

    def _is_lane(self, name: str) -> bool:
        return any(
            lane.name == name for group in sorted_groups(self._view.scene.rows, LaneChoices()) for lane in group.lanes
        )


def list_rows(groups: list[Group], choices: LaneChoices) -> list[ListRow]:
    """A row for each group and lane; of very many lanes those that the filter leaves."""
    words = choices.words.casefold()
    rows: list[ListRow] = []
    for group in groups:
        lanes = [lane for lane in group.lanes if words in lane.title.casefold() or words in group.name.casefold()]
        if lanes or words in group.name.casefold():
            rows.append(_group_row(group, choices))
            rows += [_lane_row(lane, group, choices) for lane in lanes]
    if len(rows) > MOST_ROWS:
        rest = len(rows) - MOST_ROWS
        rows = [*rows[:MOST_ROWS], ListRow("", f"and {rest:,} more: filter by name", heading=True)]
    return rows or [ListRow("", f"No lane is called '{choices.words}'." if words else "No lanes yet.", heading=True)]


def _group_row(group: Group, choices: LaneChoices) -> ListRow:
    away = group.name in choices.hidden
    marks = ((HIDE, "eye-off" if away else "eye", away),)
    detail = group.head.pid
    spoken = f"Group {group.name}, {'hidden' if away else 'shown'}"
    return ListRow(group.name, group.name, detail, group.head.icon, marks=marks, enabled=not away, spoken=spoken)


def _lane_row(lane: Lane, group: Group, choices: LaneChoices) -> ListRow:
    away = lane.name in choices.hidden or group.name in choices.hidden
    pinned = lane.name in choices.pinned
    marks = ((PIN, "pin", pinned), (HIDE, "eye-off" if away else "eye", away))
    title = lane.title or "Requests"
    state = "hidden" if away else "pinned" if pinned else "shown"
    spoken = f"{title} of {group.name}, {state}"
    return ListRow(lane.name, title, lane.rows[0].tag, marks=marks, indent=1, enabled=not away, spoken=spoken)


class LanesButton:
    """The button in the timeline's tools that opens the list and counts what is hidden."""

    def __init__(self, theme: Theme, view: TimelineView, lanes: LaneList) -> None:
        self.button = toggle_button(theme, "Lanes", icon="filter", shortcut="L")
        self._view = view
        self._lanes = lanes
        self.button.clicked.connect(self.open)
        lanes.closed.connect(self.refresh)
        view.lanes_changed.connect(self.refresh)
        self._timer = QTimer(self.button)
        self._timer.setInterval(500)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.refresh()

    def open(self) -> None:
        """Open the list, or close it."""
        if self._lanes.isVisible():
            self._lanes.hide()
        else:
            self._lanes.popup(self.button)
        self.refresh()

    def refresh(self) -> None:
        """Say how many lanes are hidden."""
        number = self._view.scene.hidden
        self.button.set_text(f"Lanes, {number:,} hidden" if number else "Lanes")
        self.button.setChecked(bool(number) or self._lanes.isVisible())
        self.button.setToolTip(
            "Filters, pins, hides and orders the lanes." + (f" {words_for_hidden(number)}." if number else "")
        )
