"""The inspector's page about a chosen range: figures by state, name, lane and request, call stacks, latencies.

It counts in a thread of its own (`job`), a moment after the range has come to rest, and shows what it knew before
until the new figures are there; from half a second on it says how far it is. A span that is selected later takes the
inspector's place; without one the range has it again.
"""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from explorer.analysis.range_statistics import UNNAMED, RangeStatistics, Snapshot, Where
from explorer.desktop.control import Control
from explorer.desktop.panels.inspector import Inspector
from explorer.desktop.panels.latency_bars import LatencyBars
from explorer.desktop.panels.range import rows
from explorer.desktop.panels.range.job import RangeJob
from explorer.desktop.panels.range.rows import Table
from explorer.desktop.panels.range.table import EMPTY, RangeTable
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.range.time_range import TimeRange
from explorer.desktop.timeline.rows import short_title
from explorer.desktop.timeline.selection import kind_word
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.button import Button, ButtonKind
from explorer.desktop.widgets.flame import FlameChart
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.desktop.widgets.segmented import SegmentedControl
from explorer.desktop.widgets.tabs import Tabs
from explorer.desktop.words import count, duration, moment
from explorer.records.states import Kind

TABS: Final = (
    ("state", "State"),
    ("name", "Name"),
    ("lane", "Thread"),
    ("request", "Request"),
    ("flame", "Flame"),
    ("latency", "Latency"),
)
REST_MS: Final = 120
LOOK_MS: Final = 30
SAY_AFTER_S: Final = 0.5
CANCEL_AFTER_S: Final = 2.0
QUICK_S: Final = 0.3
"""A range into which a live run still writes is counted again each second, if that is done so quickly."""
COPIED_MS: Final = 1_500
FAILED: Final = "These spans could not be counted ({}); what the program wrote to its terminal says more."


