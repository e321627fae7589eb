"""The list of an app's routes: which of them the load asks for, how often beside the others, and with what."""

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from explorer.desktop.open_app.fields import LineBox
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.combo import Combo
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.widgets.switch import Switch
from explorer.own_app import METHODS, place_of
from explorer.session.inquiry import FoundRoute

SPOKEN = {"websocket": "WebSocket", "sse": "stream"}
PARAMETER = re.compile(r"\{[^}:]*(:path)?[^}]*\}")
NOTHING = "Nothing yet. Find its routes lists what the app answers; Another path asks for what you name."
NOT_TOLD = "the app does not tell of this path"


class RouteList(QWidget):
    """Rows of routes; `asked` are those that are switched on."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[RouteRow] = []
        self._column = QVBoxLayout()
        self._column.setContentsMargins(2, 2, 8, 2)
        self._column.setSpacing(6)
        self._column.addStretch(1)
        inner = QWidget()
        inner.setLayout(self._column)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 10, 0)
        self._nothing = Label(theme, NOTHING, 12, color="text2", wrap=True)
        self._weight = Label(theme, "Weight", 11, color="text3")
        head.addWidget(self._nothing, 20)
        head.addStretch(1)
        head.addWidget(self._weight)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(ScrollArea(inner))
        self._show_head()

    def show_found(self, routes: Sequence[FoundRoute]) -> None:
        """Show the routes of an app. Those that were switched on stay so; if none was, the first that can be is.

        What the app does not have stays if the user typed it; what a scenario asked for stays too, but off.
        """
        kept = [row for row in self._rows if row.on or row.found is None]
        self._clear()
        for route in routes:
            olds = [row for row in kept if row.is_of(route)]
            for old in olds:
                self._add(old.plain | {"speaks": route.speaks}, route, old.on)
                kept.remove(old)
            if not olds:
                self._add({"path": route.path, "method": route.method, "speaks": route.speaks}, route, False)
        for old in kept:
            if old.found is None:
                self._add(old.plain, None, old.on and old.typed, typed=old.typed, note="" if old.typed else NOT_TOLD)
        if not any(row.on for row in self._rows):
            first = next((row for row in self._rows if row.found is not None and row.found.ready), None)
            if first is not None:
                first.switch_on()

    def show_asked(self, routes: Sequence[dict[str, Any]]) -> None:
        """Show what a scenario asks for."""
        self._clear()
        for route in routes:
            self._add(route, None, True)

    def add_empty(self) -> None:
        """A row for a path that is not in the list."""
        self._add({"path": "/", "method": "GET"}, None, True, typed=True)
        self._rows[-1].setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self) -> None:
        """Another app is meant: only what the user typed stays."""
        typed = [row for row in self._rows if row.typed]
        self._clear()
        for row in typed:
            self._add(row.plain, None, row.on, typed=True)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The routes that are switched on, as the tables of a scenario."""
        return [row.plain for row in self._rows if row.on]

    def _clear(self) -> None:
        for row in self._rows:
            self._column.removeWidget(row)
            row.deleteLater()
        self._rows = []
        self._show_head()

    def _show_head(self) -> None:
        """What the last column is; or what would bring rows where there are none."""
        self._nothing.setVisible(not self._rows)
        self._weight.setVisible(bool(self._rows))

    def _add(
        self, plain: dict[str, Any], found: FoundRoute | None, on: bool, *, typed: bool = False, note: str = ""
    ) -> None:
        row = RouteRow(self._theme, plain, found, on, typed=typed, note=note)
        self._rows.append(row)
        self._column.insertWidget(self._column.count() - 1, row)
        self._show_head()


