"""From the forms of a file to the values of a lesson: runs that are like others, claims with their one bound."""

import copy
from collections.abc import Callable, Sequence
from typing import Any, Final

from explorer.lessons.form import ClaimForm, LessonForm, RunForm
from explorer.lessons.lesson import Choice, Claim, Question, Run
from explorer.lessons.mistake import Mistake
from explorer.options import suggest

Wrong = Callable[[Sequence[str | int], str], Mistake]
"""Makes the `Mistake` at a path of the file."""
HOWS: Final = ("equals", "at_least", "at_most", "is")


def runs_of(form: LessonForm, wrong: Wrong) -> tuple[Run, ...]:
    """All runs, with what `like` and `change` say already applied. Raises `Mistake`."""
    found: dict[str, Run] = {}
    for number, each in enumerate(form.runs):
        at = ("runs", number)
        if each.id in found:
            raise wrong((*at, "id"), f"There are two runs '{each.id}'; give each an id of its own.")
        if each.id in form.values or each.id in ("C", "D"):
            raise wrong((*at, "id"), f"'{each.id}' is already a value; give the run another id.")
        found[each.id] = _run(each, found, at, wrong)
    return tuple(found.values())


def _run(form: RunForm, before: dict[str, Run], at: Sequence[str | int], wrong: Wrong) -> Run:
    if form.like:
        if form.like not in before:
            raise wrong((*at, "like"), f"There is no run '{form.like}' before this one.")
        other = before[form.like]
        kind, data = other.kind, copy.deepcopy(dict(other.scenario if other.kind == "server" else other.options))
        if form.kind not in (None, kind) or form.scenario or form.options:
            raise wrong((*at, "like"), "A run that is like another one says what differs by 'change' alone.")
    elif form.kind is None:
        raise wrong((*at, "kind"), "A run needs 'kind' (server, locks, isolation or parallelism) or 'like'.")
    elif form.kind == "server":
        kind, data = form.kind, copy.deepcopy(form.scenario)
    else:
        kind, data = form.kind, copy.deepcopy(form.options)
    if form.kind is not None and (form.options if form.kind == "server" else form.scenario):
        other_part = "options" if form.kind == "server" else "scenario"
        raise wrong((*at, other_part), f"A run of kind '{form.kind}' has no '{other_part}'.")
    for path, value in form.change.items():
        _assign(data, path, value)
    title = form.title or ("The run" if form.id == "main" else form.id)
    return Run(form.id, title, kind, data if kind == "server" else {}, {} if kind == "server" else data)


def _assign(data: dict[str, Any], path: str, value: object) -> None:
    *tables, key = path.split(".")
    for table in tables:
        inner = data.get(table, {})
        data[table] = inner if isinstance(inner, dict) else {"id": inner}
        data = data[table]
    data[key] = value


def claims_of(form: LessonForm, wrong: Wrong) -> tuple[Claim, ...]:
    """All claims. Raises `Mistake` for one that has not exactly one bound."""
    return tuple(_claim(each, ("claims", number), wrong) for number, each in enumerate(form.claims))


def _claim(form: ClaimForm, at: Sequence[str | int], wrong: Wrong) -> Claim:
    data = form.model_dump(by_alias=True)
    given = [how for how in HOWS if data[how] is not None]
    if len(given) != 1:
        raise wrong(at, f"A claim has exactly one of {', '.join(HOWS)}; this one has {len(given)}.")
    how: Any = given[0]
    return Claim(form.text, form.figure, how, written(data[how]), form.within)


def written(value: str | float | bool) -> str:
    """A number of the file as the expression it is."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def question_of(form: LessonForm) -> Question:
    """The question, with its choices."""
    data = form.question_form.model_dump()
    data["choices"] = tuple(Choice(**each) for each in data["choices"])
    return Question(text=form.question, **data)


def known_run(name: str, runs: Sequence[Run]) -> str:
    """Why there is no run of this name; empty if there is one."""
    ids = [run.id for run in runs]
    return "" if name in ids else f"There is no run '{name}'. {suggest(name, ids)}"
