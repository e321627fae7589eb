"""Reads a lesson's folder. Whatever is wrong in it is told in one sentence, with the file and the line."""

import copy
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from explorer.analysis.schema import Figures
from explorer.catalog import Bar
from explorer.lessons import form
from explorer.lessons.expression import ExpressionError, check
from explorer.lessons.lesson import STEPS, Choice, Claim, Lesson, Question, Resource, Run, Slide, Watch
from explorer.lessons.lines import line_of
from explorer.lessons.shapes import check_figures
from explorer.records.states import State

FILE: Final = "lesson.toml"
TEXT: Final = "text.md"
PICTURE: Final = "picture.json"
GIVEN: Final = ("C", "D")
"""Names that every expression may use: cores that are left for the server, CPU seconds of a request."""


class LessonError(Exception):
    """A lesson that cannot be used: `sentence`, and the `file` and `line` where it is wrong."""

    def __init__(self, sentence: str, file: Path, line: int = 1) -> None:
        super().__init__(f"{file.parent.name}/{file.name}:{line}: {sentence}")
        self.sentence, self.file, self.line = sentence, file, line

    @classmethod
    def at_run(cls, file: Path, number: int, where: str, sentence: str) -> "LessonError":
        """Something is wrong in the scenario of run `number` (from 0): at `where`, such as "workload.seconds"."""
        place: list[str | int] = ["runs", number, "scenario", *where.split(".")]
        return cls(sentence, file, line_of(_text(file), place))


