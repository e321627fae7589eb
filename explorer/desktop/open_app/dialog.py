"""The dialog itself. It holds no state of the program: what it says is a scenario's, given to `Control` by Run.

The app is found by reading the files of its folder; nothing of it is imported here. Its routes are asked of a child
process, which can be given up.
"""

import os
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from explorer.desktop.control import Control
from explorer.desktop.open_app.fields import LinesField, TextField
from explorer.desktop.open_app.routes import RouteList
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind, ghost_button
from explorer.desktop.widgets.details import DetailsWindow
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.switch import Switch
from explorer.option_error import OptionError
from explorer.own_app import folder_of, venv_python
from explorer.session.app_finder import FoundApp, find_apps

SIZE: Final = (880, 600)
ASKING: Final = "The app is being imported in a process of its own, to ask for its routes."
NO_APP: Final = "No file here makes a FastAPI app; choose another folder, or name the app yourself."
NO_PLACE: Final = "There is no folder {}; correct it, or choose one."
SEVERAL: Final = "{} apps were found here; the other ones are behind the arrow."
VENV: Final = "The folder's virtual environment was chosen as its Python."
WHERE: Final = {"app.target": "target", "app.factory": "target", "app.folder": "folder", "server.interpreter": "python"}


class OpenAppDialog(QDialog):
    """Asks for an app; Run makes it the scenario of `control` and runs it."""

    def __init__(self, theme: Theme, control: Control, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._control = control
        self._found: list[FoundApp] = []
        self._details = ""
        scenario = control.scenario
        app = scenario.app
        self.setWindowTitle("Open app")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.folder = TextField(theme, "Folder", app.folder, "where the app is started")
        self.target = TextField(theme, "App", app.target, "package.module:app")
        self.python = TextField(theme, "Python", scenario.server.interpreter, "the explorer's own")
        self.factory = Switch(theme, "A function that makes the app", app.factory)
        self.environment = LinesField(theme, "Environment", "=", app.environment, "NAME=value, one a line")
        each = [route.headers for route in scenario.routes]
        # Where they differ, each stays with its own route: what one receiver may know is not the others' affair.
        self._common = all(headers == each[0] for headers in each)
        common = each[0] if each and self._common else {}
        self.headers = LinesField(theme, "Headers of all requests", ": ", common, "Authorization: Bearer …")
        if not self._common:
            self.headers.hide()
        self.routes = RouteList(theme)
        kept: set[str] = {"headers"} if self._common else set()
        self.routes.show_asked([route.model_dump(exclude=kept) for route in scenario.routes])
        # Of the app that is open, as of one found here, nothing stays with another folder.
        self._proposed = {"target": app.target, "python": venv_python(folder_of(app))}
        self._place = app.folder  # where apps were last looked for
        self._meant = self._identity()
        self._says = Label(theme, "", 12, 500, "text2", wrap=True)
        self._traceback = ghost_button(theme, "Traceback", icon="code")
        self._ask = Button(theme, "Find its routes", icon="search", height=30)
        self._run = Button(theme, "Run", icon="play", kind=ButtonKind.PRIMARY, height=32)
        self._fields = {"target": self.target, "folder": self.folder, "python": self.python}
        self._build()
        self._connect()
        self.resize(theme.px(SIZE[0]), theme.px(SIZE[1]))
        self._say("")

    # -- composition -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        theme = self._theme
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(self.folder)
        left.addWidget(self.target)
        left.addLayout(self._line("A function that makes the app", self.factory))
        left.addWidget(self.python)
        left.addWidget(self.environment)
        left.addWidget(self.headers)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(Label(theme, "What the load asks for", 12, color="text2"), 1)
        self._add = ghost_button(theme, "Another path", icon="plus")
        head.addWidget(self._add)
        head.addWidget(self._ask)
        right.addLayout(head)
        right.addWidget(self.routes, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.addLayout(left, 0, 0)
        grid.addLayout(right, 0, 1)
        grid.setColumnStretch(0, 5)
        grid.setColumnStretch(1, 7)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._says, 1)
        foot.addWidget(self._traceback)
        self._cancel = Button(theme, "Cancel", height=32)
        foot.addWidget(self._cancel)
        foot.addWidget(self._run)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        column.addWidget(Label(theme, "Open app", 15, 600))
        column.addLayout(grid, 1)
        column.addLayout(foot)

    def _line(self, title: str, widget: QWidget) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addWidget(Label(self._theme, title, 12, color="text2"), 1)
        line.addWidget(widget)
        return line

    def _connect(self) -> None:
        theme = self._theme
        choose = Button(theme, "Choose", icon="folder-open", height=28)
        choose.clicked.connect(lambda: self._choose_folder())
        self.folder.add(choose)
        self._others = ghost_button(theme, icon="chevron-down", name="Apps that were found")
        self._others.clicked.connect(lambda: self._show_others())
        self._others.hide()
        self.target.add(self._others)
        self.folder.changed.connect(lambda: self._say(""))
        self.folder.finished.connect(lambda: self._settle())
        self.target.finished.connect(lambda: self._settle())
        self._ask.clicked.connect(lambda: self.ask())
        self._add.clicked.connect(lambda: self.routes.add_empty())
        self._traceback.clicked.connect(lambda: DetailsWindow(theme, "Traceback", self._details, self).show())
        self._cancel.clicked.connect(lambda: self.close())
        self._run.clicked.connect(lambda: self.run())
        self._control.routes.found.connect(self._show_routes)
        self._control.routes.failed.connect(self._failed)

    # -- what the user does ----------------------------------------------------------------------------------------

    def take_place(self, place: Path) -> None:
        """Look for apps in a folder, or in a file, and propose what was found."""
        self._found = find_apps(place)
        folder = place if place.is_dir() else place.parent
        self._others.setVisible(len(self._found) > 1)
        python = venv_python(folder)
        self._propose("python", python)
        if not self._found:
            self.folder.set_text(str(folder))
            self._propose("target", "")
            self._note_app()
            self._say(NO_APP, wrong="target")
            return
        typed = self.target.text if self.target.text != self._proposed["target"] else ""
        self._take(next((app for app in self._found if app.target == typed), self._found[0]))
        sentences = [SEVERAL.format(len(self._found))] if len(self._found) > 1 else []
        if python:
            sentences.append(VENV)
        self._say(" ".join(sentences))

    def ask(self) -> None:
        """Ask the app for its routes, or give that up."""
        if self._control.routes.asking:
            self._give_up()
            self._say("")
            return
        if not self._settle():
            return
        try:
            app = self._control.own_app(self._app())
        except OptionError as error:
            self._failed(error)
            return
        self._say(ASKING)
        self._show_asking(True)
        self._control.routes.ask(app, self.python.text)

    def run(self) -> None:
        """Serve the app, and close."""
        if not self._settle():
            return
        common = {"headers": self.headers.pairs} if self._common else {}
        routes = [route | common for route in self.routes.asked]
        try:
            self._control.open_app(self._app(), routes, self.python.text)
        except OptionError as error:
            self._failed(error)
            return
        self.close()
        self._control.run()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Whoever is asked for routes is let go."""
        self._control.routes.give_up()
        super().closeEvent(event)

    # -- what is shown ---------------------------------------------------------------------------------------------

    def _app(self) -> dict[str, Any]:
        kept = self._control.scenario.app
        return {
            "target": self.target.text,
            "factory": self.factory.isChecked(),
            "folder": self.folder.text,
            "environment": self.environment.pairs,
            "operations": kept.operations,
            "limit": kept.limit,
        }

    def _take(self, app: FoundApp) -> None:
        self.folder.set_text(str(app.folder))
        self.target.set_text(app.target)
        self._proposed["target"] = app.target
        self.factory.setChecked(app.factory)
        self._note_app()

    def _propose(self, name: str, text: str) -> None:
        """Fill a field, or empty it of what was proposed before; what the user typed gives way only to a proposal."""
        field = self._fields[name]
        if text or field.text == self._proposed[name]:
            field.set_text(text)
        self._proposed[name] = text

    def _settle(self) -> bool:
        """Take what was typed as the folder as if it had been chosen; False if there is no such folder."""
        text = self.folder.text
        if text != self._place and text:
            place = Path(os.path.expanduser(text))
            if not os.path.exists(place):
                self._say(NO_PLACE.format(text), wrong="folder", bad=True)
                return False
            self.take_place(place)
        self._note_app()
        return True

    def _note_app(self) -> None:
        """Another app than until now has other routes, also where it is still being asked for them."""
        self._place = self.folder.text
        if self._identity() == self._meant:
            return
        self._meant = self._identity()
        self.routes.forget()
        if self._control.routes.asking:
            self._give_up()
            self._say("")

    def _identity(self) -> tuple[Path, str]:
        return Path(os.path.expanduser(self.folder.text)).absolute(), self.target.text

    def _give_up(self) -> None:
        self._control.routes.give_up()
        self._show_asking(False)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "The app's folder", self.folder.text)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.take_place(Path(name)))
        dialog.open()

    def _show_others(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for found in self._found:
            menu.addAction(found.target).triggered.connect(lambda _=False, found=found: self._take(found))
        menu.popup(self._others.mapToGlobal(self._others.rect().bottomLeft()))

    def _show_routes(self, routes: object) -> None:
        assert isinstance(routes, list)
        self._show_asking(False)
        self._say("" if routes else "The app tells of no routes; give a path yourself.")
        self.routes.show_found(routes)

    def _failed(self, error: OptionError) -> None:
        self._show_asking(False)
        self._say(str(error), error.details, WHERE.get(error.where, "folder"), bad=True)

    def _show_asking(self, asking: bool) -> None:
        self._ask.set_text("Give up" if asking else "Find its routes", "x" if asking else "search")

    def _say(self, sentence: str, details: str = "", wrong: str = "", *, bad: bool = False) -> None:
        self._details = details
        self._says.set_color("danger" if bad else "text2")
        self._says.setText(sentence)
        self._traceback.setVisible(bool(details))
        for name, field in self._fields.items():
            field.set_wrong(bad and name == wrong)
