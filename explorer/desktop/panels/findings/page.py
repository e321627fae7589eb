"""The list of findings, in the inspector's place: what to know of the run, each with its evidence and what to try.

It is asked for once a second while a run goes on, seen or not, since the button beside the lanes says how many there
are. Dismissed is for this run: the next one is looked at afresh.
"""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.analysis.finding import Told
from explorer.analysis.place import Place
from explorer.analysis.run_findings import all_findings
from explorer.desktop.control import Control
from explorer.desktop.panels.findings.card import FindingCard
from explorer.desktop.panels.findings.words import DISMISSED, LOOKED_FOR, NO_RUN, NOTHING, badge, looked_for
from explorer.desktop.panels.inspector import Inspector
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.view import TimelineView
from explorer.desktop.widgets.button import Button, ButtonKind, toggle_button
from explorer.desktop.widgets.label import ElidedLabel, Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.option_error import OptionError
from explorer.scenario import Scenario

AROUND: Final = 0.6
"""Of a span's length, what is shown before and behind it."""
LEAST_NS: Final = 2_000_000


class FindingsPage(QWidget):
    """Shows the findings of the run; `tried` gives a `Scenario` to compare with the present one.

    `load_tried` is the same where the load itself is to be another: a comparison has one load for all.
    """

    tried = Signal(object)
    load_tried = Signal(object)
    refused = Signal(str)
    appeared = Signal()

    def __init__(self, theme: Theme, control: Control, timeline: TimelineView, inspector: Inspector) -> None:
        super().__init__(inspector)
        self.hide()
        self._theme, self._control, self._timeline, self._inspector = theme, control, timeline, inspector
        self._dismissed: set[str] = set()
        self._cards: dict[str, FindingCard] = {}
        self.button = toggle_button(theme, badge(()), icon="flag", shortcut="G")
        self.button.set_name("Findings: what to know of this run")
        self.button.clicked.connect(self.toggle)
        self._title = ElidedLabel(theme, "Findings", 14, 600)
        self._close = Button(theme, icon="x", kind=ButtonKind.GHOST, height=26, name="Close the findings (G)")
        self._close.clicked.connect(self.toggle)
        self._empty = Label(theme, "", 13, color="text2", wrap=True)
        self._gone = Label(theme, "", 12, color="text2", wrap=True)
        self._again = Button(theme, "Show them again", kind=ButtonKind.GHOST, height=26)
        self._again.clicked.connect(self._show_again)
        self._lay_out()
        control.run_began.connect(self._begin)
        self._fill([])

    @property
    def cards(self) -> list[FindingCard]:
        """The cards that are shown, from the top."""
        return list(self._cards.values())

    @property
    def empty_words(self) -> str:
        """What is said where there is no card."""
        return self._empty.text() if not self._empty.isHidden() else ""

    @property
    def open(self) -> bool:
        """Whether it is in the inspector's place."""
        return self._inspector.shown_instead is self

    def toggle(self) -> None:
        """Come into the inspector's place, or go."""
        opening = not self.open
        self._inspector.show_instead(self if opening else None)
        self.appeared.emit()
        self.refresh()
        if opening and self.cards:
            self.cards[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh(self) -> None:
        """Look anew; to be called about once a second, and when a run is over."""
        self.button.setChecked(self.open)
        control = self._control
        if control.state == "empty" or control.elsewhere:
            self._fill([])
            return
        scenario = control.scenario
        if control.session is not None and control.session.scenario is not None:
            scenario = control.session.scenario
        plain, statistics = scenario.to_dict(masked=True), control.statistics
        self._fill(statistics.findings.told(plain, statistics.window(plain)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.toggle()
        else:
            super().keyPressEvent(event)

    def _step(self, name: str, step: int) -> None:
        at = list(self._cards).index(name) + step
        if 0 <= at < len(self.cards):
            self.cards[at].setFocus(Qt.FocusReason.TabFocusReason)
            self._area.ensureWidgetVisible(self.cards[at])

    # -- what happens ----------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._dismissed.clear()
        self._fill([])

    def _fill(self, told: list[Told]) -> None:
        shown = {one.finding.id: one for one in told if one.finding.id not in self._dismissed}
        for name in [name for name in self._cards if name not in shown]:
            card = self._cards.pop(name)
            self._list.removeWidget(card)
            card.deleteLater()
        for place, (name, one) in enumerate(shown.items()):
            if name in self._cards:
                self._cards[name].set_told(one)
            else:
                self._add(place, name, one)
        self._cards = {name: self._cards[name] for name in shown}
        self.button.set_text(badge(list(shown.values())))
        words = looked_for(all_findings())
        nothing = NO_RUN.format(words) if self._control.state == "empty" else f"{NOTHING} {LOOKED_FOR.format(words)}"
        self._empty.setText(nothing)
        self._empty.setVisible(not shown)
        gone = len(told) - len(shown)
        self._gone.setText(DISMISSED.format(gone))
        for widget in (self._gone, self._again):
            widget.setVisible(gone > 0)

    def _add(self, place: int, name: str, told: Told) -> None:
        card = self._cards[name] = FindingCard(self._theme, told)
        card.shown.connect(self._show)
        card.tried.connect(self._try)
        card.dismissed.connect(self._dismiss)
        card.stepped.connect(lambda step: self._step(name, step))
        self._list.insertWidget(place, card)

    def _dismiss(self, name: str) -> None:
        self._dismissed.add(name)
        self.refresh()
        if self.cards:
            self.cards[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_again(self) -> None:
        self._dismissed.clear()
        self.refresh()

    def _show(self, name: str) -> None:
        card = self._cards[name]
        if card.told.found.places:
            self._go_to(card.told.found.places[card.next_place()])

    def _go_to(self, place: Place) -> None:
        """Select the span on its lane, or the request that it is a part of, and fill the view with it."""
        timeline, store = self._timeline, self._control.store
        span = store.find(place.track, 0, max(place.start, (place.start + place.end) // 2))
        timeline.set_following(False)
        if span is not None and span.end > place.start and place.end - place.start < 2 * (span.end - span.start):
            timeline.show_span(span)
        elif place.request:
            timeline.select_request(place.request)
        else:
            timeline.select(None)
        around = max(LEAST_NS, round(AROUND * (place.end - place.start)))
        timeline.show_time(place.start - around, place.end + around)

    def _try(self, name: str) -> None:
        change = self._cards[name].told.found.change
        if change is None:
            return
        scenario: Scenario = self._control.scenario
        try:
            for knob, value in change.knobs.items():
                section, _, key = knob.partition(".")
                scenario = scenario.changed(self._control.catalog, section, key, value)
        except OptionError as error:
            self.refused.emit(str(error))
            return
        only_load = all(knob.startswith("load.") for knob in change.knobs)
        (self.load_tried if only_load else self.tried).emit(scenario)

    def _lay_out(self) -> None:
        inner = QWidget()
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(16, 4, 16, 12)
        self._list.setSpacing(8)
        for widget in (self._empty, self._gone):
            self._list.addWidget(widget)
        self._list.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeft)
        self._list.addStretch(1)
        self._area = ScrollArea(inner)
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 8, 0)
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        whole.addLayout(head)
        whole.addWidget(self._area, 1)
        self.setAccessibleName("Findings")
