"""Writes the matrix to a file: JSON as the command line's, a table for a spreadsheet, or a picture of what is seen."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from explorer.desktop.labs.isolation.matrix.table_file import as_csv
from explorer.labs.isolation.matrix import Matrix
from explorer.labs.isolation.measure import as_json
from explorer.labs.isolation.schedule import Schedule
from explorer.option_error import OptionError

KINDS: Final = (("json", "JSON", "JSON (*.json)"), ("csv", "CSV", "CSV (*.csv)"), ("png", "Picture", "PNG (*.png)"))
"""Of each its ending, what it is called in the menu, and in the dialog."""


def write(path: Path, matrix: Matrix, schedules: dict[str, Schedule], picture: QWidget) -> None:
    """Write the matrix in the form that the file's ending says. Raises `OptionError`."""
    kind = path.suffix.lower().lstrip(".")
    try:
        if kind == "png":
            if not picture.grab().save(str(path), "PNG"):
                raise OptionError(f"{path} cannot be written. Choose another file.")
        elif kind == "csv":
            path.write_text(as_csv(matrix, schedules), encoding="utf-8", newline="")
        elif kind == "json":
            path.write_text(json.dumps(as_json(matrix), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        else:
            raise OptionError(f"{path.name} says no form. Let the name end in .json, .csv or .png.")
    except OSError as error:
        raise OptionError(f"{path} cannot be written: {error.strerror or error}. Choose another file.") from error


def menu_of(parent: QWidget, chosen: Callable[[str], None]) -> QMenu:
    """The forms there are; `chosen(ending)`."""
    menu = QMenu(parent)
    for kind, title, _ in KINDS:
        menu.addAction(f"{title} (.{kind})").triggered.connect(lambda _=False, kind=kind: chosen(kind))
    return menu


def ask_for_path(parent: QWidget, kind: str, name: str, then: Callable[[Path], None]) -> QFileDialog:
    """Open a dialog for the file's place; `then(path)`."""
    dialog = QFileDialog(parent, "Export the matrix", "", next(words for one, _, words in KINDS if one == kind))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(kind)
    dialog.selectFile(f"{name}.{kind}")
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
