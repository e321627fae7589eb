"""A scenario of the locks lab: what it claims, how it is set up, and how a run of it is judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer.catalog import Catalog
from explorer.labs.locks.evidence import Evidence
from explorer.labs.locks.verdict import Judgement
from explorer.option_error import OptionError
from explorer.options import Knobs, extra
from explorer.scenario import Scenario, assign, parse
from explorer.server import workloads

Judge = Callable[[Evidence, Scenario], Judgement]
"""Judges a run as written, or cured, of the scenario that was served."""


@dataclass(frozen=True, slots=True)
class LockScenario:
    """One of the lab's scenarios; `id` is also that of its workload.

    `written` and `cured` are the two claims. `base` are the parts of the explorer's scenario that differ from their
    defaults. A load of users goes on for `seconds`; one that is sent at once has an end of its own (None). `shown` are
    the knobs that its page has besides the cure, as `section.key`, with the lab's own words for them.
    """

    id: str
    group: str
    title: str
    sentence: str
    written: str
    cured: str
    base: Mapping[str, Mapping[str, Any]]
    judge_written: Judge
    judge_cured: Judge
    seconds: float | None = 3.0
    shown: Mapping[str, str] = field(default_factory=dict)
    cured_by: Mapping[str, str] = field(default_factory=dict)
    """The claims of cures (`workload.cure`) that differ from `cured`."""
    note: str = ""
    """What else has to be said, for instance how far Python shows it."""

    def claim(self, scenario: Scenario) -> str:
        """What a run of `scenario` is to show."""
        if not is_cured(scenario):
            return self.written
        return self.cured_by.get(getattr(scenario.workload.knobs, "cure", ""), self.cured)

    def judge(self, evidence: Evidence, scenario: Scenario) -> Judgement:
        """Whether a run of `scenario`, which `evidence` saw, showed what it is to show."""
        return (self.judge_cured if is_cured(scenario) else self.judge_written)(evidence, scenario)

    def scenario(
        self, catalog: Catalog, *, cured: bool, seconds: float | None = None, settings: tuple[str, ...] = ()
    ) -> Scenario:
        """What is served and how it is loaded; `settings` are `--set` words. Raises `OptionError`.

        `seconds` is how long the load goes on, for those that have no end of their own.
        """
        data: dict[str, Any] = {section: dict(part) for section, part in self.base.items()}
        data["name"] = self.title
        data["workload"] = {"id": self.id, **data.get("workload", {}), "cured": cured}
        load = data.setdefault("load", {})
        if self.seconds is not None:
            load["duration"] = seconds if seconds is not None else self.seconds
        found = assign(catalog, parse(catalog, data), settings)
        if found.workload.id != self.id:
            raise OptionError(f"The scenario {self.id} has a workload of its own; leave out workload.id.", "workload")
        if is_cured(found) != cured:
            raise OptionError("Whether it is cured is said by --cured; leave out workload.cured.", "workload.cured")
        return found

    def cures(self, catalog: Catalog) -> dict[str, str]:
        """The cures to choose from (`workload.cure`): value → words; empty where there is only one."""
        field = catalog.get("workload", self.id).knobs.model_fields.get("cure")
        return dict(extra(field, "labels") or {}) if field is not None else {}

    @property
    def source(self) -> Path:
        """The file with the code that its requests run."""
        return source_of(self.id)


def source_of(workload: str) -> Path:
    """The file with the body of a workload."""
    return Path(workloads.__path__[0]) / workload / "body.py"


def line_of(workload: str, text: str) -> str:
    """Where `text` stands in that file, "body.py:12"; raises ValueError when it does not stand in exactly one line."""
    file = source_of(workload)
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if text in line]
    if len(found) != 1:
        raise ValueError(f"'{text}' stands in {len(found)} lines of {file}")
    return f"{file.name}:{found[0]}"


def is_cured(scenario: Scenario) -> bool:
    """Whether a run's workload is cured."""
    return bool(getattr(scenario.workload.knobs, "cured", False))


def knobs(scenario: Scenario) -> Any:
    """The knobs of a run's workload, as the judges read them."""
    found: Knobs = scenario.workload.knobs
    return found
