"""What the command palette offers: commands, choices of the setup, runs and scenarios, lanes, requests."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from explorer.desktop.actions import Actions
from explorer.desktop.control import Control
from explorer.desktop.panels.find_bar import FindBar
from explorer.desktop.panels.palette import Offer
from explorer.desktop.timeline.lane_choices import grouped
from explorer.desktop.timeline.view import TimelineView

SECTIONS: Final = {
    "model": "Who serves the connections",
    "dispatch": "Where a handler's work runs",
    "workload": "What a handler does",
}
NOTHING_TO_SAVE: Final = "Nothing to save yet: run something or open a recording first."
NO_LANES: Final = "There are no lanes yet: run something first."
OF_LANES: Final = (
    "replay", "note", "range_begin", "range_end", "view_back", "view_forward",
    "zoom_in", "zoom_out", "pan_left", "pan_right", "fit", "home", "end", "lanes", "find", "find_next", "find_previous",
)  # fmt: skip
_REQUEST: Final = re.compile(r"#?\s*(\d[\d,]*)")


class Offers:
    """The sources of a palette. `reasons` say by command why it cannot be carried out now ("" = it can)."""

    def __init__(
        self,
        actions: Actions,
        control: Control,
        view: TimelineView,
        find_bar: FindBar,
        open_file: Callable[[Path], object],
        reasons: Mapping[str, Callable[[], str]] | None = None,
    ) -> None:
        self._actions = actions
        self._control = control
        self._view = view
        self._find_bar = find_bar
        self._open = open_file
        self._reasons = {**self._usual_reasons(), **(reasons or {})}
        self.scenarios: list[tuple[str, Path]] = []
        self.recent_runs: list[tuple[str, Path]] = []
        self.lessons: Callable[[], Iterable[tuple[str, str, Callable[[], object]]]] = tuple
        """Title, sentence and what opens it, of each lesson."""

    def all(self, typed: str) -> list[Offer]:
        """Everything there is, for what is typed."""
        found = [*self._numbers(typed), *self._commands(), *self._features()]
        found += [
            Offer(f"lesson {title}", title, act, sentence, "book-open", group="Lessons")
            for title, sentence, act in self.lessons()
        ]
        found += self._files("Recent runs", "history", self.recent_runs)
        found += self._files("Scenarios", "file-text", self.scenarios)
        return [*found, *self._lanes(), *self._find(typed)]

    def _commands(self) -> Iterable[Offer]:
        for command in self._actions.commands.values():
            if command.id == "palette":
                continue
            reason = self._reasons.get(command.id, lambda: "")()
            keys = command.keys[0] if command.keys else ""
            act = partial(self._actions.trigger, command.id)
            yield Offer(command.id, command.title, act, command.sentence, command.icon, keys, reason)

    def _features(self) -> Iterable[Offer]:
        control = self._control
        for section, question in SECTIONS.items():
            chosen = getattr(control.scenario, section).id
            for feature in control.catalog.all(section):
                act = partial(control.change, section, "id", feature.id)
                reason = "It is chosen already." if feature.id == chosen else feature.unavailable()
                yield Offer(
                    f"{section} {feature.id}",
                    feature.title,
                    act,
                    feature.summary,
                    "check" if feature.id == chosen else "sliders-horizontal",
                    reason=reason,
                    group=question,
                )

    def _files(self, group: str, icon: str, files: Iterable[tuple[str, Path]]) -> Iterable[Offer]:
        for title, path in files:
            yield Offer(f"file {path}", title, partial(self._open, path), "", icon, group=group)

    def _lanes(self) -> Iterable[Offer]:
        for group in grouped(self._view.scene.rows):
            head = group.head
            act = partial(self._view.go_to_row, head.key)
            yield Offer(f"lane {group.name}", f"Go to {group.name}", act, head.note, head.icon, group="Lanes")
            for lane in group.lanes:
                if lane.title:
                    act = partial(self._view.go_to_row, lane.rows[0].key)
                    yield Offer(f"lane {lane.name}", f"Go to {lane.title}", act, f"in {group.name}", group="Lanes")

    def _numbers(self, typed: str) -> Iterable[Offer]:
        found = _REQUEST.fullmatch(typed.strip())
        if found and self._view.scene.store is not None:
            text = f"#{found[1].replace(',', '')}"
            act = partial(self._find_bar.go_to, text)
            yield Offer("request", f"Go to request {text}", act, icon="crosshair", group="Requests", pinned=True)

    def _find(self, typed: str) -> Iterable[Offer]:
        if typed.strip() and self._view.scene.store is not None:
            act = partial(self._find_bar.go_to, typed.strip())
            title = f"Find '{typed.strip()}' in the run"
            yield Offer("find text", title, act, icon="search", group="Find", pinned=True)

    def _usual_reasons(self) -> dict[str, Callable[[], str]]:
        control, scene = self._control, self._view.scene

        def between() -> str:
            busy = control.state in ("starting", "stopping")
            return f"The server is {control.state}: wait a moment." if busy else ""

        reasons: dict[str, Callable[[], str]] = {
            "save": lambda: "" if control.session is not None or control.source_path is not None else NOTHING_TO_SAVE,
            "follow": lambda: "" if scene.follow.live else "Nothing runs, so there is nothing to follow.",
            "zoom_selection": lambda: "" if scene.selection else "Nothing is selected: click a bar first.",
            "undo": lambda: "" if control.can_undo else "Nothing was changed that could be taken back.",
            "send_one": between,
            "send_ten": between,
            "run": lambda: "The server is stopping: wait a moment." if control.state == "stopping" else "",
        }
        for command in OF_LANES:
            reasons[command] = lambda: "" if scene.store is not None else NO_LANES
        for command in ("find_next", "find_previous"):
            reasons[command] = lambda: "" if self._find_bar.finder.text else "Nothing is searched for: Ctrl+F begins."
        return reasons
