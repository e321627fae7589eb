"""Scenarios that come with the program, by name."""

from pathlib import Path

import pytest

from explorer.option_error import OptionError
from explorer.shipped import named, sentence_of, shipped_scenarios


def test_a_bare_name_is_a_scenario_that_comes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = named(Path("the-gil"))
    assert ("The GIL", found) in shipped_scenarios()
    assert sentence_of(found).startswith("Four threads")
    (tmp_path / "the-gil").write_text("mine")
    assert named(Path("the-gil")) == Path("the-gil")  # a file of this name is meant first
    assert named(Path("no/such.toml")) == Path("no/such.toml")  # whoever reads it says so
    with pytest.raises(OptionError, match=r"no scenario of this name .* Did you mean 'waiting-is-cheap'\?"):
        named(Path("waiting-is-cheep"))
