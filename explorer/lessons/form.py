"""The form of `lesson.toml`: which tables and keys there are, of what kind, and which must be there."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_WORDS = 5
"""Of a slide's sentence: what can be read while somebody speaks."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False)


class RunForm(_Part):
    """`[[runs]]`. `settles = false` of one that never does, since its queue grows: its claims are about all of it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = ""
    kind: Literal["server", "locks", "isolation", "parallelism"] = "server"
    scenario: dict[str, Any] = {}
    options: dict[str, Any] = {}
    like: str = ""
    change: dict[str, Any] = {}
    settles: bool = True


class ChoiceForm(_Part):
    """One of `choices`."""

    text: str
    value: float


class QuestionForm(_Part):
    """`[question_form]`."""

    kind: Literal["number", "choice"]
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    choices: list[ChoiceForm] = Field(default=[], max_length=4)
    answer: str
    law: str = ""
    law_text: str = ""
    differs: str = ""

    @model_validator(mode="after")
    def _asked(self) -> "QuestionForm":
        if self.kind == "choice" and len(self.choices) < 2:
            raise ValueError("a choice needs from two to four choices")
        if self.kind == "number" and not self.low < self.high:
            raise ValueError("a number needs low below high")
        if bool(self.law) != bool(self.law_text):
            raise ValueError("law and law_text belong together")
        return self


class WatchForm(_Part):
    """`[watch]`."""

    lanes: list[str] = []
    seconds: float = Field(default=0.0, ge=0)


class ResourceForm(_Part):
    """`[resource]`."""

    kind: Literal["squares", "line", "none"] = "none"
    total: str = ""
    used: str = ""
    caption: str = ""


class ClaimForm(_Part):
    """`[[claims]]`; a bound may be a number or an expression."""

    text: str
    figure: str
    equals: float | str | None = None
    at_least: float | str | None = None
    at_most: float | str | None = None
    exactly: bool | float | str | None = Field(default=None, alias="is")
    within: float = Field(default=0.15, gt=0, le=1)

    @model_validator(mode="after")
    def _one_bound(self) -> "ClaimForm":
        if len(self.bounds) != 1:
            raise ValueError("a claim has one of equals, at_least, at_most, is")
        return self

    @property
    def bounds(self) -> list[tuple[Literal["equals", "at_least", "at_most", "is"], str]]:
        """What the figure is compared with, as (how, expression)."""
        given = (("equals", self.equals), ("at_least", self.at_least), ("at_most", self.at_most), ("is", self.exactly))
        return [(how, str(bound)) for how, bound in given if bound is not None]  # type: ignore[misc]  # mypy widens how


class SlideForm(_Part):
    """`[[slides]]`."""

    sentence: str
    run: str = ""
    number: str = ""
    unit: str = ""
    law: bool = False
    notes: str = ""
    different: str = ""

    @model_validator(mode="after")
    def _short(self) -> "SlideForm":
        if len(self.sentence.split()) > MOST_WORDS:
            raise ValueError(f"a slide's sentence has at most {MOST_WORDS} words")
        return self


class LessonForm(_Part):
    """The whole file."""

    title: str
    question: str
    order: int
    group: str
    minutes: int = Field(ge=1, le=120)
    shape: str = ""
    concepts: list[str] = []
    needs: list[Literal["free-threaded", "postgresql", "cluster"]] = []
    values: dict[str, float] = {}
    runs: list[RunForm] = Field(min_length=1)
    question_form: QuestionForm
    watch: WatchForm = WatchForm()
    resource: ResourceForm = ResourceForm()
    claims: list[ClaimForm] = Field(min_length=1)
    slides: list[SlideForm] = []
