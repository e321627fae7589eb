"""A pytest plugin that makes Qt look uninstalled."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec

QT = {"PySide6", "shiboken6", "qasync", "pyqtgraph"}


class Hidden:
    """An import finder that is asked first and knows of no Qt."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        """Refuse Qt as the import system would; leave all else to the others."""
        if name.partition(".")[0] in QT:
            raise ModuleNotFoundError(f"No module named {name!r} (hidden)", name=name)
        return None


sys.meta_path.insert(0, Hidden())
