"""Window loop: the server shares the event loop of a small Qt window, which freezes whenever a handler blocks it.

Only this declaration is the server's; the window itself is `explorer.desktop.demo`, loaded when the model is chosen.
"""

import importlib.util
import os
import sys

from explorer.catalog import Feature
from explorer.demand import Serving
from explorer.records.states import State

PACKAGES = ("PySide6", "qasync")


def available() -> str | None:
    """It needs Qt, and a display to show a window on."""
    missing = [name for name in PACKAGES if not _is_there(name)]
    if missing:
        return (
            f"The window loop needs Qt, and {' and '.join(missing)} cannot be imported; "
            "set the program up with packaging/bootstrap.py, which installs them."
        )
    shows = any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"))
    if sys.platform.startswith("linux") and not shows:
        return (
            "The window loop shows a window, and there is no display; start this from a desktop session, or set "
            "QT_QPA_PLATFORM=offscreen to run it unseen."
        )
    return None


def _is_there(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ImportError:  # something keeps it from being found
        return False


feature = Feature(
    id="window_loop",
    title="Window loop",
    short="Shares a window's loop.",
    summary="The server runs on the loop of a small window: block it, and that window freezes.",
    group="Event loops",
    order=50,
    # Above the loop, below the frames of the window: they come evenly until a callback blocks, then one is queued.
    picture=(
        (0, 0.04, 0.05, State.RUNNING),
        (0, 0.17, 0.05, State.RUNNING),
        (0, 0.26, 0.46, State.BLOCKED),
        (0, 0.74, 0.05, State.RUNNING),
        (0, 0.87, 0.05, State.RUNNING),
        (1, 0.04, 0.05, State.RUNNING),
        (1, 0.17, 0.05, State.RUNNING),
        (1, 0.30, 0.42, State.QUEUED),
        (1, 0.74, 0.05, State.RUNNING),
        (1, 0.87, 0.05, State.RUNNING),
    ),
    entry="explorer.desktop.demo.serve:serve",
    available=available,
    needs=PACKAGES,
    loop="Qt",
    serving=lambda knobs: Serving(),
)
