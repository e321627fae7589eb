"""Names of levels as people write them."""

import pytest

from explorer.labs.isolation.levels import LEVELS, USUAL, chosen
from explorer.option_error import OptionError


def test_levels_are_taken_in_any_case_and_each_once() -> None:
    assert chosen("read committed, Serializable,READ_COMMITTED", "mariadb") == ("READ COMMITTED", "SERIALIZABLE")


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("SERIALISABLE", "postgresql", "There is no level 'SERIALISABLE' here. Did you mean SERIALIZABLE?"),
        ("READ UNCOMMITTED", "embedded", "PostgreSQL takes READ UNCOMMITTED for READ COMMITTED; name that one."),
        ("fast", "sqlite", "There is no level 'fast' here. There are: AUTOCOMMIT, READ UNCOMMITTED, DEFERRED, IMM"),
        ("", "sqlite", "There is no level '' here."),
    ],
)
def test_a_level_that_there_is_not_is_one_sentence(text: str, kind: str, sentence: str) -> None:
    with pytest.raises(OptionError) as caught:
        chosen(text, kind)
    assert str(caught.value).startswith(sentence)


def test_the_usual_level_is_one_of_the_engines() -> None:
    assert all(USUAL[kind] in levels for kind, levels in LEVELS.items())
