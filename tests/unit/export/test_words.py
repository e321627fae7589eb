"""The words of states and kinds stand at their numbers."""

import pytest

from explorer.export import words
from explorer.recording.importers.words import STATES
from explorer.records.states import Kind, State


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_stands_at_its_number(kind: Kind) -> None:
    assert words.KINDS[kind] == kind.name.lower().replace("_", " ")


@pytest.mark.parametrize("state", State)
def test_a_state_stands_at_its_number_in_words_that_an_import_knows(state: State) -> None:
    assert STATES.get(words.STATES[state], State.NONE) is state
    assert words.STATES[State.WAITING_GIL] == "waiting for the GIL"


def test_what_made_a_run_is_told_in_a_few_words_whatever_its_file_says() -> None:
    run = {"versions": {"explorer": "1.2", "python": "3.13"}, "scenario": {"name": "Mine", "model": {"id": "prefork"}}}
    assert words.about(run) == {
        "made by": "Concurrency Explorer 1.2", "Python": "3.13", "scenario": "Mine", "model": "prefork",
    }  # fmt: skip
    assert words.about({"versions": [], "scenario": "none"}) == {"made by": "Concurrency Explorer"}
