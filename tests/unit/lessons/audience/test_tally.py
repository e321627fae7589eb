"""Which of the room's answers is the one that was measured."""

import pytest

from explorer.lessons.audience.ballot import Ballot
from explorer.lessons.audience.events import Votes
from explorer.lessons.audience.from_lesson import ballot_of
from explorer.lessons.audience.tally import STEPS, right_row, rows
from explorer.lessons.lesson import Choice, Question

CHOICES = (Choice("1 s", 1.0), Choice("2.5 s", 2.5), Choice("3 s", 3.0))


def asked(question: Question) -> Ballot:
    ballot = ballot_of(question)
    assert ballot is not None
    return ballot


@pytest.mark.parametrize(("measured", "row"), [(3.2, 2), (0.2, 0), (2.6, 1), (90.0, 2)])
def test_of_numbers_the_nearest_is_right(measured: float, row: int) -> None:
    question = Question("When?", "number", "s", "main.makespan_s", 0, 10, CHOICES)
    assert right_row(question, asked(question), measured) == row


def test_of_words_only_the_very_one_is_right() -> None:
    question = Question("What?", "choice", "", "3", choices=CHOICES)
    assert right_row(question, asked(question), 3.0) == 2
    assert right_row(question, asked(question), 2.9) == -1


def test_without_choices_it_is_the_part_of_the_range() -> None:
    question = Question("How many?", "number", "", "main.x", 0, 10)
    ballot = asked(question)
    assert [right_row(question, ballot, value) for value in (0, 1.9, 2.1, 10, 11, -1)] == [0, 0, 1, STEPS - 1, -1, -1]
    counted = rows(ballot, Votes(numbers=(0.5, 2.1, 10.0)))
    assert [count for _, count in counted] == [1, 1, 0, 0, 1]
