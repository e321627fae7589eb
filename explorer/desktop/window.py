"""The main window: the panels around one `Control`, and which commands and signals reach which of them.

Lanes, invitation and progress share one place; the Run button never moves. Where the panels stand is `arrangement`'s.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.collect.source import OpenSpan
from explorer.desktop.about.dialog import AboutDialog
from explorer.desktop.actions import Actions, typing
from explorer.desktop.arrangement import Arrangement, size_class
from explorer.desktop.audience.entry import AudienceEntry
from explorer.desktop.control import Control
from explorer.desktop.duel.compare import Compare
from explorer.desktop.export_command import ExportCommand
from explorer.desktop.file_commands import FileCommands
from explorer.desktop.gallery.home import GALLERY, Home
from explorer.desktop.kept_lanes import KeptLanes
from explorer.desktop.kept_runs import KeptRuns
from explorer.desktop.labs.entry import Labs
from explorer.desktop.labs.makers import makers
from explorer.desktop.messages import Messages
from explorer.desktop.note_tools import NoteTools
from explorer.desktop.observer import Observer
from explorer.desktop.offers import Offers
from explorer.desktop.open_app.dialog import OpenAppDialog
from explorer.desktop.opening import Opening
from explorer.desktop.panel_focus import go_on
from explorer.desktop.panels.empty import EmptyPanel, StartPanel
from explorer.desktop.panels.events import EventsPanel
from explorer.desktop.panels.find_bar import FindBar
from explorer.desktop.panels.findings.page import FindingsPage
from explorer.desktop.panels.findings.try_load import try_load
from explorer.desktop.panels.inspector import Inspector
from explorer.desktop.panels.keys import KeySheet
from explorer.desktop.panels.lane_list import LaneList, LanesButton
from explorer.desktop.panels.large_chart import LargeChart
from explorer.desktop.panels.metrics import MetricStrip
from explorer.desktop.panels.palette import Palette
from explorer.desktop.panels.prediction.entry import Predicting
from explorer.desktop.panels.range.page import RangePage
from explorer.desktop.panels.served_by import ServedBy
from explorer.desktop.panels.setup import SetupPanel
from explorer.desktop.panels.status_bar import IDLE_WORDS, StatusBar
from explorer.desktop.panels.top_bar import TopBar
from explorer.desktop.panels.view_options import ViewOptions
from explorer.desktop.presenter.entry import Presenter
from explorer.desktop.requests_guide import RequestsGuide
from explorer.desktop.state import WindowState
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.commands import handlers as timeline_handlers
from explorer.desktop.timeline.legend import MARKS, Legend
from explorer.desktop.timeline.minimap import Minimap
from explorer.desktop.timeline.tools import TimelineTools
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.told import Told
from explorer.desktop.view_settings import ViewSettings
from explorer.desktop.view_settings import handlers as view_handlers
from explorer.desktop.widgets.button import toggle_button
from explorer.desktop.widgets.heading import Divider
from explorer.records.clock import now_ns
from explorer.shipped import shipped_scenarios
from explorer.store.rows import Span

MINIMUM: Final = (1024, 640)
SLOW_MS: Final = 1000
TITLE: Final = "Concurrency Explorer"


class MainWindow(QMainWindow):
    """Composes the panels around one `Control`. `closing` asks the composition root to end the session first."""

    closing = Signal()

    def __init__(self, theme: Theme, control: Control, state: WindowState) -> None:
        super().__init__()
        self._theme = theme
        self._control = control
        self._state = state
        self._may_close = False
        self.setMinimumSize(*MINIMUM)
        self.actions_ = Actions(self, self._handlers())
        self.view_settings = ViewSettings(theme, state, self)
        self.view_options = ViewOptions(theme, self.view_settings, self)
        self.top = TopBar(theme, control, self.actions_)
        self.setup = SetupPanel(theme, control)
        self.metrics = MetricStrip(theme, control)
        self.timeline = TimelineView(theme)
        self.tools = TimelineTools(theme, self.timeline)
        self.minimap = Minimap(theme, self.timeline)
        self.legend = Legend(theme, self.timeline)
        self.events_button = toggle_button(theme, "Events", icon="list", shortcut="E")
        self.events_button.set_name("List of events")
        self.events_button.setToolTip(f"{self.events_button.toolTip()}\n{MARKS}".strip())
        self.served_by = ServedBy(theme, control)
        self.note_tools = NoteTools(theme, control, self.timeline)
        self.lanes_button = LanesButton(theme, self.timeline, LaneList(theme, self.timeline, self))
        self.find_bar = FindBar(theme, self.timeline, self.tools)
        self.find_bar.finder.hits_changed.connect(self.minimap.set_hits)
        self.inspector = Inspector(theme, control, self.timeline.scene.lane_title)
        self.requests = RequestsGuide(theme, control, self.timeline, self.inspector, self.metrics)
        self.findings = FindingsPage(theme, control, self.timeline, self.inspector)
        beside = (self.findings.button, self.events_button, self.lanes_button.button)
        for widget in (self.note_tools, self.served_by, *beside):
            self.tools.add(widget)
        self.range_page = RangePage(theme, control, self.timeline, self.inspector)
        self.events = EventsPanel(theme, control, self.timeline)
        self.status = StatusBar(theme)
        self.messages = Messages(theme)
        self._told = Told(control, self.messages)
        self._chart = LargeChart(theme, control)
        self.predicting = Predicting(theme, control, self.setup, (self.metrics, self._chart))
        self.offers = Offers(self.actions_, control, self.timeline, self.find_bar, self.open)
        shipped = shipped_scenarios()
        self.offers.scenarios = shipped
        self.palette_ = Palette(theme, self, [self.offers.all], state.recent, state.save)
        self._view = QStackedWidget()
        self._keys = KeySheet(theme, self.actions_, self)
        self._lanes = self._make_lanes()
        self._places = QStackedWidget()
        self._empty = EmptyPanel(theme)
        self._empty.show_own(control.scenario.own)
        self._start = StartPanel(theme, control)
        self.kept = KeptRuns(theme, control, state, self.messages, self)
        for page in (self._empty, self._start, self._lanes):
            self._places.addWidget(page)
        # It holds the keyboard for nobody in particular; Tab does not stop there, as nothing would be seen.
        self._places.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._places.setAccessibleName("The run")
        self._body = Arrangement(
            theme,
            state,
            self.top,
            self.setup,
            self._places,
            self.messages,
            self.inspector,
            self.events,
            self.status,
            (self.metrics, self.tools, self.timeline),
        )
        self.compare = Compare(theme, control, state, self.actions_, self._body, shipped, self._switch_theme)
        pages = self.compare.pages
        self.home = Home(theme, control, state, shipped, self.open)
        entered = {**self.home.makers(), **makers(theme, control)}
        self.labs = Labs(pages, self._body, self.actions_, entered, self._switch_theme)
        # Else Qt gives it to whatever button is next, and Space presses that.
        self.labs.left.connect(lambda: self._places.setFocus(Qt.FocusReason.OtherFocusReason))
        self.home.attach(self.labs)
        self.offers.lessons = self.home.offers
        self.setCentralWidget(pages)
        self.audience = AudienceEntry(theme, control, self.messages.warn, self)
        self.files = FileCommands(theme, control, state, self.messages, self)
        self.files.chosen.connect(self.open)
        self.export = ExportCommand(theme, control, state, self.messages, (self.timeline, self.legend), self)
        self.presenter = Presenter(theme, control, state, self.messages.inform, self)
        self.presenter.attach(self.home, self.audience)
        self._observer = Observer(control, self.status)
        self._opening = Opening(theme, control, self.messages, self)
        self._slow = QTimer(self)
        self._slow.setInterval(SLOW_MS)
        self._slow.timeout.connect(self._refresh_slowly)
        self._connect()
        self._kept_lanes = KeptLanes(control, self.timeline, self.legend, state.state_folder)
        room = self.screen().availableSize()
        self.resize(min(state.size[0], room.width()), min(state.size[1], room.height()))
        self._body.arrange(self.width())
        self._show_state(control.state)

    # -- composition -----------------------------------------------------------------------------------------------

    def _make_lanes(self) -> QWidget:
        lanes = QWidget()
        column = QVBoxLayout(lanes)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.metrics)
        column.addWidget(Divider(self._theme))
        column.addWidget(self.tools)
        column.addWidget(Divider(self._theme))
        column.addWidget(self.minimap)
        for page in (self.timeline, self._chart):
            self._view.addWidget(page)
        column.addWidget(self._view, 1)
        column.addWidget(Divider(self._theme))
        column.addWidget(self.legend)
        return lanes

    def _connect(self) -> None:
        control, bridge = self._control, self._control.bridge
        self._body.question_asked.connect(self._question)
        self.top.named.connect(self._show_name)
        self._show_name(self.top.name)
        control.state_changed.connect(self._show_state)
        control.run_began.connect(self._begin_run)
        control.scenario_changed.connect(self._scenario_changed)
        bridge.framed.connect(self._frame)
        self.messages.said.connect(self.labs.tell)
        bridge.serving.connect(self._serving)
        self.audience.opened_changed.connect(lambda: self.status.show_room(self.audience.audience.opened is not None))
        self.status.room.clicked.connect(self.audience.show_window)
        self.kept.listed.connect(self.show_recent)
        self._empty.run_asked.connect(control.run)
        self._empty.open_asked.connect(self.files.open)
        self._empty.app_asked.connect(self.open_app)
        self.setup.app_asked.connect(self.open_app)
        self._empty.lessons_asked.connect(self.home.show)
        self._start.cancelled.connect(control.stop)
        self.timeline.selected.connect(self._select)
        self.metrics.opened.connect(self._open_chart)
        self.requests.unknown.connect(lambda sentence: self.messages.inform("Note", sentence))
        self._chart.dot_clicked.connect(self._show_dot)
        self._chart.closed.connect(lambda: self._view.setCurrentWidget(self.timeline))
        self.inspector.zoom_asked.connect(lambda: self.actions_.trigger("zoom_selection"))
        self.inspector.closed.connect(lambda: self.timeline.clear())
        self.events.closed.connect(lambda: self._body.toggle("events"))
        self.events_button.clicked.connect(lambda: self.actions_.trigger("events"))
        self._body.changed.connect(self._show_parts)
        self.timeline.replay.changed.connect(lambda: bridge.keep(self.timeline.replay.playing))
        for told in (self.timeline.replay.changed, self.timeline.replay.moved):
            told.connect(self._show_moment)
        self.view_settings.changed.connect(lambda: self._body.arrange(self.width(), anew=True))
        for page in (self.range_page, self.findings):
            page.appeared.connect(self._body.make_room)
        self.findings.tried.connect(self.compare.try_)
        self.findings.load_tried.connect(lambda scenario: try_load(control, self.messages, scenario))
        self.findings.refused.connect(lambda sentence: self.messages.warn("That cannot be tried", sentence))

    def _handlers(self) -> dict[str, Callable[[], object]]:
        control = self._control
        return {
            "run": control.toggle,
            "send_one": lambda: control.send(1),
            "send_ten": lambda: control.send(10),
            **timeline_handlers(lambda: self.timeline),
            "note": lambda: self.note_tools.hands.ask(),
            "question_1": lambda: self._question(1),
            "question_2": lambda: self._question(2),
            "question_3": lambda: self._question(3),
            "question_4": lambda: self._question(4),
            "slower": lambda: self.requests.step(1),
            "faster": lambda: self.requests.step(-1),
            "inspector": lambda: self._body.toggle("inspector"),
            "events": lambda: self._body.toggle("events"),
            "findings": lambda: self.findings.toggle(),
            "prediction": self._predict,
            "lanes": lambda: self.lanes_button.open(),
            "find": lambda: self.find_bar.open(),
            "find_next": lambda: self.find_bar.step(1),
            "find_previous": lambda: self.find_bar.step(-1),
            "setup": lambda: self._body.toggle("setup"),
            "metrics": lambda: self._body.toggle("metrics"),
            "undo": control.undo,
            "save": lambda: self.compare.ask_where() if self.compare.shown else self.files.save(),
            "export": lambda: self.compare.ask_report() if self.compare.shown else self.export.ask(),
            "open": lambda: self.files.open(),
            "open_app": self.open_app,
            "compare": lambda: self.compare.toggle(),
            "lessons": lambda: self.labs.toggle(GALLERY),
            "labs": lambda: self.labs.popup(self.top.anchor("labs")),
            "lab_locks": lambda: self.labs.toggle("lab_locks"),
            "lab_isolation": lambda: self.labs.toggle("lab_isolation"),
            "lab_parallelism": lambda: self.labs.toggle("lab_parallelism"),
            "audience": lambda: self.audience.ask(),
            "recent": lambda: self.kept.show(),
            "save_scenario": lambda: self.files.save_scenario(),
            "present": lambda: self.presenter.toggle(),
            "lecture": lambda: self.presenter.ask(),
            "exhibit": lambda: self.presenter.show_exhibit(),
            "theme": self._switch_theme,
            "presentation": self._present,
            "view_options": lambda: self.view_options.popup(self.top.anchor("view_options")),
            **view_handlers(lambda: self.view_settings),
            "next_panel": self._next_panel,
            "palette": lambda: self.palette_.popup(),
            "about": lambda: AboutDialog(self._theme, self).open(),
            "quit": lambda: self.close(),
            "keys": lambda: self._keys.popup(in_duel=self.compare.shown, in_lab=self.labs.keys()),
        }

    # -- what happens ----------------------------------------------------------------------------------------------

    def _show_state(self, state: str) -> None:
        place: QWidget = self._lanes
        if state == "empty":
            place = self._empty
        elif state == "starting" and not self._control.store.count:
            place = self._start
        self._places.setCurrentWidget(place)
        if state in ("starting", "running", "viewing"):
            self._slow.start()
        else:
            self._slow.stop()
            self._refresh_slowly()
        if state in ("empty", "stopped", "viewing"):
            self.status.show_address("", IDLE_WORDS[state])
        self.timeline.set_live(state in ("starting", "running", "stopping"))
        if state == "stopped":
            self.metrics.frame(self._control.store.last or now_ns())  # no frame follows, and now all is known
        self._body.show_lanes(place is self._lanes)

    def _show_name(self, name: str) -> None:
        self.setWindowTitle(f"{name} – {TITLE}")

    def _scenario_changed(self) -> None:
        self._empty.show_own(self._control.scenario.own)

    def _begin_run(self) -> None:
        self.messages.clear()
        control = self._control
        self.timeline.set_store(
            control.store, live=control.state != "viewing", events=control.events, locks=control.locks
        )
        self.find_bar.finder.renew()
        self._observer.begin()

    def _frame(self) -> None:
        # In a recording, or once all has stopped, the last record is the present.
        live = self._control.state in ("starting", "running", "stopping")
        now = now_ns() if live else (self._control.store.last or now_ns())
        if self._control.state == "starting" and self._control.store.count:
            self._places.setCurrentWidget(self._lanes)
            self._body.show_lanes(True)
        if not self._opening.draws():
            return
        self.timeline.scene.growing = self._control.reading
        self.timeline.frame(now)
        self.minimap.frame()
        self.metrics.frame(now)
        self.events.frame(now)

    def _refresh_slowly(self) -> None:
        self.inspector.refresh()
        self.range_page.refresh()
        self.findings.refresh()
        self.events.refresh()
        self._observer.refresh()
        self._chart.refresh()
        self.predicting.refresh()

    def _select(self, span: Span | OpenSpan | None) -> None:
        request = self.timeline.scene.selection.request
        if span is None and request:
            self.inspector.show_request(request)
        else:
            self.inspector.show_span(span)
        self._chart.mark(request)
        # Who goes through the list of events keeps it, also where the inspector would take its place.
        if (span is not None or request) and not self.events.going and not self._body.is_shown("inspector"):
            self._body.toggle("inspector")

    def _show_moment(self) -> None:
        clock = self.timeline.replay.clock
        for charts in (self.metrics, self._chart):
            charts.show_moment(None if clock is None else clock.moment)

    def _show_parts(self) -> None:
        self.events_button.setChecked(self._body.is_shown("events"))
        wanted = size_class(self.width() / self._theme.scale)
        for part in (self.minimap, self.range_page):
            part.set_compact(wanted != "wide")
        self.minimap.setVisible(wanted != "narrow")

    def _show_dot(self, request: int) -> None:
        self._view.setCurrentWidget(self.timeline)
        self.requests.show(request)

    def _serving(self, url: str, pids: tuple[int, ...], epoch: int) -> None:
        self.status.show_address(url)
        self.events.show_all()  # what the server before was asked may be nothing that this one is asked

    def _open_chart(self, name: str) -> None:
        self._view.setCurrentWidget(self._chart)
        self._chart.open(name)

    def _question(self, number: int) -> None:
        self._show_setup()
        self.setup.open_question(number)

    def _predict(self) -> None:
        self._show_setup()
        self.predicting.panel.open()

    def _show_setup(self) -> None:
        if not self._body.is_shown("setup"):
            self._body.toggle("setup")

    def _switch_theme(self) -> None:
        self._theme.toggle()
        self._state.theme = self._theme.name
        self._state.save()  # the demonstration window follows

    def _present(self) -> None:
        presenting = not self._theme.presenting
        self._theme.set_presentation(presenting)
        self.status.setVisible(not presenting)
        self._body.present(presenting)
        self._body.arrange(self.width(), anew=True)
        if presenting:
            self.showFullScreen()
        else:
            self.showNormal()

    def _next_panel(self) -> None:
        go_on((self.top, self.setup, self.timeline, self.inspector, self.events), self.timeline)

    # -- files -----------------------------------------------------------------------------------------------------

    def open_app(self) -> None:
        """Ask for an app of the user's own."""
        OpenAppDialog(self._theme, self._control, self).open()

    def show_recent(self, runs: list[tuple[str, Path]]) -> None:
        """Offer runs that are still on disk."""
        self.home.show_recent(runs)
        self.offers.recent_runs = runs

    def open(self, path: Path) -> None:
        """Show a recording, a kept run or a duel, or take a scenario."""
        self.home.make_way()
        if self.kept.has(path):
            self.kept.open(path)
        elif not self.compare.open(path):
            self._control.open(path)

    # -- Qt --------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Leave Space to a focused button, and letters to a focused text field.

        Whoever has the keyboard is asked first whether a key is a shortcut or its own, then whoever holds it, up to
        here. No filter on the whole application: that would be asked of every event, also of windows in the making.
        """
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            focus = QApplication.focusWidget()
            plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
            on_button = event.key() == Qt.Key.Key_Space and isinstance(focus, QAbstractButton)
            if plain and (typing(focus) or on_button):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc, where nothing else wants it, takes one thing back: setup over the lanes, chart, selection, legend."""
        if event.key() != Qt.Key.Key_Escape:
            if not (self.timeline.isVisible() and self.timeline.keys.press_letter(event)):
                super().keyPressEvent(event)
        elif self._body.close_over():
            self._places.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._view.currentWidget() is self._chart:
            self._view.setCurrentWidget(self.timeline)
        elif not self.timeline.clear() and self.find_bar.finder.text:
            self.find_bar.close_search()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the size class."""
        super().resizeEvent(event)
        self._body.arrange(self.width())

    def showEvent(self, event: QShowEvent) -> None:
        """Give the keyboard to no button, so that Space runs."""
        super().showEvent(event)
        self._places.setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the session first; the composition root then closes for good."""
        self._state.size = (self.width(), self.height())
        self._state.save()
        self._kept_lanes.save()
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.closing.emit()

    def close_for_good(self) -> None:
        """Close now: nothing is running any more."""
        self.export.close()
        self._may_close = True
        self.range_page.stop()
        self.close()
