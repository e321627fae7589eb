"""The file in which the choices about lanes are kept from one start of the program to the next, by scenario."""

import json
from pathlib import Path
from typing import Final

from explorer.desktop.timeline.lane_choices import LaneChoices
from explorer.scenario import Scenario

FILE: Final = "lanes.json"
MOST_SCENARIOS: Final = 50
"""Of more, those that were not changed for the longest time are forgotten."""


class LaneMemory:
    """Choices by scenario, the one changed last at the end. Without a folder it remembers nothing beyond its own life;
    a file that cannot be read counts as absent.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / FILE if folder is not None else None
        self._kept = self._read()

    def of(self, scenario: str) -> LaneChoices:
        """The choices made for a scenario: a copy, to be changed and given back."""
        return LaneChoices.from_dict(self._kept.get(scenario))

    def keep(self, scenario: str, choices: LaneChoices) -> None:
        """Remember the choices; that the file cannot be written is no reason to bother anybody.

        What another window has kept meanwhile stays.
        """
        self._kept = self._read() or self._kept
        self._kept.pop(scenario, None)
        data = choices.to_dict()
        if data:
            self._kept[scenario] = data
        while len(self._kept) > MOST_SCENARIOS:
            del self._kept[next(iter(self._kept))]
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps({"scenarios": self._kept}, ensure_ascii=False, indent=1), encoding="utf-8")
            fresh.replace(self._file)
        except OSError:
            return

    def _read(self) -> dict[str, object]:
        if self._file is None:
            return {}
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        scenarios = data.get("scenarios") if isinstance(data, dict) else None
        return dict(list(scenarios.items())[-MOST_SCENARIOS:]) if isinstance(scenarios, dict) else {}


def key_of(scenario: Scenario) -> str:
    """What a scenario is remembered by: its name, else what was chosen in it."""
    if scenario.name:
        return scenario.name
    if scenario.own:
        return f"{scenario.model.id} / {scenario.app.target}"
    return f"{scenario.model.id} / {scenario.dispatch.id} / {scenario.workload.id}"
