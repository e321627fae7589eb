"""Everything the timeline shows at a moment, without painting: view, rows, selection, and what follows from them. No
Qt.

The widgets (axis, headers, lanes) paint from one scene; the view changes it for the user and for the frame timer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from explorer.analysis.event_log import EventLog
from explorer.collect.source import Marker, OpenSpan
from explorer.desktop.timeline.activity import ALWAYS, Activity
from explorer.desktop.timeline.follow import Follow
from explorer.desktop.timeline.history import Place
from explorer.desktop.timeline.lane_choices import PINNED_KEY, LaneChoices, arranged
from explorer.desktop.timeline.layout import Density, Layout, Placed, arrange
from explorer.desktop.timeline.range.time_range import TimeRange
from explorer.desktop.timeline.rows import Row, RowKind, build_rows, short_title
from explorer.desktop.timeline.scene_locks import SceneLocks
from explorer.desktop.timeline.search.hits import Found
from explorer.desktop.timeline.selection import AnySpan, Selection
from explorer.desktop.timeline.viewport import Viewport
from explorer.recording.notes import Note, Notes
from explorer.records.event_kinds import EventKind
from explorer.records.states import Role, State, TrackKind
from explorer.store.store import Store

FIRST_LENGTH_NS: Final = 2_000_000_000
REBUILD_NS: Final = 250_000_000
FOREVER_NS: Final = 1 << 62
MARGIN: Final = 0.03
"""Share of the run that is left free on both sides of it where it is shown as a whole."""
FILTERED: Final = 0.75
"""Share of the lane in a bar whose state the legend has not chosen."""
FLAG_LETTERS: Final = 28
"""So much of a note stands on its flag."""
HEAD_SHARE: Final = 0.6
"""Of the room, what pinned rows may take at most; with more the last of them scroll as all do."""
LOW_WINDOW: Final = 800
"""Windows lower than this many pixels begin with compact lanes."""


@dataclass(frozen=True, slots=True)
class NoteMarker(Marker):
    """A note as a marker, its text cut to what a flag can hold; `detail` is the whole of it then."""

    id: str = ""

    @classmethod
    def of(cls, note: Note) -> "NoteMarker":
        """The flag of a note."""
        if len(note.text) <= FLAG_LETTERS:
            return cls(note.time, "note", note.text, "", note.id)
        return cls(note.time, "note", f"{note.text[: FLAG_LETTERS - 1].rstrip()}…", note.text, note.id)


class Scene:
    """State of one timeline."""

    def __init__(self) -> None:
        self.store: Store | None = None
        self.view = Viewport(0, FIRST_LENGTH_NS, 1)
        self.follow = Follow()
        self.layout = Layout()
        self.rows: list[Row] = []
        self.room = 1
        self.scroll = 0
        self.head = 0
        """Height of the pinned rows, px: they stay at the top while the others scroll below them."""
        self.scale = 1.0
        self.compact = False
        self.roomy = False
        """Lanes may be high in a low window as well: there are few of them."""
        self.density = Density.AUTO
        self.choices = LaneChoices()
        self.hidden = 0
        """How many of the run's lanes are hidden, whatever moment of it is in view or replayed."""
        self.unfolded: set[str] = set()
        self.only: frozenset[State] = frozenset()
        """States the legend has chosen; empty: all."""
        self.events: EventLog | None = None
        """The events that are marked on the loops' lanes."""
        self.event_kinds: frozenset[EventKind] = frozenset()
        """Kinds whose events are marked; empty: all."""
        self.locks = SceneLocks(self)
        self.moments: tuple[tuple[int, bool], ...] = ()
        """Times (ns) that have a red line behind the bars, solid or (False) dashed."""
        self.notes: Notes | None = None
        """What the user wrote to moments of the run."""
        self.found: Found | None = None
        """What a search has found, to be shown; None: nothing is searched for."""
        self.selection = Selection()
        self.range: TimeRange | None = None
        """The stretch of time that is chosen."""
        self.cursor: AnySpan | None = None
        self.cursor_shown = False
        """The keyboard moved the cursor last; after a click there is nothing to show."""
        self.open_spans: dict[int, list[OpenSpan]] = {}
        self.shown: dict[tuple[int, int], int] = {}
        """Up to when (ns) a (track, depth) has been shown while a span was open in it."""
        self.states: frozenset[State] = frozenset()
        """The states met in this run so far."""
        self.ranges: dict[int, str] = {}
        """The range of each counter as last painted."""
        self.fitting = False
        """The whole run is shown and goes on being so while a recording is read, until the user looks elsewhere."""
        self.growing = False
        """A recording is being read, so that what is shown now is out of date in a moment."""
        self.activity = Activity()
        self.rows_shown: Callable[[list[Row]], list[Row]] | None = None
        """Which rows are shown; None: all."""
        self.zero: int | None = None
        """What the axis counts from, ns, where somebody else has decided that; None: `origin` does."""
        self._built: tuple[int, int, int, int] = (-1, 0, 0, 0)
        self._open_list: list[OpenSpan] | None = None
        self._begun: set[int] = set()
        self._hidden_of: tuple[object, ...] = ()

    def set_store(self, store: Store | None, live: bool) -> None:
        """Show another run, from its newest moment on if it is live, else as a whole."""
        self.store = store
        self.selection = Selection()
        self.range = None
        self.cursor = None
        self.rows, self.layout, self.scroll = [], Layout(), 0
        self._hidden_of = ()
        self.open_spans, self.shown = {}, {}
        self.only = frozenset()
        self.states = frozenset()
        self._built = (-1, 0, 0, 0)
        self.activity = Activity()
        self.locks.forget()
        self._open_list = None
        self.follow = Follow()
        if store is None:
            return
        self.follow.live = live
        self.follow.begin(store.now)
        self.view = Viewport(self.view.begin, FIRST_LENGTH_NS, self.view.width)
        self.fitting = False
        if not live:
            self.end()
        self.view = self.follow.view(self.view)

    def end(self) -> None:
        """Nothing comes live any more. What has nothing to show yet is a recording: it is shown as a whole."""
        if self.store is None:
            return
        self.fitting = not self.follow.live or self.store.last is None
        self.follow.end(self.store.end or self.store.now)
        self._fit()
        if self.store.last is not None and (self.view.end < self.origin or self.view.begin > self.follow.now):
            self.view = self.whole()  # nobody looked while it went on, and the view is where it was before

    def _fit(self) -> None:
        if self.fitting:
            self.view = self.whole()

    @property
    def offered(self) -> frozenset[State]:
        """The states met so far that can still be met: where the server has no GIL any more, none waits for it."""
        store = self.store
        if store is None or State.WAITING_GIL not in self.states:
            return self.states
        servers = [one for one in store.processes.values() if one.role is Role.SERVER]
        if not servers or not max(servers, key=lambda one: one.epoch).free_threaded:
            return self.states
        in_view = store.gil_until > self.view.begin or any(span.state is State.WAITING_GIL for span in store.open_spans)
        return self.states if in_view else self.states - {State.WAITING_GIL}

    @property
    def origin(self) -> int:
        """The moment that the axis counts from: when the load began, else the first thing recorded, ns."""
        if self.zero is not None:
            return self.zero
        if self.store is None:
            return 0
        first = next((marker.time for marker in self.store.markers if marker.kind == "begin"), None)
        begin = self.store.first
        if first is not None:
            return first if begin is None else min(first, begin)
        return begin if begin is not None else self.store.now

    def tick(self, now: int, steps: bool = False) -> None:
        """Take the clock of a frame."""
        store, follow = self.store, self.follow
        if store is None:
            return
        if follow.live:
            follow.tick(now, store.now, self.view.length, steps)
            self.view = follow.view(self.view)
        if store.open_spans is not self._open_list:
            self._open_list = store.open_spans
            self.open_spans = {}
            for span in store.open_spans:
                self.open_spans.setdefault(span.track, []).append(span)
            self._begun = {span.track for span in store.open_spans if span.kind not in ALWAYS}
            self.states |= {span.state for span in store.open_spans if span.state is not State.NONE}
        if not store.states <= self.states:
            self.states |= store.states
        if follow.live:
            for span in store.open_spans:
                self.shown[span.track, span.depth] = follow.now
            if len(self.shown) > 2 * len(store.open_spans) + 64:
                self.shown = {key: until for key, until in self.shown.items() if until > follow.horizon}
        elif (end := store.end or 0) > follow.now:
            # A recording that is being read.
            follow.end(end)
            self._fit()
        if self.selection.stale(store):
            self.selection.look_up(store)

    def rebuild(self, force: bool = False) -> bool:
        """Build the rows again if something about them may have changed; True if it has."""
        store = self.store
        if store is None:
            changed = bool(self.layout.placed)
            self.layout = Layout()
            return changed
        version, begin, end, built = self._built
        now = self.follow.clock
        following = self.follow.on and self.follow.live
        # A view that moves by itself is soon looked at again; one that stands is looked at when a hand has moved it.
        step = max(REBUILD_NS, self.view.length // 8) if following else 1
        if not force and version == store.version:
            unmoved = abs(self.view.begin - begin) < step and abs(self.view.end - end) < step
            if unmoved and now - built < REBUILD_NS and not self._appeared():
                return False
        self._built = (store.version, self.view.begin, self.view.end, now)
        before = self.layout
        # After a zoom the rows are chosen anew; while the view only moves, those in sight are rather kept.
        moves = following or end - begin == self.view.length
        end = max(self.follow.until(self.view.end), self.view.begin + 1)
        self.activity.look(store, self.view.begin, end, now if following else None)
        history = self.follow.history(store)
        self.rows = build_rows(history, self.view.begin, end, self.choices.toggled, self.activity.tracks)
        self.rows = self.locks.sized(self.rows)
        if self.rows_shown is not None:
            self.rows = self.rows_shown(self.rows)
        lanes = arranged(self.rows, self.choices)
        self.hidden = self._count_hidden(store)
        self.layout = arrange(
            lanes.rows,
            self.room,
            self.density,
            compact=self.compact,
            unfolded=self.unfolded,
            pinned=self._pinned() | lanes.pinned,
            busy=self.activity.tracks,
            before={placed.row.track for placed in before.placed} if moves else frozenset(),
            scale=self.scale,
            roomy=self.roomy,
        )
        changed = self.layout != before
        if not changed:
            self.layout = before  # who has worked out something by it knows it again
        self.scroll = min(self.scroll, self.most_scroll)
        self.head = self._head()
        return changed

    def _count_hidden(self, store: Store) -> int:
        choices = self.choices
        if not (choices.hidden or choices.words):
            return 0
        sets = (choices.hidden, choices.pinned, choices.toggled)
        key = (id(store), store.version, choices.words, *map(frozenset, sets))
        if key == self._hidden_of:
            return self.hidden
        self._hidden_of = key
        rows = build_rows(store, 0, FOREVER_NS, choices.toggled)
        return arranged(self.rows_shown(rows) if self.rows_shown is not None else rows, choices).hidden

    def _appeared(self) -> bool:
        """Whether something has begun, in view, on a track that had nothing there."""
        return self.view.end >= self.follow.now and self.activity.misses(self._begun)

    def _pinned(self) -> set[int]:
        """The tracks that must be in sight: those of the selected request, and the cursor's."""
        tracks = {span.track for span in self.selection.spans}
        tracks |= {span.track for span in self.selection.open_spans}
        if self.cursor is not None and self.cursor_shown:
            tracks.add(self.cursor.track)
        return tracks

    @property
    def most_scroll(self) -> int:
        """How far the rows can be scrolled, px."""
        return max(0, self.layout.height - self.room)

    def visible(self) -> list[Placed]:
        """The rows that have scrolled into sight, those behind the pinned ones included."""
        return self.layout.between(self.scroll, self.scroll + self.room)

    def head_rows(self) -> list[Placed]:
        """The rows that stay at the top."""
        return self.layout.between(0, self.head)

    def in_view(self) -> list[Placed]:
        """The rows in sight, from the top downwards."""
        return [*self.head_rows(), *self.layout.between(self.scroll + self.head, self.scroll + self.room)]

    def content_y(self, y: float) -> float:
        """The height of the content that is at a height of the lanes' widget."""
        return y if y < self.head else y + self.scroll

    def top_of(self, placed: Placed) -> int:
        """Where the top of a row is in the lanes' widget, px."""
        return placed.y if placed.bottom <= self.head else placed.y - self.scroll

    def row_at(self, y: float) -> Placed | None:
        """The row at a height of the lanes' widget."""
        return self.layout.at(self.content_y(y))

    def in_sight(self, placed: Placed) -> bool:
        """Whether a row is wholly in sight."""
        top = self.top_of(placed)
        return placed.bottom <= self.head or self.head <= top <= self.room - placed.height

    def scroll_to_see(self, placed: Placed, share: float = 0.5) -> int:
        """How far to scroll, px, so that a row is in sight; it has this share of the room below the pinned ones above
        it.
        """
        free = self.room - self.head
        above = min(int(free * share), max(0, free - placed.height))
        return max(0, placed.y - self.head - above)

    def _head(self) -> int:
        placed = self.layout.placed
        if not placed or placed[0].row.key != PINNED_KEY:
            return 0
        head = 0
        for number, one in enumerate(placed):
            if (number and one.row.kind is RowKind.GROUP) or one.bottom > HEAD_SHARE * self.room:
                break
            head = one.bottom
        return head

    def toggle_row(self, row: Row) -> None:
        """Open or close a group, or a fold."""
        if row.kind is RowKind.FOLD:
            self.unfolded.symmetric_difference_update({row.key})
        else:
            self.choices.toggle_group(row.title)

    def whole(self) -> Viewport:
        """A view of the whole history."""
        store = self.store
        if store is None or store.first is None:
            return self.view
        first = max(store.first, store.begin or store.first)
        last = max(self.follow.now, store.last or 0) if self.follow.live else (store.end or store.now)
        return self.reaching(self.view).showing(first, last, MARGIN)

    def reaching(self, view: Viewport) -> Viewport:
        """`view`, with leave to become as long as the run."""
        first, last = self.bounds()
        return view.reaching(round((last - first) * (1 + 2 * MARGIN)))

    def is_loop(self, track: int) -> bool:
        """Whether a lane is an event loop's, and so has marks."""
        declared = self.store.tracks.get(track) if self.store is not None else None
        return declared is not None and declared.kind is TrackKind.LOOP

    def threads(self, group: str) -> dict[int, tuple[int, str]]:
        """The number and a short title of each thread's lane in a group, by thread id: "loop", "W3"."""
        found: dict[int, tuple[int, str]] = {}
        for row in self.rows:
            if row.group == group and row.kind is RowKind.LANE and self.store is not None:
                track = self.store.tracks.get(row.track)
                if track is not None and track.tid:
                    title = "loop" if self.is_loop(row.track) else short_title(row.title)
                    found.setdefault(track.tid, (len(found), title))
        return found

    def known(self) -> int:
        """Up to when finished spans are shown, ns."""
        return self.follow.horizon if self.follow.live else FOREVER_NS

    def bounds(self) -> tuple[int, int]:
        """The history there is, ns."""
        store = self.store
        if store is None or store.first is None:
            return self.view.begin, self.view.end
        return max(store.first, store.begin or store.first), max(self.follow.now, store.end or 0)

    def share(self, state: State) -> float:
        """How much of the lane's colour the legend mixes into a state."""
        return FILTERED if self.only and state not in self.only else 0.0

    def lane_title(self, track: int) -> str:
        """What a lane is called in a sentence: "Worker 2", "GET /job"."""
        for row in self.rows:
            if track and track in (row.track, row.strip):
                if row.kind is not RowKind.REQUEST:
                    return row.title
                parent = self.store.tracks.get(self.store.tracks[track].parent) if self.store else None
                return parent.name if parent and parent.name else "a request"
        return ""

    def markers(self) -> Sequence[Marker]:
        """The markers in the view that have a flag, by time."""
        if self.store is None:
            return ()
        begin, end = self.view.begin, self.follow.until(self.view.end)
        notes = [NoteMarker.of(note) for note in self.notes.shown] if self.notes is not None else []
        return sorted(
            (
                marker
                for marker in (*self.store.markers, *notes)
                if begin <= marker.time <= end and marker.kind not in ("begin", "end")
            ),
            key=lambda marker: marker.time,
        )

    @property
    def chosen_extent(self) -> tuple[int, int] | None:
        """Begin and end (ns) of what is selected, else of the range."""
        extent = self.selection.extent(self.follow.now)
        if extent is None and self.range is not None:
            return self.range.begin, self.range.end
        return extent

    @property
    def place(self) -> Place:
        """What is in view, to come back to."""
        return Place(self.view.begin, self.view.length, self.follow.on and self.follow.live)

    def go_to(self, place: Place) -> None:
        """Show what was in view there; what followed the present follows it again, if there still is one."""
        self.fitting, self.follow.on = False, place.following and self.follow.live
        self.view = self.follow.view(replace(self.view, begin=place.begin, length=place.length))

    def appearance(self, store: Store) -> tuple[object, ...]:
        """What the last picture depended on, to within half a pixel."""
        view = self.view
        grain = max(1, view.length // (2 * max(1, view.width)))
        follow = self.follow
        at_edge = follow.live and view.end >= follow.horizon
        return (
            view.begin // grain if follow.on and follow.live else view.begin,
            view.length,
            view.width,
            follow.now // grain if at_edge else 0,
            follow.horizon // grain if at_edge else 0,
            store.version,
            store.begin if store.begin is not None and store.begin >= view.begin else None,
            len(store.markers),
            len(store.losses),
            store.tally.lost,
            follow.live or store.count,
            self.scroll,
            self.selection.count,
        )
