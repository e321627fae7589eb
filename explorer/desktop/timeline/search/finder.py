"""Searching in a view: runs the search in slices between frames, goes from hit to hit, and says what was found.

`hits_changed(times)` is for whatever marks hits over the whole run, such as a minimap.
"""

from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from explorer.collect.source import Array
from explorer.desktop.timeline.near import Bars
from explorer.desktop.timeline.rows import process_key
from explorer.desktop.timeline.view import TimelineView
from explorer.store.search import HIT, Search

SLICE_MS: Final = 8
SHOW_EVERY: Final = 8
"""Steps of a search between two looks at what was found: bringing many hits into order costs more than to find them."""
LOOK_AGAIN_MS: Final = 300
"""How often a live run is looked at for more."""


class Finder(QObject):
    """Signals: `changed` when something about the search has changed, `hits_changed(times)` with their starts
    ((n,) of i8 ns, ascending; empty without a search).
    """

    changed = Signal()
    hits_changed = Signal(object)

    def __init__(self, view: TimelineView) -> None:
        super().__init__(view)
        self._view = view
        self._search: Search | None = None
        self._text = ""
        self._store = view.scene.store
        self._hits: Array = np.zeros(0, HIT)
        self._at: bytes = b""
        self._place = -1
        self._going = self._go = False
        self._steps = 0
        self._timer = QTimer(self)
        self._timer.setInterval(SLICE_MS)
        self._timer.timeout.connect(self._step)

    @property
    def text(self) -> str:
        """What is searched for; empty: nothing."""
        return self._text

    @property
    def count(self) -> int:
        """How many hits there are to go through."""
        return len(self._hits)

    @property
    def place(self) -> int:
        """Which hit is the present one, from 0 on; -1: none."""
        return self._place

    @property
    def more(self) -> bool:
        """Whether there are more hits than can be gone through."""
        return self._search is not None and self._search.more

    @property
    def searching(self) -> bool:
        """Whether the store has not been looked at as a whole yet."""
        return self._search is not None and self._going

    @property
    def progress(self) -> float:
        """How far the search is, 0 to 1."""
        return self._search.progress if self._search is not None else 1.0

    def find(self, text: str, go: bool = False) -> None:
        """Search for a text; an empty one ends the search. `go` to the first hit once all has been looked at."""
        text = text.strip()
        self._go = go
        if text == self._text and self._store is self._view.scene.store:
            self._go_now()
            return
        self._text, self._place, self._at = text, -1, b""
        self._begin()

    def renew(self) -> None:
        """Search another run for the same."""
        self._place, self._at = -1, b""
        self._begin()

    def step(self, by: int) -> bool:
        """Go to the next hit (1) or the one before (-1), round the ends; the first one is the next in view or later."""
        if not len(self._hits):
            return False
        if self._place < 0:
            begin = self._view.scene.view.begin
            at = int(np.searchsorted(self._hits["time"], begin)) % len(self._hits)
            at = at if by > 0 else at - 1
        else:
            at = self._place + by
        self._place = at % len(self._hits)
        hit = self._hits[self._place]
        self._at = hit.tobytes()
        self._show(int(hit["track"]), int(hit["depth"]), int(hit["time"]), int(hit["request"]))
        self.changed.emit()
        return True

    # for the lanes

    def bars(self, bars: Bars) -> Array:
        """Which bars are to be shown as found, (n,) of bool."""
        if self._search is None:
            return np.zeros(len(bars), bool)
        return self._search.matches(bars.name, bars.request)

    def in_view(self, begin: int, end: int) -> Array:
        """The hits from `begin` to `end` (ns)."""
        if not len(self._hits):
            return self._hits
        first, last = np.searchsorted(self._hits["time"], (begin, end)).tolist()
        some: Array = self._hits[first:last]
        return some

    # inside

    def _begin(self) -> None:
        self._store = store = self._view.scene.store
        self._search = Search(store, self._text) if self._text and store is not None else None
        self._going = self._search is not None
        if self._going:
            self._timer.start(SLICE_MS)
        else:
            self._timer.stop()
        self._take()

    def _step(self) -> None:
        search = self._search
        if search is None or self._store is not self._view.scene.store:
            self._begin()
            return
        before = len(self._hits), search.more
        was = self._going
        self._going = search.step()
        if not self._going:
            self._timer.setInterval(LOOK_AGAIN_MS)
            if not self._view.scene.follow.live and was is False:
                self._timer.stop()
        self._steps += 1
        if self._going and self._steps % SHOW_EVERY:
            return
        hits = search.hits
        if (len(hits), search.more) != before or was != self._going or hits is not self._hits:
            self._take()

    def _take(self) -> None:
        self._hits = self._search.hits if self._search is not None else np.zeros(0, HIT)
        # Where nothing is found, nothing is mixed down.
        self._view.scene.found = self if len(self._hits) else None
        if self._place >= 0:
            self._place = self._find_again()
        self._view.lanes.update()
        self.changed.emit()
        self._go_now()
        self.hits_changed.emit(self._hits["time"] if len(self._hits) else np.zeros(0, "<i8"))

    def _go_now(self) -> None:
        if self._go and len(self._hits) and not self._going:
            self._go = False
            self.step(1)

    def _find_again(self) -> int:
        """Where the present hit is now that others came before it."""
        hit = np.frombuffer(self._at, self._hits.dtype) if self._at and len(self._hits) else None
        if hit is None:
            return -1
        at = int(np.searchsorted(self._hits["time"], hit["time"][0]))
        while at < len(self._hits) and self._hits["time"][at] == hit["time"][0]:
            if self._hits[at].tobytes() == self._at:
                return at
            at += 1
        return -1

    def _show(self, track: int, depth: int, time: int, request: int) -> None:
        view = self._view
        store = view.scene.store
        if store is None:
            return
        if track:
            span = store.find(track, depth, time)
            if span is not None:
                self._reveal(track)
                view.show_span(span)
                return
        view.set_following(False)
        if request:
            view.select_request(request)
        else:
            view.look(view.scene.view.revealing(time, time + 1))

    def _reveal(self, track: int) -> None:
        """Let a lane be seen that is hidden, filtered out, or in a closed group."""
        view, scene = self._view, self._view.scene
        if scene.store is None or scene.layout.of_track(track) is not None:
            return
        view.lane_hands.reveal(f"track {track}")
        if scene.layout.of_track(track) is not None:
            return
        declared = scene.store.tracks.get(track)
        process = scene.store.processes.get(declared.process) if declared is not None else None
        head = next((row for row in scene.rows if process is not None and row.key == process_key(process)), None)
        if head is not None and not head.is_open:
            view.change_lanes(lambda choices: choices.toggle_group(head.title))