def read(folder: Path) -> Lesson:
    """The lesson in `folder`. Raises `LessonError`."""
    file = folder / FILE
    text = _text(file)
    told = _form(file, text)
    runs = _runs(file, text, told.runs)
    for place, expression in _expressions(told):
        try:
            check(expression, {*told.values, *GIVEN, *(run.id for run in runs)})
            check_figures(expression, {run.id: Figures for run in runs if run.kind == "server"})
        except ExpressionError as error:
            raise LessonError(str(error), file, line_of(text, place)) from None
    known = {run.id for run in runs}
    for number, slide in enumerate(told.slides):
        if slide.run and slide.run not in known:
            line = line_of(text, ("slides", number, "run"))
            raise LessonError(f"There is no run '{slide.run}'; known are {', '.join(known)}.", file, line)
    rows, bars = _picture(folder / PICTURE)
    return Lesson(
        id=folder.name,
        title=told.title,
        order=told.order,
        group=told.group,
        minutes=told.minutes,
        shape=told.shape,
        concepts=tuple(told.concepts),
        needs=tuple(told.needs),
        values=told.values,
        runs=runs,
        question=_question(told),
        texts=_texts(folder / TEXT),
        watch=Watch(tuple(told.watch.lanes), told.watch.seconds),
        resource=Resource(**told.resource.model_dump()),
        claims=tuple(_claim(claim) for claim in told.claims),
        slides=tuple(Slide(**slide.model_dump()) for slide in told.slides),
        rows=rows,
        picture=bars,
        folder=folder,
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise LessonError(f"{file.name} cannot be read ({reason}).", file) from None


def _form(file: Path, text: str) -> form.LessonForm:
    try:
        return form.LessonForm.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        what = re.sub(r"\s*\(at [^)]*\)", "", str(error))
        raise LessonError(f"This is not valid TOML: {what}.", file, int(found[1]) if found else 1) from None
    except RecursionError:
        raise LessonError("The values are nested too deeply.", file) from None
    except ValidationError as errors:
        told = errors.errors()
        # A misspelt key is two faults, of which the one that is there says more than the one that is missing.
        first = next((one for one in told if one["type"] == "extra_forbidden"), told[0])
        raise LessonError(_sentence(first["loc"], first), file, line_of(text, first["loc"])) from None


def _sentence(place: Sequence[str | int], error: Any) -> str:
    where = ".".join(str(part) for part in place) or "the lesson"
    if error["type"] == "missing":
        return f"{where} is missing."
    if error["type"] == "extra_forbidden":
        return f"There is no {where} in a lesson; correct or remove it."
    return f"{where}: {str(error['msg']).removeprefix('Value error, ')}."


def _runs(file: Path, text: str, forms: Sequence[form.RunForm]) -> tuple[Run, ...]:
    found: dict[str, Run] = {}
    for number, told in enumerate(forms):
        line = line_of(text, ("runs", number, "id"))
        if told.id in found:
            raise LessonError(f"There are two runs '{told.id}'.", file, line)
        kind, scenario, options = told.kind, told.scenario, told.options
        if told.like:
            if told.like not in found:
                raise LessonError(
                    f"The run '{told.id}' is like '{told.like}', which does not come before it.", file, line
                )
            base = found[told.like]
            kind = base.kind
            scenario = {**copy.deepcopy(dict(base.scenario)), **told.scenario}
            options = {**base.options, **told.options}
        target = scenario if kind == "server" else options
        for key, value in told.change.items():
            _change(target, key, value, file, line)
        found[told.id] = Run(told.id, told.title, kind, scenario, options, told.settles)
    return tuple(found.values())


def _change(target: dict[str, Any], key: str, value: Any, file: Path, line: int) -> None:
    """Set `section.knob`; a section that was named by its id alone becomes a table."""
    *path, last = key.split(".")
    for part in path:
        inner = target.get(part, {})
        if isinstance(inner, str):
            inner = {"id": inner}
        if not isinstance(inner, dict):
            raise LessonError(f"'{key}' cannot be changed: {part} is no table.", file, line)
        target[part] = inner
        target = inner
    target[last] = value


def _question(told: form.LessonForm) -> Question:
    asked = told.question_form.model_dump()
    choices = tuple(Choice(**choice) for choice in asked.pop("choices"))
    return Question(text=told.question, choices=choices, **asked)


def _claim(told: form.ClaimForm) -> Claim:
    ((how, bound),) = told.bounds
    return Claim(told.text, told.figure, how, bound, told.within)


def _expressions(told: form.LessonForm) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every expression of a lesson and where it stands."""
    for key in ("answer", "law"):
        if text := getattr(told.question_form, key):
            yield ("question_form", key), text
    for key in ("total", "used"):
        if text := getattr(told.resource, key):
            yield ("resource", key), text
    for number, claim in enumerate(told.claims):
        yield ("claims", number, "figure"), claim.figure
        for how, bound in claim.bounds:
            yield ("claims", number, how), bound
    for number, slide in enumerate(told.slides):
        if slide.number:
            yield ("slides", number, "number"), slide.number


def _texts(file: Path) -> Mapping[str, str]:
    """The Markdown of each step."""
    parts = re.split(r"(?m)^## +(.+?) *$", _text(file))
    found: dict[str, str] = {}
    at = 1 + parts[0].count("\n")
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        if heading not in STEPS or heading in found:
            raise LessonError(
                f"There is no step '{heading}', or it is there twice; the steps are {', '.join(STEPS)}.", file, at
            )
        found[heading] = body.strip()
        at += body.count("\n")
    for step in STEPS:
        if not found.get(step):
            raise LessonError(f"The text of the step '{step}' is missing; write it below a line '## {step}'.", file)
    return found


def _picture(file: Path) -> tuple[int, tuple[Bar, ...]]:
    """The card's bars; a lesson without them has an empty card."""
    if not file.exists():
        return 1, ()
    try:
        told = json.loads(_text(file))
        rows = int(told["rows"])
        bars = tuple(
            (int(row), float(start), float(length), State[str(state).upper()])
            for row, start, length, state in told["bars"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise LessonError(f"This is no picture of bars ({error}).", file) from None
    if not all(0 <= row < rows and 0 <= start <= 1 and 0 <= length <= 1 for row, start, length, _ in bars):
        raise LessonError("A bar lies outside of the picture.", file)
    return rows, bars
