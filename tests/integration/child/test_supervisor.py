"""All children of a session together."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.supervise.supervisor import Supervisor
from tests import leaks

TALKS = "tests.integration.child.modules.talks"
BLOCKS = "tests.integration.child.modules.blocks"
LIMIT_S = 20.0


@pytest.fixture
def supervisor(run_folder: Path) -> Iterator[Supervisor]:
    """A supervisor whose children end with the test."""
    supervisor = Supervisor(run_folder)
    yield supervisor
    supervisor.close()


def test_nobody_is_left_after_close(supervisor: Supervisor) -> None:
    before = leaks.processes()
    for module, role in ((TALKS, Role.SERVER), (BLOCKS, Role.LOAD), (TALKS, Role.SAMPLER)):
        supervisor.spawn(module, role=role).configure(value=0)
    for child in supervisor.children:
        child.wait_for("ready", LIMIT_S)

    supervisor.close(0.5)

    assert supervisor.children == []
    assert leaks.processes() == before


def test_the_listener_stays_for_the_same_address_and_moves_for_another(supervisor: Supervisor) -> None:
    first = supervisor.listen("127.0.0.1", 0)
    assert supervisor.listen("127.0.0.1", 0) is first
    assert supervisor.address == ("127.0.0.1", first.port)
    assert supervisor.url == f"http://127.0.0.1:{first.port}"

    second = supervisor.listen("0.0.0.0", 0)

    assert second is not first
    assert first.socket.fileno() == -1


def test_an_interpreter_that_cannot_be_started_is_a_sentence(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="choose another interpreter") as caught:
        supervisor.spawn(TALKS, role=Role.SERVER, interpreter=str(tmp_path / "none"))

    assert caught.value.where == "server.interpreter"


def test_without_a_listener_there_is_no_address(supervisor: Supervisor) -> None:
    with pytest.raises(RuntimeError, match="no listener"):
        _ = supervisor.address


def test_after_close_nothing_is_started_or_opened_any_more(supervisor: Supervisor) -> None:
    before = leaks.processes()
    supervisor.close()

    with pytest.raises(OptionError, match="The run has ended"):
        supervisor.spawn(TALKS, role=Role.SERVER)
    with pytest.raises(OptionError, match="The run has ended"):
        supervisor.listen("127.0.0.1", 0)

    assert leaks.processes() == before
