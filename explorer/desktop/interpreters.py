"""The Pythons of this machine as the window knows them: looked for on another thread, told by a signal.

Looking costs a start of each, a second or so of a core in all; so it happens when somebody wants to see them, and each
is asked again only when something about it has changed.
"""

import sys
import threading
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from explorer.catalog import SECTIONS, Catalog
from explorer.option_error import OptionError
from explorer.scenario import Scenario, packages
from explorer.supervise.checks import NEEDED, choices
from explorer.supervise.interpreters.candidates import Machine
from explorer.supervise.interpreters.find import Interpreter, Interpreters, best, is_version

OFTEN: Final = ("httptools", "uvloop", "websockets")
CHOSEN: Final = "chosen"


class FoundInterpreters(QObject):
    """What was found so far. `changed` says that `found` or `looking` is new. Lives on the window's thread."""

    changed = Signal()
    _answered = Signal(object)

    def __init__(self, catalog: Catalog, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.finder = Interpreters(lambda: Machine.here(*self._near))
        self.found: list[Interpreter] = []
        self.looking = False
        self._catalog = catalog
        self._near: tuple[Path, ...] = ()
        self._often = {*NEEDED, *OFTEN}
        for section in SECTIONS:
            self._often.update(*(feature.needs for feature in catalog.all(section)))
        self._thread: threading.Thread | None = None
        self._answered.connect(self._take)

    def wanted(self, scenario: Scenario) -> tuple[str, ...]:
        """The packages that a server needs for `scenario`."""
        return tuple(dict.fromkeys((*NEEDED, *choices(scenario.server), *packages(self._catalog, scenario))))

    def near(self, folder: Path) -> None:
        """Look for virtual environments in this folder as well."""
        self._near = tuple(dict.fromkeys((folder, *self._near)))

    def look(self, scenario: Scenario) -> None:
        """Look for all that there are, on another thread; while that goes on, nothing more is begun."""
        if self.looking:
            return
        self.looking = True
        wanted, text = self.wanted(scenario), scenario.server.interpreter
        asked = tuple(sorted(self._often.union(wanted)))

        def work() -> None:
            found = self.finder.find(asked, wanted)
            if text and not is_version(text) and text not in [each.path for each in found]:
                found += self._named(text, asked, wanted)
            self._answered.emit(found)

        self._thread = threading.Thread(target=work, name="looks for interpreters", daemon=True)
        self._thread.start()
        self.changed.emit()

    def meant(self, scenario: Scenario) -> Interpreter | None:
        """The one that the scenario's knob means; None while it is not known, or is none."""
        text = scenario.server.interpreter
        if is_version(text):
            try:
                return best(text, self.found, self.wanted(scenario))
            except OptionError:
                return None
        return next((each for each in self.found if (each.path == text if text else each.own)), None)

    def version(self, scenario: Scenario) -> tuple[int, ...]:
        """The Python that the scenario's server will run under; far in the future while that is not known."""
        if not scenario.server.interpreter:
            return sys.version_info[:2]
        meant = self.meant(scenario)
        return meant.answer.version if meant is not None else (99,)

    def close(self) -> None:
        """Stop looking; no process is left."""
        self.finder.close()
        if self._thread is not None:
            self._thread.join()

    def _named(self, text: str, asked: tuple[str, ...], wanted: tuple[str, ...]) -> list[Interpreter]:
        """What somebody gave by its path and nobody would have found."""
        try:
            path = self.finder.resolve(text, ())
            return [Interpreter(text, CHOSEN, self.finder.asked(path, asked, wanted))]
        except OptionError:
            return []

    def _take(self, found: object) -> None:
        assert isinstance(found, list)
        self.found, self.looking = found, False
        self.changed.emit()
