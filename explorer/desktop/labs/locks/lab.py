"""The locks lab in the window: what its page shows of the run, frame by frame, and what its buttons do."""

from pathlib import PurePosixPath
from typing import Final

from PySide6.QtCore import QObject

from explorer.analysis.locks.watch import Deadlock
from explorer.desktop.control import Control
from explorer.desktop.labs.locks.comparison import Compared
from explorer.desktop.labs.locks.graph_model import GraphModel
from explorer.desktop.labs.locks.graph_picture import GraphPicture
from explorer.desktop.labs.locks.moment import longest_wait, moment
from explorer.desktop.labs.locks.numbers import Number
from explorer.desktop.labs.locks.page import LocksPage
from explorer.desktop.labs.locks.run import GOING, LabRun
from explorer.desktop.labs.locks.source import functions_at, shown_lines
from explorer.desktop.labs.locks.values import first_lost
from explorer.desktop.labs.locks.verdict_card import Tone
from explorer.desktop.labs.locks.words import NOT_SHOWN, UNKNOWN, WORDS, told
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.status import Words as StatusWords
from explorer.desktop.widgets.status import figure
from explorer.desktop.words import moment as when
from explorer.records.clock import now_ns

GRAPH_NS: Final = 250_000_000
"""How often the graph is drawn anew while nothing has come to a standstill."""
MANY: Final = 3
NUMBERS: Final = {3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight", 9: "Nine", 10: "Ten"}


class LocksLab(QObject):
    """Makes the `page` around a `run`, and keeps it up with that while it is seen."""

    def __init__(self, theme: Theme, control: Control, run: LabRun) -> None:
        self.page = LocksPage(theme, control, run)
        super().__init__(self.page)
        self._theme = theme
        self._control = control
        self.run = run
        self.page.lab = self
        self._graph = GraphModel()
        self._drawn = 0
        self._peak: int | None = None
        self._badges: dict[int, list[str]] = {}
        self.page.entered.connect(self._enter)
        run.chosen.connect(self._show_choice)
        run.began.connect(self._begin)
        run.judged.connect(self._show_verdict)
        run.deadlock_found.connect(self._show_deadlock)
        run.deadlock_ended.connect(self._end_deadlock)
        run.ended.connect(self._end)
        control.state_changed.connect(self._show_state)
        control.bridge.framed.connect(self._frame)
        control.bridge.serving.connect(lambda url, pids, epoch: self._show_address(url, pids))
        self._show_choice()
        self._begin()

    def _enter(self) -> None:
        self._show_choice()
        self._begin()
        self.run.look()
        if self._lasting() is not None:
            self._show_deadlock()
        elif self.run.shows and self._control.state not in GOING:
            self._end()

    @property
    def shown(self) -> bool:
        """Whether the page is seen."""
        return self.page.isVisible()

    # -- what is chosen --------------------------------------------------------------------------------------------

    def _show_choice(self) -> None:
        run, page = self.run, self.page
        scenario = run.scenario
        words = WORDS[scenario.id]
        page.list.show_current(scenario.id)
        picture = self._control.catalog.get("workload", scenario.id).picture
        page.invitation.show_claim(scenario.claim(run.served), scenario.note, cured=run.cured, picture=picture)
        page.lanes.tasks = run.served.dispatch.id == "coroutine"
        page.lanes.counters, page.lanes.most = words.counters, words.threads
        page.lanes.length_ns = round(words.seconds * 1e9)
        page.numbers.setVisible(words.numbers is not None)
        page.value.counter = words.value
        page.value.setVisible(bool(words.value) and not run.cured)  # with the cure each value follows the other
        self._show_note()
        page.side.cure.setVisible(not run.cured)
        self._show_code()
        self._show_verdict()
        self._show_state(self._control.state)
        page.arrange()

    def _show_note(self) -> None:
        """What else is to be said: what the close-up shows, and the scenario's own note."""
        story = self.page.value.story() if self.run.shows else ""
        note = "\n\n".join(words for words in (story, self.run.scenario.note) if words)
        self.page.side.note.setText(note)
        self.page.side.note.setVisible(bool(note))

    def _show_code(self) -> None:
        run = self.run
        file, words = run.scenario.source, WORDS[run.scenario.id]
        cure = str(getattr(run.served.workload.knobs, "cure", "cured"))
        written = words.functions["written"]
        names = list(words.functions.get(cure, words.functions.get("cured", written)) if run.cured else written)
        names += [name for name in functions_at(file, self._badges) if name not in names]
        functions = shown_lines(file, names, written if run.cured else ())
        marked = sum(line.differs for lines in functions for line in lines)
        cured = "the cure is one line" if marked == 1 else "what the cure changes is green"
        aside = "what the requests run" if not run.cured or not marked else cured
        self.page.code.show_code(f"{file.parent.name}/{file.name}", functions, aside)

    # -- a run -----------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Another run is on the screen, or none of this lab's."""
        page = self.page
        self._graph, self._peak = GraphModel(), None
        self._badges = {}
        page.lanes.show_run()
        page.show_name(self._control.source_name if self.run.watched is not None else "")
        page.side.graph.show_picture(GraphPicture())
        page.side.show_stuck((), "")
        page.code.show_waiting({}, stuck=False)
        page.deadlocks.setVisible(False)
        page.messages.clear()
        self._show_verdict()
        self._show_state(self._control.state)

    def _show_state(self, state: str) -> None:
        run, page = self.run, self.page
        mine = run.shows
        place = "empty"
        if mine and state == "starting" and not self._control.store.count:
            place = "starting"
        elif mine and (self._control.store.count or state == "running"):
            place = "run"
        page.show_place(place)
        page.lanes.view.set_live(state in GOING)
        going = mine and state in GOING
        page.head.show_going(going, state != "stopping")
        page.show_save(mine and bool(self._control.session or self._control.source_path))
        words = self._control.source_name if state == "viewing" and mine else "The run has ended." if mine else ""
        if not going:
            page.address.set_words([StatusWords(words or "Nothing runs yet.")])
        page.checked.set_words([StatusWords("wait-for graph checked with every batch of records, 50 a second")])

    def _show_address(self, url: str, pids: tuple[int, ...]) -> None:
        numbers = ", ".join(map(str, pids))
        self.page.address.set_words(
            [StatusWords(url, "accent", mono=True), StatusWords("server"), figure(numbers, mono=True)]
        )

    def _frame(self) -> None:
        page, control = self.page, self._control
        if not self.shown or not self.run.shows:
            return
        if page.place != "run" and control.store.count:
            self._show_state(control.state)
        page.lanes.frame()
        page.value.update()
        now = now_ns() if control.state in GOING else (control.store.last or 0)
        stuck = self._lasting()
        if now - self._drawn >= GRAPH_NS or now < self._drawn or stuck is not None:
            self._drawn = now
            self._draw(now, stuck)
            self._show_records()

    def _lasting(self) -> Deadlock | None:
        deadlock = self.run.deadlock
        return deadlock if deadlock is not None and deadlock.ended is None else None

    def _draw(self, now: int, stuck: Deadlock | None) -> None:
        """The graph, the titles of the lanes, who waits at which line."""
        watched, page, going = self.run.watched, self.page, self._control.state in GOING
        if watched is None:
            return
        circle = stuck if going else self.run.deadlock
        past = None if going else circle.cycle.closed + 1 if circle is not None else self._peak
        shown = watched.ask(lambda evidence: moment(evidence, self._graph, now, past, circle))
        page.lanes.titles |= shown.titles
        page.side.show_graph(self._has_graph(), self._when(going, circle, past))
        page.side.graph.show_picture(shown.picture)
        page.side.show_stuck(shown.stuck, shown.closer if going else "")
        page.side.comparison.setVisible(stuck is None)
        page.side.note.setVisible(stuck is None and bool(page.side.note.text()))
        self._badges = shown.badges
        if any(line not in page.code.lines.numbers for line in self._badges):
            self._show_code()
        page.code.show_waiting(self._badges, stuck=circle is not None)
        if stuck is not None:
            self._show_verdict()

    def _when(self, going: bool, circle: Deadlock | None, past: int | None) -> str:
        if going:
            return "now"
        if circle is not None:
            return "when the circle closed"
        if past is None:
            return "at the end"
        return f"at the longest wait, {when(past - self.page.lanes.view.scene.origin, 3)}"

    def _has_graph(self) -> bool:
        words = WORDS[self.run.scenario.id]
        return words.numbers is None or self.run.cured

    def _show_records(self) -> None:
        tally = self._control.store.tally
        lost = StatusWords(f"{tally.lost:,} lost", "danger" if tally.lost else "text2")
        self.page.records.set_words([figure(f"{tally.read:,}"), StatusWords("records"), lost])

    # -- what it showed --------------------------------------------------------------------------------------------

    def _show_deadlock(self) -> None:
        deadlock = self.run.deadlock
        if deadlock is None or not self.shown:
            return
        self.page.lanes.show_deadlock(deadlock, look=True)
        self._count_deadlocks()
        self._frame()

    def _end_deadlock(self) -> None:
        self._count_deadlocks()
        if self._control.state == "running":
            self.page.lanes.show_deadlock(self.run.deadlock, look=False)
            self.page.lanes.go_on()
        self._show_verdict()

    def _count_deadlocks(self) -> None:
        watched = self.run.watched
        count = len(watched.deadlocks) if watched is not None else 0
        self.page.deadlocks.setVisible(count > 0)
        words = f"{count} deadlock{'s' if count != 1 else ''}"
        self.page.deadlocks.set_words([StatusWords(words)], alarm=True)

    def _end(self) -> None:
        """All is known: go to what is worth looking at."""
        page, store = self.page, self._control.store
        if not self.shown:
            return
        deadlock = self.run.deadlock
        series = page.value.series(store)
        lost = first_lost(series) if series is not None else None
        view = page.lanes.view
        view.set_live(False)
        if deadlock is not None:
            self._count_deadlocks()
            page.lanes.show_deadlock(deadlock, look=True)
        elif lost is not None:
            view.show_time(*lost)
        elif page.lanes.extent is not None and self.run.over:
            view.look(view.scene.view.showing(*page.lanes.extent, 0.06))
        if self.run.watched is not None:
            self._graph, self._peak = GraphModel(), self.run.watched.ask(longest_wait)
        self._drawn = 0
        self._frame()
        self._show_verdict()
        self._show_note()

    def _show_verdict(self) -> None:
        run, page = self.run, self.page
        self._show_figures()
        stuck = self._lasting()
        words, claim = WORDS[run.scenario.id], run.scenario.claim(run.served)
        judgement = run.judgement
        if stuck is not None:
            since = max(0, now_ns() - stuck.cycle.closed) if self._control.state in GOING else 0
            aside = f"for {_seconds(since)}" if since else ""
            page.side.card.show_verdict(Tone.BAD, "Deadlock", _sentence(stuck), aside)
        elif judgement is None or not run.shows:
            page.side.card.show_verdict(Tone.QUIET, "What there is to see", claim)
        elif judgement.holds or (
            run.deadlock is not None and not run.cured
        ):  # a circle is one, though nobody opened it
            tone, title = (Tone.GOOD, words.cured) if run.cured else (Tone.BAD, words.written)
            page.side.card.show_verdict(tone, title, judgement.sentence)
        else:
            title = "So far" if self._control.state in GOING else NOT_SHOWN
            page.side.card.show_verdict(Tone.QUIET, title, judgement.sentence)
        page.side.show_graph(self._has_graph() and run.shows, page.side.graph_when)

    def _show_figures(self) -> None:
        run, page = self.run, self.page
        words = WORDS[run.scenario.id]
        both = [run.results.get((run.scenario.id, cured)) for cured in (False, True)]
        rows = []
        for name, title in words.rows.items():
            cells = [told(name, one.figures[name]) if one is not None and name in one.figures else "" for one in both]
            if any(cell not in ("", UNKNOWN) for cell in cells):
                rows.append(Compared(title, *cells))
        page.side.comparison.show_rows(rows, cured=run.cured)
        if words.numbers is None:
            return
        figures = run.judgement.figures if run.judgement is not None and run.shows else {}
        names = list(words.numbers)
        bad = float(figures.get(names[-1]) or 0)  # type: ignore[arg-type]  # numbers are numbers
        numbers = [
            Number(title, told(name, figures[name]) if name in figures else "–", bad=name == names[-1] and bad > 0)
            for name, title in words.numbers.items()
        ]
        whole = float(figures.get(words.whole) or 0)  # type: ignore[arg-type]
        page.numbers.show_numbers(numbers, max(0.0, 1 - bad / whole) if whole else None, words.parts)


def _sentence(deadlock: Deadlock) -> str:
    """The circle in one sentence; one of many is told once for all, if all stand at the same line."""
    cycle = deadlock.cycle
    if len(cycle.waits) < MANY or len(set(cycle.places)) > 1:
        return cycle.sentence
    pairs = zip(cycle.names[::2], cycle.names[1::2], strict=True)
    told = ", ".join(f"{owner} for {lock}" for owner, lock in pairs)
    file, _, line = cycle.places[0].rpartition(":")
    number = NUMBERS.get(len(cycle.waits), f"{len(cycle.waits)}")
    where = f"{PurePosixPath(file).name}, line {line}"
    return f"{number} wait in a circle ({where}), each for what the next one holds: {told}. Nobody can go on."


def _seconds(ns: int) -> str:
    return f"{ns / 1e9:.1f} s" if ns >= 1_000_000_000 else f"{ns // 1_000_000} ms"
