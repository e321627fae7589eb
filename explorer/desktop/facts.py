"""What `doctor` says of Qt: version, binding, which platform a window would use here. Starts no application."""

import os
import sys
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, qVersion


def facts() -> dict[str, str]:
    """Facts by name, fit for printing and for JSON."""
    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    found = sorted(file.stem.removeprefix("libq").removeprefix("q") for file in folder.glob("*q*"))
    return {
        "Qt": qVersion(),
        "PySide6": metadata.version("PySide6-Essentials"),
        "pyqtgraph": metadata.version("pyqtgraph"),
        "qasync": metadata.version("qasync"),
        "platforms": ", ".join(found) or "none",
        "platform": _platform(),
    }


def _platform() -> str:
    chosen = os.environ.get("QT_QPA_PLATFORM")
    if chosen:
        return f"{chosen} (QT_QPA_PLATFORM)"
    if not sys.platform.startswith("linux"):
        return "the system's own"
    if os.environ.get("WAYLAND_DISPLAY"):
        return "wayland"
    if os.environ.get("DISPLAY"):
        return f"xcb on display {os.environ['DISPLAY']}"
    return "none: DISPLAY and WAYLAND_DISPLAY are unset, so that no window can open; pictures and runs work"
