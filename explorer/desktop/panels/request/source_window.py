"""The handler and the body of a run as they are executed, to be read."""

from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import Label
from explorer.scenario import Scenario

SIZE = (760, 620)


def source_files(scenario: Scenario) -> list[Path]:
    """The files with the code that a scenario's requests run, handler first; none for an app of the user's own.

    A workload that has a handler of its own needs none of the dispatch's.
    """
    if scenario.own:
        return []
    workload = f"explorer.server.workloads.{scenario.workload.id}"
    handler = _file(f"{workload}.handler") or _file(f"explorer.server.dispatch.{scenario.dispatch.id}.handler")
    return [path for path in (handler, _file(f"{workload}.body")) if path is not None]


def _file(module: str) -> Path | None:
    """Where a module's source is, without importing it: a handler imports FastAPI, which a window must not."""
    package, _, name = module.rpartition(".")
    try:
        spec = find_spec(package)
    except ImportError:
        return None
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        path = Path(folder) / f"{name}.py"
        if path.is_file():
            return path
    return None


class SourceWindow(QDialog):
    """Shows the sources of a scenario; Esc closes it."""

    def __init__(self, theme: Theme, scenario: Scenario, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Source of the handler")
        self.resize(theme.px(SIZE[0]), theme.px(SIZE[1]))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, theme.color("panel"))
        self.setPalette(palette)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 16)
        for path in source_files(scenario):
            column.addWidget(Label(theme, f"{path.parent.name}/{path.name}", 12, 500, "text2"))
            text = QPlainTextEdit(path.read_text("utf-8"))
            text.setReadOnly(True)
            text.setFont(theme.font(12, 400, True))
            text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            text.setAccessibleName(f"Source of {path.name}")
            column.addWidget(text, 1)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