class RangePage(QWidget):
    """Follows the range of `timeline` into the place of `inspector`. `appeared` says that it is there now.

    `clock` (seconds) tells how long a computation takes.
    """

    appeared = Signal()

    def __init__(
        self,
        theme: Theme,
        control: Control,
        timeline: TimelineView,
        inspector: Inspector,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(inspector)
        self.hide()
        self._theme, self._control, self._timeline, self._inspector = theme, control, timeline, inspector
        self._clock = clock
        self._range: TimeRange | None = None
        self._job: RangeJob | None = None
        self._given_up: list[RangeJob] = []
        self._began = 0.0
        self._took = 0.0
        self._found: RangeStatistics | None = None
        self._failure = ""
        self._table_shown: Table = EMPTY
        self._compact = False
        self._make_widgets()
        self._rest = _timer(self, REST_MS, self._begin)
        self._look = _timer(self, LOOK_MS, self._poll)
        self._copied = _timer(self, COPIED_MS, self._name_buttons)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._body: QWidget | None = None
        self.set_compact(False)
        timeline.range.changed.connect(self.show_range)
        timeline.selected.connect(lambda span: self._show_or_hide())
        timeline.request_selected.connect(lambda number: self._show_or_hide())

    @property
    def found(self) -> RangeStatistics | None:
        """The figures that are shown."""
        return self._found

    @property
    def computing(self) -> bool:
        """Whether other figures are on their way."""
        return self._job is not None or self._rest.isActive()

    def show_range(self, chosen: TimeRange | None) -> None:
        """Count another range; None counts nothing."""
        self._range = chosen
        self._failure = ""
        self._give_up()
        if chosen is None:
            self._rest.stop()
            self._show_found(None)
        else:
            self._total.setText(duration(chosen.length))
            origin = self._timeline.scene.origin
            decimals = decimals_for(chosen.length)
            begin, end = (moment(at - origin, decimals) for at in (chosen.begin, chosen.end))
            self._when.set_text(f"{begin.removesuffix(' s')} to {end}")
            self._name_it()
            self._rest.start()
        self._show_or_hide()

    def show_tab(self, tab: str) -> None:
        """Show one of TABS."""
        self._tabs.set_current(tab)
        self._fill()

    def refresh(self) -> None:
        """Count again if a live run has written into the range since; to be called about once a second."""
        chosen, found = self._range, self._found
        if chosen is None or found is None or self._job is not None or not self.isVisible():
            return
        snapshot = Snapshot(self._control.store, chosen.begin, chosen.end)
        if snapshot.spans != found.spans and self._took < QUICK_S:
            self._start(snapshot)

    def stop(self) -> None:
        """Count no more; returns once nothing of it runs."""
        self._rest.stop()
        self._give_up()
        while self._given_up:
            self._given_up.pop().join()

    def set_compact(self, compact: bool) -> None:
        """Lie at the bottom, or stand at the right."""
        if self._body is not None and compact == self._compact:
            return
        self._compact = compact
        old, self._body = self._body, self._bottom() if compact else self._side()
        self._layout.addWidget(self._body)
        if old is not None:
            self._layout.removeWidget(old)
            old.deleteLater()
        self._total.setVisible(not compact)
        self._name_buttons()
        self._name_it()

    def _name_it(self) -> None:
        # Compact there is no room for the large figure.
        length = f" of {duration(self._range.length)}" if self._compact and self._range is not None else ""
        self._title.setText(f"Range{length}")

    # -- counting --------------------------------------------------------------------------------------------------

    def _show_or_hide(self) -> None:
        shown = self._range is not None and not self._timeline.scene.selection
        if shown == (self._inspector.shown_instead is self):
            return
        self._inspector.show_instead(self if shown else None)
        self.appeared.emit()

    def _begin(self) -> None:
        if self._range is not None:
            self._start(Snapshot(self._control.store, self._range.begin, self._range.end))

    def _start(self, snapshot: Snapshot) -> None:
        self._give_up()
        self._began = self._clock()
        self._job = RangeJob(snapshot)
        self._look.start()

    def _give_up(self) -> None:
        self._given_up = [job for job in self._given_up if not job.done]
        if self._job is not None:
            self._job.cancel()
            self._given_up.append(self._job)
            self._job = None
        self._look.stop()
        self._progress.hide()

    def _poll(self) -> None:
        job = self._job
        if job is None:
            return
        took = self._clock() - self._began
        if job.done:
            self._job, self._took = None, took
            self._progress.hide()
            self._failure = "" if job.error is None else FAILED.format(type(job.error).__name__)
            self._show_found(job.result)
            return
        if took >= SAY_AFTER_S:
            self._progress.say(job.share, job.spans, may_cancel=took >= CANCEL_AFTER_S)
        self._look.start()

    def _show_found(self, found: RangeStatistics | None) -> None:
        self._found = found
        self._fill()

    # -- what is shown ---------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        """Show the chosen tab's part of the figures."""
        tab, found, name = self._tabs.current(), self._found, self._name
        if found is None:
            self._sides.hide()
            waits = "Counting …" if self._range is not None else ""
            self._table.show_table(EMPTY, self._failure or waits)
            self._pages.setCurrentWidget(self._figures)
            return
        if tab == "flame":
            self._flame.show_flame(rows.flame_of(found, name))
            self._pages.setCurrentWidget(self._flames)
        elif tab == "latency":
            self._latency_words.setText(rows.latency_words(found))
            self._bars.show_latencies(found.latencies, rows.latency_marks(found))
            self._pages.setCurrentWidget(self._latency)
        else:
            told = rows.sides(found)
            self._sides.setVisible(tab == "state" and len(told) > 1)
            self._sides.set_offered([where.value for where in told])
            self._table_shown = self._table_of(tab, found)
            self._table.show_table(self._table_shown, f"No {dict(TABS)[tab].lower()} in this range.")
            self._pages.setCurrentWidget(self._figures)
        self._spans.set_text(self._counted(found))
        self._spans.set_more(rows.counted_in_all(found))

    def _counted(self, found: RangeStatistics) -> str:
        return rows.counted(found, self._tabs.current(), Where(self._sides.current()))

    def _table_of(self, tab: str, found: RangeStatistics) -> Table:
        if tab == "state":
            return rows.state_table(found, Where(self._sides.current()))
        if tab == "name":
            return rows.name_table(found, self._name)
        return rows.lane_table(found, self._lane_titles(found)) if tab == "lane" else rows.request_table(found)

    def _name(self, number: int) -> str:
        """What spans of a name are called; for what has none, what it is."""
        if number >= UNNAMED:
            return kind_word(Kind(number - UNNAMED)) if number - UNNAMED in _KINDS else rows.NO_NAME
        return self._control.store.name(number)

    def _lane_titles(self, found: RangeStatistics) -> dict[int, tuple[str, str]]:
        """What the lanes are called, in full and in short; with their process where there are several."""
        store = self._control.store
        tracks = {number: store.tracks[number] for number in found.lanes if number in store.tracks}
        several = len({track.process for track in tracks.values()}) > 1
        titles = {}
        for number, track in tracks.items():
            title = short = self._timeline.scene.lane_title(number) or track.name
            process = store.processes.get(track.process)
            if several and process is not None:
                short = f"{short_title(title)} {process.pid}"
                title = f"{title}, {process.role} {process.pid}"
            titles[number] = title, short
        return titles

    def _ask(self, row: int) -> None:
        """A request that was clicked in the table is selected in the lanes."""
        if self._tabs.current() == "request" and self._found is not None:
            self._timeline.select_request(int(self._found.requests["key"][row]))

    # -- taking it along -------------------------------------------------------------------------------------------

    def text(self) -> str:
        """What the chosen tab shows, as text."""
        if self._found is None:
            return ""
        return f"{self._timeline.range.words()}, {self._counted(self._found)}\n\n{self._as(csv=False)}\n"

    def csv(self) -> str:
        """What the chosen tab shows, as CSV, times in ns."""
        return self._as(csv=True) if self._found is not None else ""

    def _as(self, *, csv: bool) -> str:
        tab, found, name = self._tabs.current(), self._found, self._name
        assert found is not None
        if tab == "flame":
            return rows.stacks_csv(found, name) if csv else rows.stacks_text(found, name)
        if tab == "latency":
            bins = self._bars.bins()
            if csv:
                return rows.bins_csv(bins.edges, bins.counts)
            marks = ", ".join(f"{name} {duration(at)}" for name, at in rows.latency_marks(found))
            return f"{rows.latency_words(found)} {marks}\n{rows.bins_text(bins.edges, bins.counts)}"
        order = self._table.model_.order
        return rows.table_csv(self._table_shown, order) if csv else rows.table_text(self._table_shown, order)

    def _copy(self, button: Button, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        button.set_text("Copied", "check")
        self._copied.start()

    def _name_buttons(self) -> None:
        self._copy_text.set_text("Copy", "copy")
        self._copy_csv.set_text("Copy CSV", "copy")

    # -- the two forms ---------------------------------------------------------------------------------------------

    def _make_widgets(self) -> None:
        theme = self._theme
        self._title = Label(theme, "Range", 14, 600)
        self._total = Label(theme, "", 28, 600)
        self._when = ElidedLabel(theme, "", 12, color="text2")
        self._spans = ElidedLabel(theme, "", 12, color="text2", whole_words=True)
        self._tabs = Tabs(theme, TABS, name="Figures of the range")
        self._tabs.chosen.connect(lambda tab: self._fill())
        self._table = RangeTable(theme)
        self._table.asked.connect(self._ask)
        self._sides = SegmentedControl(
            theme, [(where.value, words) for where, words in rows.SIDES.items()], name="Who tells of states"
        )
        self._sides.chosen.connect(lambda side: self._fill())
        self._sides.hide()
        self._figures = _column(self._sides, self._table)
        self._flame = FlameChart(theme)
        self._flames = ScrollArea(self._flame)
        self._latency_words = Label(theme, "", 12, color="text2", wrap=True)
        self._bars = LatencyBars(theme)
        self._latency = _column(self._latency_words, self._bars)
        self._pages = QStackedWidget()
        for page in (self._figures, self._flames, self._latency):
            self._pages.addWidget(page)
        self._progress = Progress(theme)
        self._progress.hide()
        self._progress.cancelled.connect(lambda: self._timeline.range.clear())
        self._copy_text = Button(theme, "Copy", icon="copy", kind=ButtonKind.QUIET)
        self._copy_csv = Button(theme, "Copy CSV", icon="copy", kind=ButtonKind.QUIET)
        self._copy_text.clicked.connect(lambda: self._copy(self._copy_text, self.text()))
        self._copy_csv.clicked.connect(lambda: self._copy(self._copy_csv, self.csv()))
        self._zoom = Button(theme, "Zoom", icon="crosshair", kind=ButtonKind.GHOST, shortcut="Z", height=26)
        self._close = Button(theme, icon="x", kind=ButtonKind.GHOST, height=26, name="Back to the whole run (Esc)")
        self._zoom.clicked.connect(lambda: self._timeline.zoom_to_selection())
        self._close.clicked.connect(lambda: self._timeline.range.clear())

    def _side(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(8)
        self._zoom.show_chip(True)
        column.addLayout(_row(4, (self._title, 1), self._zoom, self._close))
        column.addLayout(_row(8, self._total, (self._spans, 1)))
        for widget in (self._when, self._tabs, self._progress):
            column.addWidget(widget)
        column.addWidget(self._pages, 1)
        column.addLayout(_row(8, self._copy_text, self._copy_csv, (QWidget(), 1)))
        return body

    def _bottom(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(14, 6, 12, 6)
        column.setSpacing(4)
        column.addLayout(
            _row(
                6,
                self._title,
                self._when,
                (self._spans, 1),  # where there is room for them besides
                self._tabs,
                self._copy_text,
                self._copy_csv,
                self._zoom,
                self._close,
            )
        )
        self._zoom.show_chip(False)  # the times of the range come before a key
        self._total.setParent(body)
        self._total.hide()
        column.addWidget(self._progress)
        column.addWidget(self._pages, 1)
        return body


_KINDS: Final = frozenset(int(kind) for kind in Kind)


class Progress(QWidget):
    """A line that grows, words about it, and from a while on a button that gives up (`cancelled`)."""

    cancelled = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._share = 0.0
        self._words = Label(theme, "", 12, color="text2")
        self._cancel = Button(theme, "Cancel", kind=ButtonKind.GHOST, height=24)
        self._cancel.clicked.connect(self.cancelled)
        line = _row(8, (self._words, 1), self._cancel)
        line.setContentsMargins(0, 0, 0, 5)
        self.setLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def say(self, share: float, spans: int, *, may_cancel: bool) -> None:
        """So much (0 to 1) of so many spans is counted."""
        self._share = share
        self._words.setText(f"Counting {count(spans)} spans, {100 * share:.0f} %")
        self._cancel.setVisible(may_cancel)
        self.setVisible(True)
        self.update()

    def sizeHint(self) -> QSize:
        """A line of text and a line."""
        return QSize(200, self._theme.px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line at the foot."""
        painter = QPainter(self)
        foot = QRectF(0, self.height() - 3, self.width(), 2)
        painter.fillRect(foot, self._theme.color("line"))
        foot.setWidth(self.width() * self._share)
        painter.fillRect(foot, self._theme.color("accent"))
        painter.end()


def _timer(owner: QWidget, ms: int, act: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(ms)
    timer.timeout.connect(act)
    return timer


def decimals_for(length: int) -> int:
    """How many decimals of a second tell the ends of a range of `length` ns to a thousandth of it; 3 to 9."""
    return min(9, max(3, 13 - len(str(length))))


def _column(above: QWidget, below: QWidget) -> QWidget:
    """One widget above another, which takes the room that is left."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    column.addWidget(above)
    column.addWidget(below, 1)
    return whole


def _row(spacing: int, *widgets: QWidget | tuple[QWidget, int]) -> QHBoxLayout:
    """Widgets side by side, some with a stretch."""
    row = QHBoxLayout()
    row.setSpacing(spacing)
    for one in widgets:
        if isinstance(one, tuple):
            row.addWidget(*one)
        else:
            row.addWidget(one)
    return row
