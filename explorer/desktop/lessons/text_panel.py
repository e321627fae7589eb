"""At the left of a lesson: the text of the present step, and what belongs to it: answers, bars, further runs."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.desktop.lessons.answers import Answers
from explorer.desktop.lessons.claim_list import ClaimList
from explorer.desktop.lessons.markdown import as_words
from explorer.desktop.lessons.measured import BarRow, Bars, BigNumber, Formula
from explorer.desktop.lessons.prose import Prose
from explorer.desktop.lessons.reveal import Revealed, is_number
from explorer.desktop.lessons.state import LOOK, PREDICT, REVEAL, RUN, TRY, LessonState, Prediction
from explorer.desktop.lessons.try_part import ELSEWHERE, TryRow, TryRuns
from explorer.desktop.lessons.words import number, told, unit_of
from explorer.desktop.theme import Theme
from explorer.desktop.widgets.label import Label
from explorer.desktop.widgets.scroll import ScrollArea
from explorer.lessons.lesson import Lesson, Question
from explorer.records.states import State

HEADS: Final[Mapping[str, str]] = {
    LOOK: "Look", PREDICT: "Question", RUN: "Run", REVEAL: "Reveal", TRY: "Try",
}  # fmt: skip
UNKNOWN: Final = "–"


class TextPanel(QWidget):
    """Shows a `LessonState`; the inner column scrolls."""

    def __init__(self, theme: Theme, state: LessonState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._state = theme, state
        self._head = Label(theme, "", 12, 600, "accent")
        self._title = Label(theme, "", 21, 700, wrap=True)
        self.question = Prose(theme, 18, 500)
        self.number = BigNumber(theme)
        self.caption = Label(theme, "", 14, 500, "text2", wrap=True)
        self.answers = Answers(theme)
        self.bars = Bars(theme)
        self.formula = Formula(theme)
        self.differs = Prose(theme, 14)
        self.text = Prose(theme, 14)
        self.tries = TryRuns(theme)
        self.claims = ClaimList(theme)
        self.more = QVBoxLayout()
        """Where the code stands in a narrow window."""
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setSpacing(theme.px(12))
        for widget in (
            self._head, self._title, self.question, self.number, self.caption, self.answers, self.bars, self.formula,
            self.differs, self.text, self.tries, self.claims,
        ):  # fmt: skip
            self._column.addWidget(widget)
        self._column.addLayout(self.more)
        self._column.addStretch(1)
        self.area = ScrollArea(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.area)
        self.draggable = False
        self.state_color = State.RUNNING
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(24), px(20), px(20), px(18))

    def show_lesson(self, lesson: Lesson, *, draggable: bool, color: State) -> None:
        """Another lesson; `color` is the state whose colour the measured bar has."""
        self.draggable, self.state_color = draggable, color
        self._title.setText(lesson.title)
        self.question.show_markdown(lesson.question.text)
        self.answers.ask(lesson.question, draggable)
        self.show_step()

    def show_step(self) -> None:
        """What the present step says."""
        state, lesson = self._state, self._state.lesson
        if lesson is None:
            return
        step = state.step
        self._head.setText(HEADS[step] if step != LOOK else f"Look · {lesson.minutes} minutes")
        self._title.setVisible(step in (LOOK, TRY))
        self.question.setVisible(step in (PREDICT, RUN))
        self.answers.setVisible(step == PREDICT)
        self.tries.setVisible(step == TRY)
        self.number.setVisible(step in (RUN, REVEAL))
        self.caption.setVisible(step in (RUN, REVEAL))
        for part in (self.bars, self.formula, self.differs):
            part.setVisible(step == REVEAL)
        self.claims.setVisible(step in (REVEAL, TRY))
        self.text.show_markdown(lesson.texts.get(step, ""))
        self.show_prediction()
        self.show_live()
        self.show_revealed()
        self.area.verticalScrollBar().setValue(0)

    def show_prediction(self) -> None:
        """What was said."""
        said = self._state.prediction
        unknown = said is not None and said.value is None
        self.answers.show_taken(said.choice if said else 0, said.value if said else None, unknown)

    def show_live(self) -> None:
        """The number so far, while the run goes on."""
        state, lesson = self._state, self._state.lesson
        if lesson is None or state.step != RUN:
            return
        value = state.value(lesson.question.answer)
        text = UNKNOWN if value is None else words_of(lesson.question, value)[0]
        self.number.show_number(text, unit_of(value, lesson.question.unit) if value is not None else "")
        at = state.asked.index(state.running) + 1 if state.running in state.asked else 0
        which = (
            f"run {at} of {len(state.asked)}: {lesson.run(state.running).title}" if len(state.asked) > 1 and at else ""
        )
        self.caption.setText(which or "so far")

    def show_revealed(self) -> None:
        """What the runs showed."""
        state, lesson = self._state, self._state.lesson
        shown = state.revealed()
        if lesson is None or shown is None or state.step not in (REVEAL, TRY):
            return
        self.claims.show_claims(shown)
        question = lesson.question
        if state.step == TRY:
            self.tries.show_rows(try_rows(state))
            return
        if shown.measured is None:
            self.number.show_number(UNKNOWN, "")
            self.caption.setText("This run did not measure what was asked for.")
        else:
            words, unit = words_of(question, shown.measured)
            self.number.show_number(words, unit)
            self.caption.setText(as_words(question.text))
        self.bars.show_rows(bar_rows(question, state.prediction, shown, self.state_color))
        result = f"= {told(shown.law, question.unit)}" if shown.law is not None else ""
        self.formula.show_formula(shown.formula, shown.filled, result)
        self.differs.show_markdown(question.differs)


def words_of(question: Question, value: float) -> tuple[str, str]:
    """A measured value in words, and its unit: of a choice the words of the answer that it is."""
    if not is_number(question):
        for choice in question.choices:
            if choice.value == value:
                return choice.text, ""
    return number(value), unit_of(value, question.unit)


def said_words(question: Question, said: Prediction | None) -> str:
    """What was predicted, in words."""
    if said is None or said.value is None:
        return "don't know"
    if said.choice and not is_number(question):
        return question.choices[said.choice - 1].text
    return told(said.value, question.unit)


def bar_rows(question: Question, said: Prediction | None, shown: Revealed, color: State) -> list[BarRow]:
    """You, law, measured; no law bar where no law holds, and of choices words without bars."""
    bars = is_number(question)
    rows = [BarRow("you", said.value if bars and said else None, said_words(question, said))]
    if shown.law is not None:
        words, unit = words_of(question, shown.law)
        text = told(shown.law, question.unit) if bars else f"{words} {unit}".strip()
        rows.append(BarRow("law", shown.law if bars else None, text, dashed=True))
    if shown.measured is not None:
        words, unit = words_of(question, shown.measured)
        text = told(shown.measured, question.unit) if bars else f"{words} {unit}".strip()
        rows.append(BarRow("measured", shown.measured if bars else None, text, state=color))
    return rows


def try_rows(state: LessonState) -> list[TryRow]:
    """The lesson's runs with what each came to: the question's answer, asked of that run."""
    lesson = state.lesson
    assert lesson is not None
    main = lesson.runs[0].id
    rows = []
    for run in lesson.runs:
        result = ""
        if run.id in state.figures:
            value = state.value(answer_of(lesson, run.id))
            result = told(value, lesson.question.unit) if value is not None else ELSEWHERE
            if value is not None and not is_number(lesson.question):
                result = " ".join(words_of(lesson.question, value)).strip()
        title = run.title or ("As in the lesson" if run.id == main else run.id)
        rows.append(TryRow(run.id, title, result, run.id in state.asked, run.id == state.running))
    return rows


def answer_of(lesson: Lesson, run: str) -> str:
    """The question's answer, asked of another run than the lesson's main one."""
    main = lesson.runs[0].id
    return lesson.question.answer.replace(f"{main}.", f"{run}.") if run != main else lesson.question.answer
