"""The duel's place in the window: which page is shown, what its buttons do, and which of the window's keys act."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from explorer.desktop.actions import Actions
from explorer.desktop.control import Control
from explorer.desktop.duel.page import DuelPage
from explorer.desktop.duel.run import DuelRun
from explorer.desktop.duel.setup import DuelSetup
from explorer.desktop.duel.shown import Shown
from explorer.desktop.file_names import file_stem
from explorer.desktop.panels.key_words import IN_DUEL
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme
from explorer.option_error import OptionError
from explorer.scenario import Scenario, parse
from explorer.session.duel_file import NAME
from explorer.session.duel_plan import Plan, plan
from explorer.session.duel_titles import contestants, in_common

NOT_COMPARED: Final = "The duel did not come to an end"
TRY_REPEAT: Final = 3
TRY_S: Final = 6.0
NOT_WRITTEN: Final = "The report was not written"


class Compare(QObject):
    """Makes `pages`, which hold the window's `body` and the duel's page."""

    def __init__(
        self,
        theme: Theme,
        control: Control,
        state: WindowState,
        actions: Actions,
        body: QWidget,
        shipped: Sequence[tuple[str, Path]],
        switch_theme: Callable[[], object],
        folder: Path | None = None,
    ) -> None:
        super().__init__()
        self._control = control
        self._state = state
        self._actions = actions
        self._body = body
        self._plan: Plan | None = None
        self.run = DuelRun(control, folder, self)
        self.page = DuelPage(theme, DuelSetup(theme, control, shipped))
        self.pages = QStackedWidget()
        self.pages.addWidget(body)
        self.pages.addWidget(self.page)
        page, run = self.page, self.run
        page.left.connect(self.leave)
        page.again.connect(self._again)
        page.new_asked.connect(self._new)
        page.save_asked.connect(self.ask_where)
        page.export_asked.connect(self.ask_report)
        page.unknown_key.connect(self._say_not_here)
        page.theme_asked.connect(switch_theme)
        page.setup.started.connect(self.start)
        page.setup.file_asked.connect(self._ask_file)
        page.setup.duel_asked.connect(lambda where: self._ask_duel() if where is None else self.open_duel(where))
        page.progress.cancelled.connect(run.cancel)
        page.result.add_asked.connect(self._add)
        page.result.copied.connect(lambda: page.messages.inform("Copied", "The table is on the clipboard, as text."))
        run.progressed.connect(page.progress.show_progress)
        run.read.connect(page.progress.show_read)
        run.warned.connect(page.progress.warn)
        run.finished.connect(self._show)
        run.failed.connect(self._fail)
        run.saved.connect(self._saved)
        run.not_saved.connect(lambda sentence: page.messages.warn("The duel was not saved", sentence))

    @property
    def shown(self) -> bool:
        """Whether the duel's page is shown."""
        return self.pages.currentWidget() is self.page

    def toggle(self) -> None:
        """Go to the duel's page, or back."""
        if self.shown:
            self.leave()
        else:
            self.enter()

    def enter(self) -> None:
        """Show the duel's page as it was left."""
        if self.page.place == "setup":
            self.page.setup.show_recent(self.run.recent())
            self.page.setup.refresh()
        self._let_act(False)
        self.pages.setCurrentWidget(self.page)
        self.page.setFocus()

    def leave(self) -> None:
        """Back to exploring; not while a duel goes on, which has the machine for itself."""
        if self.run.running:
            self.page.messages.inform("A duel goes on", "Cancel it before you go back.")
            return
        self._let_act(True)
        self.pages.setCurrentWidget(self._body)

    def start(self, plan: Plan) -> None:
        """Run a duel."""
        if self.run.running:
            return
        self._plan = plan
        self.page.messages.clear()
        who = contestants(self._control.catalog, plan.scenarios)
        names = [f"{one.badge} {one.title}{f', {one.note}' if one.note else ''}" for one in who]
        self.page.progress.begin(plan, " · ".join(names))
        self.page.show_progress("Duel")
        self.run.start(plan)

    def try_(self, scenario: Scenario) -> None:
        """Compare the present setup with another one at once, shorter than a duel that is planned by hand."""
        control = self._control
        self.enter()
        try:
            seconds = control.scenario.load.duration or TRY_S
            wanted = plan(control.catalog, [control.scenario, scenario], TRY_REPEAT, seconds)
        except OptionError as error:
            self.page.messages.warn(NOT_COMPARED, str(error))
        else:
            self.start(wanted)

    def open(self, path: Path) -> bool:
        """Show what lies there if it is a duel's folder or duel.json; False if it is something else."""
        if not ((path / NAME).is_file() or path.name == NAME):
            return False
        self.enter()
        self.open_duel(path)
        return True

    def open_duel(self, path: Path) -> None:
        """Show a duel from disk."""
        if self.run.running:
            return
        self._plan = None
        self.page.messages.clear()
        self.page.progress.begin(None)
        self.page.show_progress(path.name)
        self.run.open(path)

    def _let_act(self, on: bool) -> None:
        for identity in self._actions.commands:
            if identity not in IN_DUEL:
                self._actions.action(identity).setEnabled(on)

    def _show(self, duel: Shown) -> None:
        self.page.show_result(duel, self._in_common(duel))

    def _in_common(self, duel: Shown) -> str:
        """What the scenarios share; nothing where a duel from elsewhere has what cannot be had here."""
        try:
            catalog = self._control.catalog
            return in_common(catalog, [parse(catalog, run["scenario"]) for run in duel.told["runs"]])
        except (OptionError, KeyError, TypeError, ValueError):
            return ""

    def _fail(self, sentence: str, details: str) -> None:
        if self.page.result.duel is None:
            self._new()
        else:
            self._show(self.page.result.duel)
        self.page.messages.warn(NOT_COMPARED, sentence, details)

    def _again(self) -> None:
        if self._plan is not None:
            self.start(self._plan)
        else:  # it was opened from disk: whoever wants to run it looks at the choices first
            self._new()

    def _new(self) -> None:
        self.page.setup.show_recent(self.run.recent())
        self.page.setup.refresh()
        self.page.show_setup()

    def _add(self) -> None:
        self._new()
        self.page.setup.add()

    def _ask_file(self, place: int) -> None:
        dialog = self._dialog("Choose a scenario or a recording", "Scenarios and recordings (*.toml *.cxrec)")
        dialog.fileSelected.connect(lambda name: self.page.setup.take_file(place, Path(name)))
        dialog.open()

    def _ask_duel(self) -> None:
        dialog = self._dialog("Open a duel", "Duels (duel.json)")
        dialog.fileSelected.connect(lambda name: self.open_duel(Path(name)))
        dialog.open()

    def ask_where(self) -> None:
        """Ask for the folder in which the duel that is shown is to be kept."""
        duel = self._result("saved")
        if duel is None:
            return
        if duel.saved:
            self.page.messages.inform("Saved already", f"The duel and its recordings are in {duel.folder}.")
            return
        dialog = self._dialog("Save the duel in a folder of its own", "")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(file_stem(f"Duel {duel.name}", datetime.now()))
        dialog.fileSelected.connect(lambda name: self.save(Path(name)))
        dialog.open()

    def ask_report(self) -> None:
        """Ask for the file to which the report of the duel that is shown is to be written."""
        duel = self._result("exported")
        if duel is None:
            return
        dialog = self._dialog("Export the duel", "HTML report – verdict, table and lanes, for any browser (*.html)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("html")
        dialog.selectFile(f"{file_stem(f'Duel {duel.name}', datetime.now())}.html")
        dialog.fileSelected.connect(lambda name: self.export(Path(name)))
        dialog.open()

    def export(self, path: Path) -> None:
        """Write the report of the duel that is shown; a message says what came of it."""
        duel = self.page.result.duel
        if duel is None:
            return
        from explorer.desktop.duel.report import write_report  # not as the window is made

        try:
            write_report(duel, path)
        except OptionError as error:
            self.page.messages.warn(NOT_WRITTEN, str(error))
        else:
            self.page.messages.inform("Exported", f"The report is in {path}.")

    def _result(self, done: str) -> Shown | None:
        """The duel whose result is on the page; where there is none, that is said."""
        if self.page.place == "result":
            return self.page.result.duel
        self.page.messages.inform("Nothing to show yet", f"Run a duel or open one first; then it can be {done}.")
        return None

    def _say_not_here(self, keys: str) -> None:
        for command in self._actions.commands.values():
            if keys in command.keys and command.id not in IN_DUEL:
                self.page.messages.inform(
                    "Not in a duel", f"{keys}, {command.title}, is for one run. Ctrl+D leads back to it."
                )
                return

    def save(self, folder: Path) -> None:
        """Keep the duel that is shown in a folder."""
        duel = self.page.result.duel
        if duel is not None:
            self.run.save(duel, folder)

    def _saved(self, duel: Shown) -> None:
        self.page.note_saved(duel)
        self.page.messages.inform("Saved", f"The duel and its recordings are in {duel.folder}.")

    def _dialog(self, title: str, kind: str) -> QFileDialog:
        # Not modal and not native's own loop: what runs on this thread's asyncio loop goes on meanwhile.
        dialog = QFileDialog(self.page, title, str(self._state.folder), kind)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def note(name: str) -> None:
            self._state.folder = Path(name).parent

        dialog.fileSelected.connect(note)
        return dialog