class RouteRow(QWidget):
    """One route: on or off, method, path, body, weight; `typed` says that the user added it, `note` what it lacks."""

    def __init__(
        self,
        theme: Theme,
        plain: dict[str, Any],
        found: FoundRoute | None,
        on: bool,
        *,
        typed: bool = False,
        note: str = "",
    ) -> None:
        super().__init__()
        self.found = found
        self.typed = typed
        self._lacks = note
        self._plain = dict(plain)
        self._theme = theme
        self._switch = Switch(theme, f"Ask for {plain.get('method', 'GET')} {plain['path']}", on)
        self._method: Combo | None = None
        self._path = LineBox(theme, "Path", str(plain["path"]))
        self._weight = LineBox(theme, "Weight", f"{float(plain.get('weight', 1)):g}")
        self._weight.setFixedWidth(theme.px(44))
        self._weight.setToolTip("Its share of the requests, beside the others'.")
        self._body = Button(
            theme, icon="file-text", kind=ButtonKind.GHOST, name="Choose the file of the body", height=24
        )
        self._body.clicked.connect(lambda: self._choose_body())
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._switch)
        line.addWidget(self._method_widget())
        line.addWidget(self._path, 1)
        line.addWidget(self._body)
        line.addWidget(self._weight)
        self._note = ElidedLabel(theme, "", 11, color="text3")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self._note)
        # What was typed into a row is meant.
        self._path.changed.connect(self.switch_on)
        self.setFocusProxy(self._path)
        self._show_note()

    @property
    def on(self) -> bool:
        """Whether it is asked for."""
        return self._switch.isChecked()

    def switch_on(self) -> None:
        """Ask for it."""
        self._switch.setChecked(True)

    @property
    def method(self) -> str:
        """How it is asked for."""
        return self._method.current() if self._method is not None else str(self._plain.get("method", "GET"))

    @property
    def path(self) -> str:
        """What is asked for."""
        return self._path.text

    @property
    def template(self) -> str:
        """The route's own path; empty if that is not known."""
        return self.found.template if self.found is not None else ""

    def is_of(self, route: FoundRoute) -> bool:
        """Whether it asks for this route: it was found as such, or its path is one of the route's."""
        if self.method != route.method:
            return False
        if self.found is not None:
            return self.template == route.template
        return matches(self.path, route.template)

    @property
    def plain(self) -> dict[str, Any]:
        """As a table of a scenario. A weight that is no number is left to the scenario to refuse."""
        weight: Any = self._weight.text
        try:
            weight = float(weight)
        except ValueError:
            pass
        return {**self._plain, "path": self.path, "method": self.method, "weight": weight}

    def _method_widget(self) -> QWidget:
        if self.found is not None:
            speaks = str(self._plain.get("speaks", "http"))
            label = Label(self._theme, SPOKEN.get(speaks, self.found.method), 11, 600, "text2", mono=True)
            label.setFixedWidth(self._theme.px(72))
            return label
        options = [(method, method, "") for method in METHODS]
        self._method = Combo(self._theme, options, current=str(self._plain.get("method", "GET")), name="Method")
        return self._method

    def _show_note(self) -> None:
        found, notes = self.found, [self._lacks] if self._lacks else []
        if found is not None:
            notes += [found.template] if found.template != found.path else []
            notes += [found.summary] if found.summary else []
            notes += [f"needs the header {name}" for name in found.needs]
            if found.body and not self._plain.get("body"):
                notes.append("needs a body: choose its file")
        if self._plain.get("body"):
            notes.append(f"body: {self._plain['body']}")
        if self._plain.get("headers"):
            notes.append(f"with headers of its own: {', '.join(self._plain['headers'])}")
        self._note.set_text(" · ".join(notes))
        self._note.setVisible(bool(notes))

    def _choose_body(self) -> None:
        dialog = QFileDialog(self, "Body of the requests")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take_body)
        dialog.open()

    def _take_body(self, name: str) -> None:
        self._plain["body"] = name
        self._show_note()
        self.switch_on()


def matches(path: str, template: str) -> bool:
    """Whether a path, with or without a query, is one of a template such as "/items/{number}"."""
    pattern, at = "", 0
    for found in PARAMETER.finditer(template):
        pattern += re.escape(template[at : found.start()]) + (".*" if found[1] else "[^/]+")
        at = found.end()
    return re.fullmatch(pattern + re.escape(template[at:]), place_of(path)) is not None
