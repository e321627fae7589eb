"""What the setup of a recording becomes on the machine where it is opened."""

from typing import Any

import pytest

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.scenario import Scenario, parse
from explorer.session.recorded import adopt

CATALOG = Catalog()
MINE = "postgresql://me:hunter2@here/shop"


def scenario(url: str, share: float = 0.25, **server: Any) -> Scenario:
    """Two workloads on the database at `url`."""
    work = {"id": "database", "url": url, "pool_size": 3}
    return parse(CATALOG, {"server": server, "workload": work, "also": [{"workload": work, "share": share}]})


def recorded(url: str, **server: Any) -> dict[str, Any]:
    """The scenario as a recording holds it."""
    return scenario(url, **server).to_dict(masked=True)


def test_address_and_interpreter_stay_and_all_else_is_the_recordings() -> None:
    own = scenario("", port=8000, interpreter="/usr/bin/python3", http="h11")
    data = recorded("", host="0.0.0.0", port=80, interpreter="/tmp/theirs", backlog=7)
    found, different = adopt(CATALOG, data, own)

    assert (found.server.host, found.server.port) == ("127.0.0.1", 8000)
    assert found.server.interpreter == "/usr/bin/python3"
    assert (found.server.backlog, found.server.http) == (7, "httptools")
    assert found.workload == scenario("").workload
    assert different == ("Host", "Port", "Interpreter")


def test_what_is_as_it_was_is_not_told() -> None:
    own = scenario("", port=8000)

    assert adopt(CATALOG, recorded("", port=8000), own) == (own, ())


@pytest.mark.parametrize("theirs", ["postgresql://they:secret@there/shop", "postgresql://there/shop?password=secret"])
def test_a_url_without_its_password_is_that_of_the_same_workload_here(theirs: str) -> None:
    found, different = adopt(CATALOG, recorded(theirs), scenario(MINE))

    assert found == scenario(MINE)
    assert different == ("URL",)


def test_where_nothing_like_it_was_chosen_such_a_url_is_the_default() -> None:
    found, different = adopt(CATALOG, recorded("postgresql://they:secret@there/shop"), parse(CATALOG, {}))

    assert found == scenario("")
    assert different == ("URL",)


def test_a_url_that_holds_no_password_is_kept() -> None:
    found, different = adopt(CATALOG, recorded("sqlite:///file.db"), scenario(MINE))

    assert found == scenario("sqlite:///file.db")
    assert different == ()


def test_what_is_no_scenario_is_a_sentence() -> None:
    with pytest.raises(OptionError):
        adopt(CATALOG, {"modell": 3}, parse(CATALOG, {}))


def test_no_app_is_ever_adopted_from_a_recording() -> None:
    theirs = {"target": "evil:app", "folder": "/tmp/theirs", "environment": {"A": "***"}, "route": [{"path": "/x"}]}
    data = parse(CATALOG, {"app": theirs}).to_dict(masked=True)
    found, different = adopt(CATALOG, data, parse(CATALOG, {}))
    assert not found.own
    assert found.routes == ()
    assert different == ("Your app",)

    own = parse(CATALOG, {"app": {"target": "mine:app", "route": [{"path": "/mine"}]}})
    found, different = adopt(CATALOG, data, own)
    assert (found.app, found.routes) == (own.app, own.routes)
