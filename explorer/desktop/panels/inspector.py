"""The inspector: where requests' time goes when nothing is selected; else one request or one span in figures.

Wide it stands at the right, compact it lies at the bottom: one line, a bar, the parts.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.analysis.critical_path import CriticalPath, critical_path
from explorer.analysis.failed import failed_in, without_good_answer_in
from explorer.analysis.parts import (
    UNEXPLAINED,
    TimePart,
    from_host,
    grown,
    in_steady_order,
    mean_parts,
    pieces_of,
    request_parts,
)
from explorer.collect.source import OpenSpan
from explorer.desktop.control import Control
from explorer.desktop.panels.request.page import RequestPage
from explorer.desktop.panels.request.path_words import measured, path_parts
from explorer.desktop.panels.words import cause_words, status_words
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.widgets.stacked_bar import Part, PartsList, StackedBar, largest, shares
from explorer.desktop.words import duration, request_label, state_title
from explorer.records.schema import TIME_UNIT_NS
from explorer.records.sql_errors import meaning
from explorer.records.states import Flag, Kind, Role, State, TrackKind
from explorer.store.rows import Span

MEAN_OVER_NS: Final = 10_000_000_000
SERVED_ON_NS: Final = 60_000_000_000
"""So long a server may go on with a request that was given up, and it is known not to be a good one."""
SIDES: Final = (Kind.REQUEST, Kind.MESSAGE, Kind.CLIENT_REQUEST)
"""Records that tell of a request as a whole."""
AFTERWARDS_NS: Final = 1_000_000
"""Work of a request that goes on for longer than this after its answer is told of."""
SETTINGS: Final = frozenset({"change", "restart"})
"""Markers of another setting."""
HINT: Final = "Click a bar to follow one request through all lanes."
NOT_YET: Final = "not answered yet"


class Inspector(QWidget):
    """Shows the selection of the timeline; `lane_title` knows how a track is called there.

    `zoom_asked` and `closed` follow its buttons.
    """

    zoom_asked = Signal()
    closed = Signal()

    def __init__(
        self, theme: Theme, control: Control, lane_title: Callable[[int], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._control = control
        self._lane_title = lane_title
        self._span: Span | OpenSpan | None = None
        self._compact = False
        self._title = ElidedLabel(theme, "", 14, 600)
        self._total = Label(theme, "", 28, 600)
        self._total_note = ElidedLabel(theme, "", 12, color="text2")
        self._sentence = ElidedLabel(theme, "", 12, color="text2")
        self._bar = StackedBar(theme)
        self._parts = PartsList(theme, total_name="Total")
        self._facts = Facts(theme)
        self.page = RequestPage(theme, control, lane_title)
        self.page.zoom_asked.connect(self.zoom_asked)
        self._result = Label(theme, "", 12, color="text2")
        self._hint = Label(theme, HINT, 12, color="text2", wrap=True)
        self._zoom = Button(theme, "Zoom", icon="crosshair", kind=ButtonKind.GHOST, shortcut="Z", height=26)
        self._close = Button(theme, icon="x", kind=ButtonKind.GHOST, height=26, name="Back to the whole run (Esc)")
        self._zoom.clicked.connect(self.zoom_asked)
        self._close.clicked.connect(self.closed)
        self._layout = QVBoxLayout(self)
        self._body: QWidget | None = None
        self._instead: QWidget | None = None
        self._shown: list[TimePart] = []
        self.set_compact(False)
        control.run_began.connect(lambda: self.show_span(None))

    @property
    def span(self) -> Span | OpenSpan | None:
        """What is shown, or None for the whole run."""
        return self._span

    def set_compact(self, compact: bool) -> None:
        """Lie at the bottom, or stand at the right."""
        self._compact = compact
        self._parts.set_compact(compact)
        self._total.setVisible(not compact)
        old = self._body
        self._body = self._bottom() if compact else self._side()
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._body)
        if old is not None:
            self._layout.removeWidget(old)
            old.deleteLater()
        self._body.setVisible(self._instead is None)
        self.refresh()

    @property
    def shown_instead(self) -> QWidget | None:
        """What is shown in place of all this, or None."""
        return self._instead

    def show_instead(self, page: QWidget | None) -> None:
        """Show `page` in place of all this, or (None) this again."""
        if self._instead is not None:
            self._instead.hide()
        self._instead = page
        if page is not None:
            self._layout.addWidget(page)
            page.show()
        if self._body is not None:
            self._body.setVisible(page is None)

    def show_span(self, span: Span | OpenSpan | None) -> None:
        """Show this span and its request, or with None the whole run. One that is still open grows at each refresh."""
        self._span = span
        self.refresh()

    def show_request(self, number: int) -> None:
        """Show a request by its number."""
        store = self._control.store
        # One that found no lane free has no pieces; its sides are known all the same.
        known = pieces_of(store, number) or [span for span in store.request(number) if span.kind in SIDES]
        self.show_span(known[0] if known else None)

    def refresh(self) -> None:
        """Compute anew what is shown; to be called about once a second during a run."""
        self._show_page(None)
        span = self._span if not isinstance(self._span, OpenSpan) else self._as_grown(self._span)
        self._zoom.setVisible(span is not None)
        self._close.setVisible(span is not None)
        self._hint.setVisible(span is None and not self._compact)
        if span is None:
            self._show_run()
        else:
            pieces = pieces_of(self._control.store, span.request) if span.request else []
            if pieces:
                self._show_request(span, pieces)
            else:
                self._show_alone(span)

    def _as_grown(self, span: OpenSpan) -> Span:
        """What is open as a span that ends now; once it has ended, the finished one."""
        store = self._control.store
        finished = store.find(span.track, span.depth, span.start)
        if finished is not None and finished.start == span.start:
            self._span = finished
            return finished
        return grown(span, store.now)

    # -- what is shown ---------------------------------------------------------------------------------------------

    def _show_run(self) -> None:
        store = self._control.store
        end = store.last or 0
        # With another setting requests go another way: a mean of both would be the way of none. After a restart those
        # that were sent before the next server was there have waited for it.
        servers = (one.started_ns for one in store.processes.values() if one.role is Role.SERVER and one.epoch > 1)
        changed = max((*(marker.time for marker in store.markers if marker.kind in SETTINGS), *servers), default=0)
        begin = max(end - MEAN_OVER_NS, changed, store.first or end)
        failed = failed_in(store, begin, end)
        earlier = without_good_answer_in(store, begin - SERVED_ON_NS, end)
        mean = mean_parts(store, begin, end, changed, without=earlier)
        none_good = len(earlier) > 0 and not mean.requests
        if none_good:
            mean = mean_parts(store, begin, end, changed)
        self._title.set_text("Where a request's time goes")
        if not mean.requests:
            none = "no request has ended since the change" if begin == changed else "no request ended in the last 10 s"
            if self._control.elsewhere:
                none = "this trace does not tell"
            self._figure("–", none if store.count else "no request has ended yet", "")
            self._fill([], [])
            return
        self._shown = in_steady_order(mean.parts, self._shown)
        stretch = "since the last change" if begin == changed else f"last {max(1, round((end - begin) / 1e9))} s"
        self._figure(
            duration(mean.total_ns),
            f"on average, {stretch}{_but(len(failed), none_good)}",
            _most_of_it(self._shown),
        )
        self._fill(self._shown, [("Requests", f"{mean.requests:,}")])

    def _show_request(self, span: Span, pieces: Sequence[Span]) -> None:
        store = self._control.store
        mine = store.request(span.request)
        going = bool(pieces[-1].flags & Flag.BEGIN)
        path = None if going or span.flags & Flag.BEGIN else critical_path(store, span.request, mine)
        asked = max((one.duration for one in mine if from_host(store, one.track)), default=0)
        if asked:
            path = None  # its host's clock is another one
        served = [one for one in mine if one.kind in SIDES]
        route = store.name(served[0].name) if served else "Request"
        self._title.set_text(f"{route}  {request_label(span.request)}")
        facts = [*self._span_facts(span)]
        facts += [(self._side_words(one), duration(one.duration)) for one in served]
        here = [one.end for one in mine if not from_host(store, one.track)]
        late = max(here, default=0) - pieces[-1].end
        if late >= AFTERWARDS_NS:
            facts.append(("After the answer", duration(late)))
        if path is not None:
            parts = path_parts(path, store)
            self._figure(duration(path.total), "" if self._compact else measured(path), _largest_of(parts))
            self._fill_with(parts, facts)
            self._show_page(path, route, status_words(served))
            return
        sums = request_parts(pieces, store.names, asked)
        total = max(pieces[-1].end - pieces[0].start, asked)
        self._figure(duration(total), NOT_YET if going and not served else status_words(served), _most_of_it(sums))
        self._fill(sums, facts)

    def _show_page(self, path: CriticalPath | None, route: str = "", result: str = "") -> None:
        """What there is to say of a request beside its parts, or None."""
        wide = path is not None and not self._compact
        self._parts.set_total_name("Measured latency" if path is not None else "Total")
        self._result.setText(result)
        self._result.setVisible(wide)
        self.page.setVisible(wide)
        self._sentence.setVisible(not wide)
        if path is not None:
            self._zoom.setVisible(self._compact)
            self.page.show_path(path, route, result)

    def _side_words(self, side: Span) -> str:
        """Who saw a side of a request."""
        track = self._control.store.tracks.get(side.track)
        if side.kind is Kind.CLIENT_REQUEST:
            return f"Seen by {track.name}" if track and track.kind is TrackKind.HOST else "Seen by the load"
        process = self._control.store.processes.get(track.process) if track else None
        return "At the upstream" if process is not None and process.role is Role.UPSTREAM else "At the server"

    def _show_alone(self, span: Span) -> None:
        name = self._control.store.name(span.name) or state_title(span.state)
        self._title.set_text(name)
        self._figure(duration(span.duration), state_title(span.state).lower(), "")
        cpu = span.cpu_ns
        parts = [TimePart(state_title(span.state), span.state, float(span.duration))]
        if cpu is not None and span.state is State.RUNNING and cpu < span.duration:
            parts = [
                TimePart("On a core", State.RUNNING, float(cpu)),
                TimePart("Not on a core", None, float(span.duration - cpu)),
            ]
        self._fill(parts, self._span_facts(span))

    def _span_facts(self, span: Span) -> list[tuple[str, str]]:
        store = self._control.store
        track = store.tracks.get(span.track)
        process = store.processes.get(track.process) if track else None
        facts = [("Span", store.name(span.name) or state_title(span.state)), ("State", state_title(span.state))]
        facts.append(("Starts at", f"{(span.start - (store.first or span.start)) / 1e9:.6f} s"))
        facts.append(("Takes", duration(span.duration)))
        if span.cpu_ns is not None:
            facts.append(("On a core", duration(span.cpu_ns)))
        if track is not None:
            facts.append(("Lane", self._lane_title(track.number) or track.name))
        if process is not None:
            there = f" on {process.host}" if process.host else ""
            facts.append(("Process", f"{process.role} {process.pid}{there}"))
        if span.kind in (Kind.STEP, Kind.CALLBACK, Kind.IO, Kind.HANDOVER):
            facts.append(("Waited for the loop", duration(span.value * TIME_UNIT_NS)))
        elif span.kind is Kind.THREAD_STATE:
            facts.append(("Looked at every", duration(span.value * 1000)))
        elif span.kind is Kind.FOREIGN and span.value:
            facts.append(("Arguments", store.name(span.value)))
        elif span.kind is Kind.STATEMENT and span.value:
            code = store.name(span.value)
            facts.append(("Failed with", f"{code}, {meaning(code)}" if meaning(code) else code))
        elif span.kind is Kind.TIMER:
            facts.append(("Late by", duration(span.value * TIME_UNIT_NS)))
        return facts

    def _figure(self, total: str, note: str, sentence: str) -> None:
        self._total.setText(total)
        self._total_note.set_text(f"{total}  {note}" if self._compact else note)
        self._sentence.set_text(sentence)

    def _fill(self, parts: Sequence[TimePart], facts: Sequence[tuple[str, str]]) -> None:
        self._fill_with(_as_shown(parts), facts)

    def _fill_with(self, shown: Sequence[Part], facts: Sequence[tuple[str, str]]) -> None:
        self._bar.set_parts([part for part in shown if part.ms > 0])
        self._parts.set_parts(shown)
        self._bar.setVisible(bool(shown))
        self._facts.show_facts(facts)
        self._facts.setVisible(bool(facts) and not self._compact)

    # -- the two forms ---------------------------------------------------------------------------------------------

    def _side(self) -> QWidget:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._title, 1)
        head.addWidget(self._result)
        head.addWidget(self._zoom)
        head.addWidget(self._close)
        column.addLayout(head)
        figure = QHBoxLayout()
        figure.setSpacing(8)
        figure.addWidget(self._total)
        figure.addWidget(self._total_note, 1, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(figure)
        for widget in (self._bar, self._sentence, self._parts, self.page, self._facts):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self._hint)
        area = ScrollArea(inner, focus=Qt.FocusPolicy.TabFocus)
        area.setAccessibleName("Inspector")
        return area

    def _bottom(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(14, 6, 12, 6)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._title, 2)
        head.addWidget(self._total_note, 2)
        head.addWidget(self._sentence, 4)
        head.addWidget(self._zoom)
        head.addWidget(self._close)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addWidget(self._parts)
        for hidden in (self._total, self._facts, self._hint, self._result, self.page):
            hidden.setParent(body)
            hidden.hide()
        return body


def _as_shown(parts: Sequence[TimePart]) -> list[Part]:
    return [
        Part(cause_words(cause), part.ns / 1e6, part.state) for cause, part in zip(_causes(parts), parts, strict=True)
    ]


def _causes(parts: Sequence[TimePart]) -> list[str]:
    """The cause of each part; where one cause has several states, with its state: "endpoint one, awaiting"."""
    times = Counter(part.cause for part in parts)
    return [
        f"{part.cause}, {_within(state_title(part.state))}"
        if part.state is not None and times[part.cause] > 1
        else part.cause
        for part in parts
    ]


def _but(failed: int, none_good: bool) -> str:
    """What a mean says of the requests without a good answer, or that there were no others."""
    if none_good:
        return ", none well answered"
    return f", without {failed:,} failed" if failed else ""


def _within(title: str) -> str:
    return title[:1].lower() + title[1:]


def _largest_of(parts: Sequence[Part]) -> str:
    """The largest part in words, for where there is one line: "47 % of it: waited for a thread, all tokens taken"."""
    if not any(part.ms > 0 for part in parts):
        return ""
    place = largest(parts)
    part = parts[place]
    cause = f", {part.cause}" if part.cause else ""
    return f"{shares(parts)[place]:.0f} % of it: {_within(part.name)}{cause}."


def _most_of_it(parts: Sequence[TimePart]) -> str:
    """What takes most, with the share that the list gives it: rows keep their places while sizes change."""
    if not any(part.ns > 0 for part in parts):
        return ""
    shown = _as_shown(parts)
    place = largest(shown)
    cause = _causes(parts)[place] if parts[place].state is not None else UNEXPLAINED.lower()
    return f"{shares(shown)[place]:.0f} % of it: {cause}."


class Facts(QWidget):
    """Pairs of a name and a value, one below the other."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[tuple[ElidedLabel, ElidedLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 8, 0, 0)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show these pairs."""
        while len(self._rows) < len(facts):
            row = len(self._rows)
            pair = (
                ElidedLabel(self._theme, "", 12, color="text2"),
                ElidedLabel(self._theme, "", 12, 500, right=True),
            )
            self._grid.addWidget(pair[0], row, 0)
            self._grid.addWidget(pair[1], row, 1)
            self._rows.append(pair)
        for number, (name, value) in enumerate(self._rows):
            shown = number < len(facts)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                name.set_text(facts[number][0])
                value.set_text(facts[number][1])
