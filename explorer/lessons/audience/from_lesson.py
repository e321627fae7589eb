"""A lesson's question as a ballot."""

from explorer.lessons.audience.ballot import MOST_CHOICES, Ballot
from explorer.lessons.lesson import Question


def ballot_of(question: Question) -> Ballot | None:
    """What the room is asked before the run: the choices, a vote being the index of one, or a number. None if the
    question can be answered neither way.
    """
    choices = tuple(choice.text for choice in question.choices[:MOST_CHOICES])
    if len(choices) > 1:
        return Ballot(question.text, choices, unit=question.unit)
    if question.low < question.high:
        return Ballot(question.text, unit=question.unit, low=question.low, high=question.high)
    return None
