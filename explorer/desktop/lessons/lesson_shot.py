"""What a picture of the start page or of a lesson is to show."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LessonShot:
    """A `lesson` at a `step` (look, predict, reveal, try), or without one the start page, searched for `search`.

    `answer` is the digit that is taken as the prediction, 0: "I don't know".
    """

    lesson: str = ""
    step: str = "look"
    answer: int | None = None
    search: str = ""
