"""Takes a picture of a timeline: `python -m tests.desktop.timeline.shot OUT.png --theme dark --size 1280x720`.

The run is simulated (`sample`); the picture is what a window with setup, metrics and inspector closed would show.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from explorer.desktop.theme import Theme
from explorer.desktop.timeline.legend import Legend
from explorer.desktop.timeline.tools import TimelineTools
from explorer.desktop.timeline.view import TimelineView
from tests.desktop.timeline.sample import BEGIN, MS, SECOND, sample_store

RESOURCES = Path(__file__).resolve().parents[3] / "resources"


def main() -> None:
    """Paint the view and write the picture."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--theme", default="dark", choices=("dark", "light"))
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--length", type=float, default=264.0, help="milliseconds across the lanes")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the run")
    parser.add_argument("--users", type=int, default=8)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--select", action="store_true", help="select a request")
    parser.add_argument("--stopped", action="store_true", help="a run that has ended")
    parser.add_argument("--patterns", action="store_true")
    parser.add_argument("--decorated", action="store_true", help="with markers and a loss")
    chosen = parser.parse_args()
    width, height = (int(part) for part in chosen.size.split("x"))
    application = QApplication(sys.argv[:1])
    theme = Theme(RESOURCES, chosen.theme)
    theme.set_options(patterns=chosen.patterns)
    theme.apply(application)
    store = sample_store(chosen.seconds, chosen.users, chosen.workers, chosen.decorated)
    window = QWidget()
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    view = TimelineView(theme)
    column.addWidget(TimelineTools(theme, view))
    column.addWidget(view, 1)
    column.addWidget(Legend(theme, view))
    window.resize(width, height)
    window.show()
    view.set_store(store, live=not chosen.stopped)
    now = BEGIN + round(chosen.seconds * SECOND) + 16 * MS
    for turn in range(40):
        view.frame(now + turn * MS // 4)
        length = round(chosen.length * MS)
        if turn == 1:
            view.zoom(length / view.length_ns)
        application.processEvents()
    if chosen.select:
        lane = next(span for span in store.request(store.open_spans[0].request) or store.request((2 << 40) | 30))
        view.select(lane)
        application.processEvents()
    picture = window.grab()
    picture.save(str(chosen.out))
    print(
        f"{chosen.out}: {picture.width()}x{picture.height()}, {store.count:,} spans, {len(view.lanes.dense)} far rows"
    )


if __name__ == "__main__":
    main()
