"""What `lesson.toml` may hold: each table once, with types, so that what is wrong is found and named by its place."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RunForm(_Form):
    """One `[[runs]]`: `like` takes another run's scenario or options, `change` alters single keys of it."""

    id: str = Field(pattern="^[a-z][a-z0-9_]*$")
    title: str = ""
    kind: Literal["server", "locks", "isolation", "parallelism"] | None = None
    like: str = ""
    scenario: dict[str, Any] = {}
    options: dict[str, Any] = {}
    change: dict[str, Any] = {}


class ChoiceForm(_Form):
    """One of `choices`."""

    text: str
    value: float


class QuestionForm(_Form):
    """`[question_form]`."""

    kind: Literal["number", "choice"]
    answer: str
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    choices: list[ChoiceForm] = Field(default=[], max_length=4)
    law: str = ""
    law_text: str = ""
    differs: str = ""


class WatchForm(_Form):
    """`[watch]`."""

    lanes: list[str] = []
    seconds: float | Literal["last"] = "last"


class ResourceForm(_Form):
    """`[resource]`."""

    kind: Literal["squares", "line", "none"] = "none"
    total: str = ""
    used: str = ""
    caption: str = ""


class ClaimForm(_Form):
    """One `[[claims]]`: `figure` and exactly one of `equals`, `at_least`, `at_most`, `is`."""

    text: str
    figure: str
    equals: str | float | None = None
    at_least: str | float | None = None
    at_most: str | float | None = None
    is_: str | float | bool | None = Field(default=None, alias="is")
    within: float = Field(default=0.15, ge=0, le=1)


class SlideForm(_Form):
    """One `[[slides]]`."""

    sentence: str
    run: str = ""
    number: str = ""
    unit: str = ""
    law: bool = False
    notes: str = ""
    different: str = ""


class LessonForm(_Form):
    """The whole file."""

    title: str
    question: str
    order: int
    group: str
    minutes: int = Field(ge=1, le=90)
    concepts: list[str] = []
    shape: str = ""
    needs: list[Literal["free-threaded", "postgresql", "cluster"]] = []
    values: dict[str, float] = {}
    runs: list[RunForm] = Field(min_length=1)
    question_form: QuestionForm
    watch: WatchForm = WatchForm()
    resource: ResourceForm = ResourceForm()
    claims: list[ClaimForm] = Field(min_length=1)
    slides: list[SlideForm] = []
