"""Hands on the lanes' headers: a drag moves a lane, the menu pins and hides; Alt+Up and Alt+Down do it from the
keyboard.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QMenu

from explorer.desktop.timeline.lane_choices import (
    PINNED,
    PINNED_KEY,
    LaneChoices,
    name_of,
    neighbours,
    words_for_hidden,
)
from explorer.desktop.timeline.layout import Placed
from explorer.desktop.timeline.rows import Row, RowKind

if TYPE_CHECKING:
    from explorer.desktop.timeline.view import TimelineView

STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class LaneHands(QObject):
    """Turns what is done to the headers of a view into changes of its choices."""

    def __init__(self, view: "TimelineView") -> None:
        super().__init__(view)
        self._view = view
        self._scene = view.scene
        self._menu: QMenu | None = None
        view.headers.moved.connect(self.drop)
        view.headers.menu_asked.connect(self.menu)
        view.headers.place_of = self.line_at
        view.installEventFilter(self)

    @property
    def shown_menu(self) -> QMenu | None:
        """The menu that was asked for last."""
        return self._menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Alt and an arrow move the cursor's lane; the menu key opens its menu."""
        kind = event.type()
        if kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent):
            step = STEPS.get(Qt.Key(event.key()), 0)
            if step and event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.AltModifier:
                event.accept()
                if kind is QEvent.Type.KeyPress:
                    self.step(step)
                return True
        elif isinstance(event, QContextMenuEvent) and event.reason() is QContextMenuEvent.Reason.Keyboard:
            placed = self._at_cursor()
            if placed is not None:
                top = self._scene.top_of(placed) + placed.height
                self.menu(placed.row, self._view.headers.mapToGlobal(QPoint(20, top)))
                return True
        return False

    def step(self, step: int) -> bool:
        """Move the lane of the keyboard's cursor one place up (-1) or down (1)."""
        placed = self._at_cursor()
        return placed is not None and self.move(placed.row, step)

    def move(self, row: Row, step: int) -> bool:
        """Move a lane or a group by `step` places among its neighbours; False if there is no place."""
        container, name = name_of(self._scene.rows, row.key, self._scene.choices)
        shown = neighbours(self._scene.rows, self._scene.choices, container)
        if name not in shown:
            return False
        to = shown.index(name) + step
        if not 0 <= to < len(shown):
            return False
        return self._view.change_lanes(lambda choices: choices.move(shown, name, to, container))

    def drop(self, row: Row, y: int) -> None:
        """A header was dragged to the height `y` of the headers' widget."""
        places = self._places(row)
        container, name = name_of(self._scene.rows, row.key, self._scene.choices)
        shown = [other for other, _, _ in places]
        if name in shown:
            to = sum((top + bottom) / 2 < y for other, top, bottom in places if other != name)
            whole = neighbours(self._scene.rows, self._scene.choices, container)
            rest = [other for other in shown if other != name]
            # Those that a fold hides are neighbours too: the place is behind the one that is seen above.
            at = 0 if to == 0 else [one for one in whole if one != name].index(rest[to - 1]) + 1
            self._view.change_lanes(lambda choices: choices.move(whole, name, at, container))

    def line_at(self, row: Row, y: int) -> int | None:
        """Where a header that is dragged to the height `y` would go: the height of the line between two others."""
        places = self._places(row)
        if not places:
            return None
        edges = [top for _, top, _ in places] + [places[-1][2]]
        return min(edges, key=lambda edge: abs(edge - y))

    def reveal(self, key: str) -> None:
        """Let a row be seen that is hidden, or filtered out."""
        group, name = name_of(self._scene.rows, key, self._scene.choices)
        if name and self._scene.layout.find(key) is None:

            def show(choices: LaneChoices) -> None:
                choices.hidden -= {group, name}
                choices.toggled -= {PINNED}
                choices.words = ""

            self._view.change_lanes(show)

    def menu(self, row: Row, at: QPoint) -> None:
        """Open the menu of a header at a place of the screen."""
        view, choices = self._view, self._scene.choices
        _, name = name_of(self._scene.rows, row.key, choices)
        menu = QMenu(view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(f"Lane {row.title}")
        if row.kind is RowKind.GROUP:
            menu.addAction("Close" if row.is_open else "Open").triggered.connect(lambda: view.toggle(row))
        if name and row.kind is not RowKind.GROUP:
            pinned = name in choices.pinned
            pin = menu.addAction("Unpin" if pinned else "Pin to the top")
            pin.triggered.connect(lambda: view.change_lanes(lambda chosen: chosen.toggle_pin(name)))
        if name:
            hide = menu.addAction("Hide")
            hide.triggered.connect(lambda: view.change_lanes(lambda chosen: chosen.toggle_hidden(name)))
            for title, step, keys in (("Move up", -1, "Alt+Up"), ("Move down", 1, "Alt+Down")):
                self._add_move(menu, row, title, step, keys)
        menu.addSeparator()
        everything = menu.addAction(
            f"Show all ({words_for_hidden(self._scene.hidden)})" if self._scene.hidden else "Show all"
        )
        everything.setEnabled(bool(self._scene.hidden or choices.words or choices.hidden))
        everything.triggered.connect(lambda: view.change_lanes(lambda chosen: chosen.show_all()))
        usual = menu.addAction("Usual order")
        usual.setEnabled(bool(choices.order or choices.pinned))
        usual.triggered.connect(lambda: view.change_lanes(lambda chosen: chosen.reset_order()))
        self._menu = menu
        menu.destroyed.connect(self._forget_menu)
        menu.popup(at)

    def _forget_menu(self) -> None:
        self._menu = None

    def _add_move(self, menu: QMenu, row: Row, title: str, step: int, keys: str) -> None:
        action = QAction(f"{title}\t{keys}", menu)
        container, name = name_of(self._scene.rows, row.key, self._scene.choices)
        shown = neighbours(self._scene.rows, self._scene.choices, container)
        action.setEnabled(name in shown and 0 <= shown.index(name) + step < len(shown))
        action.triggered.connect(lambda: self.move(row, step))
        menu.addAction(action)

    def _at_cursor(self) -> Placed | None:
        cursor = self._scene.cursor
        return self._scene.layout.of_track(cursor.track) if cursor is not None else None

    def _places(self, row: Row) -> list[tuple[str, int, int]]:
        """Name, top and bottom (in the headers' widget) of what `row` can be moved among, from the top down."""
        scene = self._scene
        container, name = name_of(scene.rows, row.key, scene.choices)
        if not name:
            return []
        found: dict[str, tuple[int, int]] = {}
        inside = ""
        for placed in scene.layout.placed:
            here = placed.row
            top = scene.top_of(placed)
            bottom = top + placed.height
            if here.kind is RowKind.GROUP:
                inside = here.title
            if not container:
                if here.key != PINNED_KEY and inside != PINNED:
                    first = found.get(inside, (top, bottom))[0]
                    found[inside] = first, bottom
            elif inside == container and here.kind not in (RowKind.GROUP, RowKind.FOLD):
                other = name_of(scene.rows, here.key, scene.choices)[1]
                first = found.get(other, (top, bottom))[0]
                found[other] = first, bottom
        return [(other, top, bottom) for other, (top, bottom) in found.items() if other]
