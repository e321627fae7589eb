"""What was chosen of the lanes comes back with the next run of the scenario, in the next start of the program too."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from explorer.catalog import Catalog
from explorer.desktop.kept_lanes import KeptLanes
from explorer.desktop.theme import Theme
from explorer.desktop.timeline.lane_choices import words_for_nothing
from explorer.desktop.timeline.legend import Legend
from explorer.desktop.timeline.view import TimelineView
from explorer.records.states import State
from explorer.scenario import default
from tests.desktop.timeline.conftest import MakeView
from tests.desktop.timeline.sample import sample_store


class Control(QObject):
    """As much of a control as tells that a run begins."""

    run_began = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.catalog = Catalog()
        self.scenario = default(self.catalog)
        self.elsewhere = False

    def begin(self, view: TimelineView) -> None:
        store = sample_store(2.0)
        view.set_store(store, live=False)
        self.run_began.emit()
        view.frame(store.now)


def shown(view: TimelineView) -> list[str]:
    return [placed.row.title for placed in view.scene.layout.placed if placed.row.title]


def started(dark: Theme, make_view: MakeView, folder: Path) -> tuple[Control, TimelineView, Legend, KeptLanes]:
    view = make_view(dark, sample_store(2.0), live=False)
    legend, control = Legend(dark, view), Control()
    return control, view, legend, KeptLanes(control, view, legend, folder)  # type: ignore[arg-type]


def test_lanes_and_legend_are_as_they_were_left(dark: Theme, make_view: MakeView, tmp_path: Path) -> None:
    control, view, legend, kept = started(dark, make_view, tmp_path)
    control.begin(view)
    view.change_lanes(lambda choices: choices.toggle_hidden("server › Worker 1"))
    view.change_lanes(lambda choices: choices.toggle_pin("Requests › GET /job"))
    view.toggle(next(placed.row for placed in view.scene.layout.placed if placed.row.title == "load"))
    legend.entry(State.BLOCKED).click()
    kept.save()
    left = shown(view)

    control, view, legend, _ = started(dark, make_view, tmp_path)
    assert shown(view) != left
    control.begin(view)
    assert shown(view) == left
    assert left[:3] == ["Pinned", "GET /job", "server"]
    assert legend.chosen() == view.scene.only == {State.BLOCKED}
    control.begin(view)  # the next run of the same
    assert shown(view) == left
    assert legend.chosen() == {State.BLOCKED}


def test_another_scenario_has_choices_of_its_own(dark: Theme, make_view: MakeView, tmp_path: Path) -> None:
    control, view, legend, _ = started(dark, make_view, tmp_path)
    control.begin(view)
    usual, first = shown(view), control.scenario
    view.change_lanes(lambda choices: choices.toggle_hidden("server › Worker 1"))
    legend.entry(State.BLOCKED).click()
    other = next(one.id for one in control.catalog.all("workload") if one.id != first.workload.id)
    control.scenario = first.changed(control.catalog, "workload", "id", other)
    assert "Worker 1" not in shown(view)  # what runs is still the first
    control.begin(view)
    assert shown(view) == usual
    assert legend.chosen() == frozenset()
    control.scenario = first
    control.begin(view)
    assert "Worker 1" not in shown(view)
    assert legend.chosen() == {State.BLOCKED}


def test_a_trace_made_elsewhere_opens_with_all_its_lanes(dark: Theme, make_view: MakeView, tmp_path: Path) -> None:
    control, view, _, kept = started(dark, make_view, tmp_path)
    control.begin(view)
    everything = shown(view)
    view.change_lanes(lambda choices: setattr(choices, "words", "no such lane"))
    assert shown(view) == []
    kept.save()
    control.elsewhere = True
    control.begin(view)
    assert shown(view) == everything
    view.change_lanes(lambda choices: setattr(choices, "words", "Worker"))
    kept.save()
    control.elsewhere = False
    control.begin(view)
    assert shown(view) == [], "that of the scenario is as it was"


def test_where_nothing_is_left_it_says_what_brings_it_back(dark: Theme, make_view: MakeView) -> None:
    view = make_view(dark, sample_store(2.0), live=False)
    view.change_lanes(lambda choices: setattr(choices, "words", "no such lane"))
    empty = view.lanes.grab().toImage()
    assert words_for_nothing(view.scene.choices, view.scene.hidden).startswith("No lane is called 'no such lane'")
    ground = dark.color("text2").rgb()
    row = range(empty.width() // 4, 3 * empty.width() // 4)
    near = range(empty.height() // 2 - 10, empty.height() // 2 + 10)
    assert any(empty.pixel(x, y) == ground for x in row for y in near)
