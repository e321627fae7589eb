"""How long a person waits: from the command to the window, and from Run to the first spans on the lanes.

The window is the real one, drawn off screen, started as a process of its own as the command does it; times are on the
clock that both processes share. The first round is cold for imports that nobody else has loaded; the least counts as
warm.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

ROUNDS: Final = 5
PATIENCE_S: Final = 30.0

Figures = dict[str, Any]


def run() -> Figures:
    """Start the window `ROUNDS` times and run the default scenario in it once each."""
    rounds = [_one() for _ in range(ROUNDS)]
    return {
        key: {"least": min(one[key] for one in rounds), "median": statistics.median(one[key] for one in rounds)}
        for key in rounds[0]
    }


def table(figures: Figures) -> str:
    """The figures as a table."""
    words = {
        "window_s": "command to first paint of the window",
        "ready_s": "command to a server that stands by",
        "serving_s": "Run to a server that answers",
        "spans_s": "Run to the first spans painted on the lanes",
    }
    lines = [f"{'':<48}{'least':>9}{'median':>9}"]
    lines += [f"{words[key]:<48}{one['least']:>7.2f} s{one['median']:>7.2f} s" for key, one in figures.items()]
    return "\n".join(lines)


def _one() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_DATA_HOME": home}
        began = time.perf_counter()
        process = subprocess.run(
            [sys.executable, "-m", "tests.bench.startup", str(began)],
            env=environment,
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            check=True,
            timeout=PATIENCE_S,
        )
    figures: dict[str, float] = json.loads(process.stdout.splitlines()[-1])
    return figures


async def _watch(began: float) -> dict[str, float]:
    from PySide6.QtCore import QEvent, QObject

    from explorer.desktop.app import Application

    application = Application(None)
    window, control = application.window, application.control
    painted = asyncio.Event()

    class Paints(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.set()
            return False

    paints = Paints()
    window.installEventFilter(paints)
    window.show()
    await painted.wait()
    figures = {"window_s": time.perf_counter() - began}
    control.prepare()
    await asyncio.sleep(0)
    while not control.standing_by:
        await asyncio.sleep(0.005)
    figures["ready_s"] = time.perf_counter() - began
    pressed = time.perf_counter()
    control.run()
    while control.state != "running":
        await asyncio.sleep(0.002)
    figures["serving_s"] = time.perf_counter() - pressed
    while not (control.store.count and window.timeline.isVisible()):
        await asyncio.sleep(0.002)
    window.timeline.frame(time.perf_counter_ns())
    window.grab()
    figures["spans_s"] = time.perf_counter() - pressed
    window.removeEventFilter(paints)
    await application.close()
    return figures


def main() -> None:
    """What runs in the window's own process: time everything and print it."""
    import qasync
    from PySide6.QtWidgets import QApplication

    qt = QApplication(sys.argv[:1])
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qt)) as runner:
        print(json.dumps(runner.run(_watch(float(sys.argv[1])))))


if __name__ == "__main__":
    main()
