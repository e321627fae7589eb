"""Which workers a load is sent from, and where each of their hosts reaches the server."""

import pytest

from explorer.option_error import OptionError
from explorer.supervise.hosts.places import Place, places, server_for, source_address

WORKERS: dict[str, dict[str, object]] = {
    "tls://10.0.0.2:40002": {"name": "tls://10.0.0.2:40002"},
    "tls://10.0.0.2:40001": {"name": "w2"},
    "tls://10.0.0.1:40000": {"name": 0},
    "tls://[fd00::3]:40000": {"name": "w2"},
}


def test_one_worker_of_each_host_by_the_name_it_was_given() -> None:
    assert places(WORKERS) == [
        Place("10.0.0.1", "tls://10.0.0.1:40000", "10.0.0.1"),
        Place("10.0.0.2", "tls://10.0.0.2:40001", "w2"),
        Place("fd00::3", "tls://[fd00::3]:40000", "w2 (fd00::3)"),
    ]
    assert places({"tcp://127.0.0.1:1": {"name": "worker 1"}}, embedded=True)[0].name == "this machine"


def place(host: str, name: str = "w2") -> Place:
    return Place(host, f"tcp://{host}:1", name)


def test_a_host_that_is_this_machine_reaches_what_this_machine_reaches() -> None:
    assert server_for(place("127.0.0.2"), "127.0.0.1", "") == "127.0.0.1"
    assert server_for(place("10.0.0.1"), "127.0.0.1", "", source=lambda host: host) == "127.0.0.1"


def test_another_host_reaches_the_address_the_server_is_bound_to_or_the_one_that_leads_there() -> None:
    def ours(host: str) -> str:
        return "10.0.0.1"

    assert server_for(place("10.0.0.2"), "10.0.0.9", "10.0.0.9", source=ours) == "10.0.0.9"
    assert server_for(place("10.0.0.2"), "127.0.0.1", "0.0.0.0", source=ours) == "10.0.0.1"


@pytest.mark.parametrize(("name", "called"), [("w2", r"w2 \(10.0.0.2\)"), ("10.0.0.2", "10.0.0.2")])
def test_a_server_for_this_machine_alone_is_refused_with_what_to_set(name: str, called: str) -> None:
    with pytest.raises(OptionError, match=rf"127.0.0.1 only, which the host {called} .*set server.host to") as raised:
        server_for(place("10.0.0.2", name), "127.0.0.1", "", source=lambda host: "10.0.0.1")
    assert raised.value.where == "server.host"


def test_the_way_to_this_machine_begins_at_this_machine() -> None:
    assert source_address("127.0.0.1") == "127.0.0.1"
