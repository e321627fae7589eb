"""The list of findings: a card for each; a click shows its spans, Dismiss takes it away, Try gives a setup."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.analysis.event_log import EventLog
from explorer.analysis.finding import Change, Found, Told
from explorer.analysis.place import Place
from explorer.analysis.run_findings import all_findings
from explorer.catalog import Catalog
from explorer.desktop.control import Control
from explorer.desktop.panels.findings.page import FindingsPage
from explorer.desktop.panels.findings.words import evidence
from explorer.desktop.panels.inspector import Inspector
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.records.event_kinds import EventKind
from explorer.scenario import Scenario, default
from explorer.store.store import Store
from tests.desktop.timeline.test_marks import BASE, EVENTS, LOOP, MS
from tests.desktop.timeline.test_marks import run as run  # a fixture

KNOWN = {finding.id: finding for finding in all_findings()}


class FakeControl(QObject):
    """A run that stands still, in which this was found."""

    run_began = Signal()

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.state = "running"
        self.elsewhere = False
        self.session = None
        self.catalog = Catalog()
        self.scenario = default(self.catalog)
        self.told: list[Told] = []
        findings = SimpleNamespace(told=lambda scenario, window: self.told)
        self.statistics = SimpleNamespace(findings=findings, window=lambda scenario: None)


class FakeInspector(QWidget):
    """A place in which a page may stand."""

    def __init__(self) -> None:
        super().__init__()
        self.shown_instead: QWidget | None = None

    def show_instead(self, page: QWidget | None) -> None:
        if self.shown_instead is not None:
            self.shown_instead.hide()
        self.shown_instead = page
        if page is not None:
            page.show()


class Stage:
    """The page beside a timeline that shows the whole run."""

    def __init__(self, theme: Theme, qtbot: QtBot, store: Store, log: EventLog) -> None:
        self.control, self.inspector = FakeControl(store), FakeInspector()
        self.timeline = TimelineView(theme)
        self.timeline.resize(1196, 400)
        self.timeline.set_store(store, live=False, events=log)
        self.page = FindingsPage(theme, cast(Control, self.control), self.timeline, cast(Inspector, self.inspector))
        self.inspector.resize(356, 500)
        self.page.resize(356, 500)
        for widget in (self.timeline, self.inspector):
            qtbot.addWidget(widget)
            with qtbot.waitExposed(widget):
                widget.show()
        self.timeline.frame(store.now)
        self.tried: list[Scenario] = []
        self.loads: list[Scenario] = []
        self.refused: list[str] = []
        self.page.tried.connect(self.tried.append)
        self.page.load_tried.connect(self.loads.append)
        self.page.refused.connect(self.refused.append)

    def find(self, *told: Told) -> None:
        self.control.told = list(told)
        self.page.refresh()

    def close(self) -> None:
        self.inspector.close()
        self.timeline.close()


@pytest.fixture
def stage(theme: Theme, qtbot: QtBot, run: tuple[Store, EventLog]) -> Iterator[Stage]:
    """Two callbacks of a loop, both in view."""
    made = Stage(theme, qtbot, *run)
    yield made
    made.close()


def place(kind: EventKind) -> Place:
    """The span of one of the loop's events."""
    start = BASE + EVENTS[kind][0] * MS
    return Place(LOOP, start, start + MS // 5, "run_asgi")


def blocked(change: Change | None = None) -> Told:
    """A finding with two spans."""
    places = (place(EventKind.HTTP), place(EventKind.TIMER))
    found = Found("The loop stood for 200 ms.", {"longest_ms": 200.8, "blocked_share": 0.97}, places, change, "Await.")
    return Told(KNOWN["loop_blocked"], found)


def test_without_a_finding_it_says_what_is_looked_for(stage: Stage) -> None:
    stage.page.toggle()
    assert stage.inspector.shown_instead is stage.page
    assert stage.page.empty_words.startswith("Nothing found. It is looked for circles of those who wait")
    assert stage.page.button.text() == "Findings"
    stage.control.state = "empty"
    stage.page.refresh()
    assert stage.page.empty_words.startswith("Run something")


def test_a_finding_shows_on_the_button_and_as_a_card_with_its_evidence(stage: Stage) -> None:
    stage.find(blocked())
    assert stage.page.button.text() == "Findings 1"
    assert stage.page.empty_words == ""
    (card,) = stage.page.cards
    assert card.accessibleName() == "Event loop blocked. The loop stood for 200 ms."
    assert evidence(card.told.found.figures) == "longest 200.8 ms · blocked 97 %"


def test_show_goes_from_one_span_to_the_next(stage: Stage) -> None:
    stage.page.toggle()
    stage.find(blocked())
    (card,) = stage.page.cards
    for kind in (EventKind.HTTP, EventKind.TIMER, EventKind.HTTP):
        card.show_button.click()
        span, view = stage.timeline.scene.selection.span, stage.timeline.scene.view
        wanted = place(kind)
        assert span is not None
        assert (span.track, span.start) == (LOOP, wanted.start), "highlighted"
        assert view.begin < wanted.start < wanted.end < view.end, "zoomed to"
        assert view.end - view.begin < 20 * MS
        assert not stage.timeline.following


def test_a_click_on_the_card_and_enter_do_the_same(stage: Stage) -> None:
    stage.page.toggle()
    stage.find(blocked())
    (card,) = stage.page.cards
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert stage.timeline.scene.selection.span is not None
    stage.timeline.select(None)
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Return)
    span = stage.timeline.scene.selection.span
    assert span is not None
    assert span.start == place(EventKind.TIMER).start


def test_dismissed_is_for_this_run(stage: Stage) -> None:
    stage.find(blocked(), Told(KNOWN["noisy_machine"], Found("Noise.", {})))
    assert stage.page.button.text() == "Findings 2"
    stage.page.cards[0].dismiss_button.click()
    stage.page.refresh()
    assert [card.told.finding.id for card in stage.page.cards] == ["noisy_machine"]
    assert stage.page.button.text() == "Findings 1"
    stage.control.run_began.emit()
    stage.page.refresh()
    assert len(stage.page.cards) == 2


def test_try_gives_the_changed_setup(stage: Stage) -> None:
    stage.find(blocked(Change("40 tokens", {"dispatch.tokens": 44})))
    (card,) = stage.page.cards
    assert card.try_button.text() == "Try: 40 tokens"
    card.try_button.click()
    (scenario,) = stage.tried
    assert scenario.to_dict()["dispatch"]["tokens"] == 44
    stage.find(blocked(Change("Half the users", {"load.users": 5})))
    stage.page.cards[0].try_button.click()
    (scenario,) = stage.loads
    assert scenario.load.users == 5
    stage.find(blocked(Change("Nonsense", {"dispatch.id": "nowhere"})))
    stage.page.cards[0].try_button.click()
    assert len(stage.refused) == 1
    assert "nowhere" in stage.refused[0]


def test_arrows_go_from_card_to_card_and_escape_closes(stage: Stage, qtbot: QtBot) -> None:
    stage.page.toggle()
    stage.find(blocked(), Told(KNOWN["noisy_machine"], Found("Noise.", {})))
    first, second = stage.page.cards
    qtbot.waitUntil(second.isVisible)
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert stage.page.focusWidget() is second
    QTest.keyClick(second, Qt.Key.Key_Escape)
    assert stage.inspector.shown_instead is None
