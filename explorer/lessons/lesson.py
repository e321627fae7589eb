"""What a lesson is, as one immutable value: the content of `lesson.toml`, `text.md` and `picture.json` of its folder.

Numbers that depend on a run are expressions (text), evaluated over the lesson's values and the figures of its runs:
`main.makespan_s`, `ceil(N / T) * S`. What they may hold is said in `expression`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from explorer.catalog import Bar

STEPS: Final = ("Look", "Predict", "Run", "Reveal", "Try")
"""The five steps of every lesson, and the headings of `text.md`."""

RunKind = Literal["server", "locks", "isolation", "parallelism"]


_ONLY_SHORT: Final = re.compile(r"The run was too short: [^.]*(\.\d[^.]*)*\.")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a lesson: the first of them is its main one. A `server` run has the content of a scenario file in
    `scenario` (that of another run with its changes already applied); the labs' runs have `options` of that lab.
    One that never `settles` is judged although warm-up and responses took longer than it lasted.
    """

    id: str
    title: str
    kind: RunKind
    scenario: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    settles: bool = True

    def unjudged(self, figures: Mapping[str, Any]) -> str:
        """Why nothing can be said of this run's figures; empty where something can."""
        if figures.get("valid", True):
            return ""
        reason = str(figures.get("invalid_reason") or "no reason is known")
        if not self.settles and _ONLY_SHORT.fullmatch(reason):
            return ""
        return f"The run “{self.title or self.id}” is not valid: {reason}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of at most four answers, chosen by its digit."""

    text: str
    value: float


@dataclass(frozen=True, slots=True)
class Question:
    """What the student says before the run. `answer` is the expression of what was measured, `law` that of what the law
    says, empty where none holds; `law_text` is the formula as it is written on a board; `differs` says why both may
    differ. A number is asked for between `low` and `high` `unit`; with `choices` one of them is taken.
    """

    text: str
    kind: Literal["number", "choice"]
    unit: str
    answer: str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[Choice, ...] = ()
    law: str = ""
    law_text: str = ""
    differs: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """What the timeline shows by itself: lanes whose kind or name holds one of `lanes` (all others fade), and how many
    `seconds` of them from the first request on.
    """

    lanes: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Resource:
    """The small model of what is scarce, beside the code: `total` places of which `used` are taken (expressions)."""

    kind: Literal["squares", "line", "none"] = "none"
    total: str = ""
    used: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence that the figures must bear out: the expression `figure` compared with the expression `bound`.
    `how`: `equals` (to `within`, relative), `at_least`, `at_most`, `is` (exactly).
    """

    text: str
    figure: str
    how: Literal["equals", "at_least", "at_most", "is"]
    bound: str
    within: float = 0.15


@dataclass(frozen=True, slots=True)
class Slide:
    """One change on the wall: a sentence of at most five words, a live number, the shape of `run` on the timeline."""

    sentence: str
    run: str = ""
    number: str = ""
    unit: str = ""
    law: bool = False
    notes: str = ""
    different: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson. `texts` holds the Markdown of each of the `STEPS`; `needs` what a machine must have for it (else it is
    skipped, with the reason); `values` the numbers of its formulas; `picture` and `rows` the card's bars, measured.
    """

    id: str
    title: str
    order: int
    group: str
    minutes: int
    shape: str
    concepts: tuple[str, ...]
    needs: tuple[str, ...]
    values: Mapping[str, float]
    runs: tuple[Run, ...]
    question: Question
    texts: Mapping[str, str]
    watch: Watch
    resource: Resource
    claims: tuple[Claim, ...]
    slides: tuple[Slide, ...]
    rows: int
    picture: tuple[Bar, ...]
    folder: Path

    def run(self, run_id: str) -> Run:
        """The run with this id. Raises `KeyError` where the lesson has none."""
        for run in self.runs:
            if run.id == run_id:
                return run
        raise KeyError(run_id)
