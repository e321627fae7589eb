"""What a lesson's file must keep to beyond the types of its values: expressions that can be read, runs that exist."""

from collections.abc import Iterator, Sequence

from explorer.catalog import Catalog
from explorer.lessons.expression import ExpressionError, names_in
from explorer.lessons.form import LessonForm
from explorer.lessons.lesson import Run
from explorer.lessons.runs import check_options
from explorer.lessons.unfold import HOWS, Wrong, known_run, written
from explorer.options import OptionError, suggest
from explorer.scenario import parse

MOST_WORDS = 5
Place = Sequence[str | int]


def check(form: LessonForm, runs: Sequence[Run], catalog: Catalog, wrong: Wrong) -> None:
    """Raises `Mistake` for the first thing that cannot be used."""
    for number, run in enumerate(runs):
        try:
            if run.kind == "server":
                parse(catalog, run.scenario)
            else:
                check_options(run)
        except OptionError as error:
            part = "scenario" if run.kind == "server" else "options"
            where = _where(error.where)
            raise wrong(("runs", number, part, *where), str(error)) from None
    question = form.question_form
    if question.kind == "choice" and len(question.choices) < 2:
        raise wrong(("question_form", "choices"), "A question of kind 'choice' needs two to four 'choices'.")
    if question.kind == "number" and not question.low < question.high:
        raise wrong(
            ("question_form", "high"), "A question for a number needs 'low' and 'high', and 'high' above 'low'."
        )
    for number, slide in enumerate(form.slides):
        if len(slide.sentence.split()) > MOST_WORDS:
            raise wrong(("slides", number, "sentence"), f"A slide's sentence has at most {MOST_WORDS} words.")
        if slide.run and (sentence := known_run(slide.run, runs)):
            raise wrong(("slides", number, "run"), sentence)
    known = {*form.values, "C", "D", *(run.id for run in runs)}
    for place, text in ((place, text) for place, text in _expressions(form) if text):
        try:
            unknown = names_in(text) - known
        except ExpressionError as error:
            raise wrong(place, str(error)) from None
        if unknown:
            name = sorted(unknown)[0]
            raise wrong(place, f"There is no value or run '{name}'. {suggest(name, known)}")


def _where(place: str) -> list[str]:
    """The path of a knob; of a feature that is not there, the path of its id."""
    path = place.split(".") if place else []
    return [*path, "id"] if place in ("model", "dispatch", "workload") else path


def _expressions(form: LessonForm) -> Iterator[tuple[Place, str]]:
    for key in ("answer", "law"):
        yield ("question_form", key), getattr(form.question_form, key)
    for key in ("total", "used"):
        yield ("resource", key), getattr(form.resource, key)
    for number, claim in enumerate(form.claims):
        yield ("claims", number, "figure"), claim.figure
        data = claim.model_dump(by_alias=True)
        for how in HOWS:
            if data[how] is not None:
                yield ("claims", number, how), written(data[how])
    for number, slide in enumerate(form.slides):
        yield ("slides", number, "number"), slide.number
