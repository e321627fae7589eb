"""What the knobs of a load say of its cluster is checked before anything starts."""

import importlib.util
from typing import Any

import pytest

from explorer.option_error import OptionError
from explorer.scenario import LoadKnobs
from explorer.supervise.hosts.knobs import access_of, check


def knobs(**values: Any) -> dict[str, Any]:
    return LoadKnobs(**values).model_dump()


def test_a_load_from_here_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    check(knobs(cluster="nonsense"))


def test_without_dask_the_command_to_get_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OptionError, match=r"pip install distributed") as raised:
        check(knobs(where="cluster"))
    assert raised.value.where == "load.where"


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"cluster": "http://127.0.0.1:80"}, "load.cluster"),
        ({"cluster": "tcp://10.1.2.3:8786"}, "load.cluster"),
        ({"cluster": "tls://10.1.2.3:8786", "ca": "ca.pem"}, "load.cert"),
        ({"cluster": "tls://10.1.2.3:8786", "ca": "/no/ca", "cert": "/no/cert", "key": "/no/key"}, "load.ca"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_knob(values: dict[str, str], where: str) -> None:
    with pytest.raises(OptionError) as raised:
        check(knobs(where="cluster", **values))
    assert raised.value.where == where


def test_an_empty_address_is_the_embedded_cluster() -> None:
    assert access_of(knobs(where="cluster")).embedded
    assert access_of(knobs(cluster="127.0.0.1:8786")).address == "tcp://127.0.0.1:8786"
