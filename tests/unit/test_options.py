"""Knobs: values from the command line, bounds as sentences."""

from typing import Literal

import pytest

from explorer.option_error import OptionError
from explorer.options import Knobs, build, knob, parse_value, suggest


class Sample(Knobs):
    """A group with each kind of bound."""

    tokens: int = knob(40, ge=1, le=1000, title="Tokens", unit="threads", description="d", effect="live")
    rate: float = knob(1.0, gt=0, le=10, title="Rate", description="d")
    loop: Literal["asyncio", "uvloop"] = knob("asyncio", title="Loop", description="d")


@pytest.mark.parametrize(
    ("text", "value"),
    [("4", 4), ("0.2", 0.2), ("on", True), ("false", False), ("uvloop", "uvloop"), ("1e3", 1000.0)],
)
def test_a_word_becomes_the_value_it_means(text: str, value: object) -> None:
    assert parse_value(text) == value


def test_a_value_out_of_bounds_is_one_sentence_with_the_bounds_and_the_unit() -> None:
    with pytest.raises(OptionError) as error:
        build("dispatch", Sample, {"tokens": 0})
    assert str(error.value) == "dispatch.tokens (Tokens) must be from 1 to 1,000 threads."
    assert error.value.where == "dispatch.tokens"


@pytest.mark.parametrize("value", ["abc", 1.5, "1.5"])
def test_what_is_no_whole_number_is_told_so(value: object) -> None:
    with pytest.raises(OptionError) as error:
        build("dispatch", Sample, {"tokens": value})
    assert str(error.value) == "dispatch.tokens (Tokens) must be a whole number from 1 to 1,000 threads."


def test_an_open_lower_bound_says_above() -> None:
    with pytest.raises(OptionError, match=r"must be above 0 and at most 10\.$"):
        build("load", Sample, {"rate": 0})


def test_a_misspelt_knob_offers_the_nearest() -> None:
    with pytest.raises(OptionError, match=r"no knob 'dispatch.token'. Did you mean 'tokens'\?"):
        build("dispatch", Sample, {"token": 3})


def test_a_wrong_choice_says_what_is_allowed() -> None:
    with pytest.raises(OptionError, match="'asyncio' or 'uvloop'"):
        build("server", Sample, {"loop": "trio"})


def test_suggest_lists_all_when_nothing_is_near() -> None:
    assert suggest("zzz", ["b", "a"]) == "Known are: a, b."


def test_true_is_not_taken_for_the_number_one() -> None:
    with pytest.raises(OptionError, match="from 1 to 1,000"):
        build("dispatch", Sample, {"tokens": True})
