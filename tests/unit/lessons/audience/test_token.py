"""The token: long enough, and forgiving towards people who type it, but towards nobody else."""

import math

import pytest

from explorer.lessons.audience.token import ALPHABET, LENGTH, grouped, is_token, new_token


def test_it_has_enough_random_bits_and_never_comes_twice() -> None:
    assert LENGTH * math.log2(len(ALPHABET)) >= 128
    tokens = {new_token() for _ in range(500)}
    assert len(tokens) == 500
    assert all(len(token) == LENGTH and set(token) <= set(ALPHABET) for token in tokens)


def test_it_may_be_typed_as_it_is_read() -> None:
    token = "7QK4M2XD0101ABCDEFGHJKMNPQRS"
    assert grouped(token) == "7QK4-M2XD-0101-ABCD-EFGH-JKMN-PQRS"
    for typed in (token, token.lower(), grouped(token), grouped(token).lower(), token.replace("01", "OI", 1)):
        assert is_token(token, typed)


@pytest.mark.parametrize("claimed", ["", "7", "é" * 28, "0" * 28, "0" * 100_000, "\x00", "-" * 64])
def test_nothing_else_is_it(claimed: str) -> None:
    assert not is_token(new_token(), claimed)


def test_neither_its_beginning_nor_more_than_it() -> None:
    token = new_token()
    assert not is_token(token, token[:-1])
    assert not is_token(token, token + "0")
