"""Reads a lesson's folder. What cannot be used is named with file and line: these files are written by hand."""

import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from explorer.catalog import Bar, Catalog
from explorer.lessons import checks, lesson, unfold
from explorer.lessons.form import LessonForm
from explorer.lessons.lesson import STEPS, Lesson
from explorer.lessons.lines import line_of
from explorer.lessons.mistake import Mistake
from explorer.options import suggest
from explorer.records.states import State

TOML, TEXT, PICTURE = FILES = ("lesson.toml", "text.md", "picture.json")
_AT_LINE: Final = re.compile(r"line (\d+)")
_HEADING: Final = re.compile(r"^##\s+(.+?)\s*$")


def read_lesson(folder: Path, catalog: Catalog) -> Lesson:
    """The lesson in `folder`. Raises `Mistake`, which knows file and line."""
    file = folder / TOML
    text = _text(file)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        line = int(at[1]) if at else len(text.splitlines()) or 1
        raise Mistake(file, line, f"This is not valid TOML: {error}. Correct that line.") from None
    except RecursionError:
        raise Mistake(file, 1, "This nests its values too deeply; no lesson needs that.") from None
    form = _form(file, text, data)

    def wrong(path: Sequence[str | int], sentence: str) -> Mistake:
        return Mistake(file, line_of(text, path), sentence)

    runs = unfold.runs_of(form, wrong)
    checks.check(form, runs, catalog, wrong)
    rows, bars = _picture(folder / PICTURE)
    return Lesson(
        id=folder.name,
        title=form.title,
        order=form.order,
        group=form.group,
        minutes=form.minutes,
        shape=form.shape,
        concepts=tuple(form.concepts),
        needs=tuple(form.needs),
        values=dict(form.values),
        runs=runs,
        question=unfold.question_of(form),
        texts=_texts(folder / TEXT),
        watch=lesson.Watch(tuple(form.watch.lanes), 0.0 if form.watch.seconds == "last" else form.watch.seconds),
        resource=lesson.Resource(**form.resource.model_dump()),
        claims=unfold.claims_of(form, wrong),
        slides=tuple(lesson.Slide(**slide.model_dump()) for slide in form.slides),
        rows=rows,
        picture=bars,
        folder=folder,
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Mistake(file, 1, f"A lesson needs the file {file.name}; copy it from another lesson.") from None
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise Mistake(file, line, "This is no text in UTF-8; save it as such.") from None
    except OSError as error:
        raise Mistake(file, 1, f"It cannot be read ({error.strerror}).") from None


def _form(file: Path, text: str, data: dict[str, Any]) -> LessonForm:
    try:
        return LessonForm.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        path = [
            each for each in first["loc"] if not isinstance(each, str) or not each.startswith(("constrained", "lit"))
        ]
        where = ".".join(map(str, path))
        if first["type"] == "missing":
            sentence = f"'{where}' is missing."
        elif first["type"] == "extra_forbidden":
            sentence = f"A lesson has no '{where}'. {suggest(str(path[-1]), _known(path))}"
        else:
            sentence = f"'{where}' cannot be used: {first['msg'][:1].lower()}{first['msg'][1:]}."
        raise Mistake(file, line_of(text, path), sentence) from None


def _known(path: Sequence[str | int]) -> list[str]:
    """What may stand where `path` ends, by the forms."""
    form: Any = LessonForm
    for each in path[:-1]:
        if isinstance(each, str) and each in form.model_fields:
            kind = form.model_fields[each].annotation
            form = next((arg for arg in getattr(kind, "__args__", (kind,)) if hasattr(arg, "model_fields")), form)
    return [field.alias or name for name, field in form.model_fields.items()]


def _texts(file: Path) -> dict[str, str]:
    """The text of each step; what stands before the first heading belongs to none and is refused."""
    found: dict[str, list[str]] = {}
    step = ""
    lines = _text(file).splitlines()
    for number, line in enumerate(lines, 1):
        if heading := _HEADING.match(line):
            step = heading[1]
            if step not in STEPS:
                raise Mistake(file, number, f"There is no step '{step}'. {suggest(step, STEPS)}")
            if step in found:
                raise Mistake(file, number, f"'## {step}' is there twice.")
            found[step] = []
        elif step:
            found[step].append(line)
        elif line.strip():
            raise Mistake(file, number, "Text before the first step; put it below '## Look'.")
    for each in STEPS:
        if not "".join(found.get(each, ())).strip():
            raise Mistake(file, max(len(lines), 1), f"The step '## {each}' is missing or has no text.")
    return {each: "\n".join(found[each]).strip() for each in STEPS}


def _picture(file: Path) -> tuple[int, tuple[Bar, ...]]:
    """Rows and bars of the card; a lesson that was never run has none."""
    if not file.exists():
        return 0, ()
    try:
        data = json.loads(_text(file))
        bars = [
            (int(row), float(start), float(length), State[str(state).upper()])
            for row, start, length, state in data["bars"]
        ]
        return int(data["rows"]), tuple(bars)
    except json.JSONDecodeError as error:
        raise Mistake(file, error.lineno, f"This is not valid JSON: {error.msg}.") from None
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise Mistake(file, 1, f"This is no picture of a lesson ({error}); delete it and make it anew.") from None
