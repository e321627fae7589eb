"""Texts that name cores, and keeping processes apart."""

import os
import sys

import pytest

from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.supervise.cores import apart, available, parse, pin_self


@pytest.mark.parametrize(
    ("text", "cores"),
    [("", ()), ("  ", ()), ("0", (0,)), ("0,2-3", (0, 2, 3)), (" 3 , 1 ", (1, 3)), ("1-1", (1,))],
)
def test_cores_are_listed_and_ranged(text: str, cores: tuple[int, ...]) -> None:
    assert parse(text, (0, 1, 2, 3)) == cores


@pytest.mark.parametrize("text", ["a", "1-", "-1", "0;1", "1,,2", "0x1", "²", "9" * 5000, "0-" + "9" * 5000])
def test_what_names_no_cores_is_a_sentence(text: str) -> None:
    with pytest.raises(OptionError, match="write them such as 0 or 0,2-3") as caught:
        parse(text, (0, 1))

    assert caught.value.where == "server.affinity"


def test_a_core_that_does_not_exist_is_a_sentence() -> None:
    with pytest.raises(OptionError, match=r"There is no core 7 for this program; choose from 0, 1\."):
        parse("0,7", (0, 1))


@pytest.mark.timeout(20)
def test_a_range_longer_than_memory_is_a_sentence() -> None:
    with pytest.raises(OptionError, match=r"There is no core 999999999 for this program"):
        parse("0-999999999", (0, 1))


def test_a_range_the_wrong_way_round_names_nothing() -> None:
    with pytest.raises(OptionError, match="names no cores"):
        parse("3-1", (0, 1, 2, 3))


def test_a_system_without_affinity_says_so() -> None:
    with pytest.raises(OptionError, match="cannot bind a process to cores"):
        parse("0", ())
    assert parse("", ()) == ()


def test_with_few_cores_nobody_is_kept_apart() -> None:
    assert apart((0, 1)) is None


def test_window_and_load_get_a_core_each_and_the_server_the_rest() -> None:
    division = apart((0, 1, 2, 5))

    assert division is not None
    assert division[Role.SERVER] == (0, 1)
    assert division[Role.LOAD] == (2,)
    assert division[Role.WINDOW] == division[Role.SAMPLER] == (5,)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which cores a process may use")
def test_this_process_can_be_bound_and_freed_again() -> None:
    before = available()
    try:
        pin_self(before[:1])
        assert available() == before[:1]
    finally:
        pin_self(before)
    assert os.sched_getaffinity(0) == set(before)
