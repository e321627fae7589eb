"""The control channel between this process and a real child."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.option_error import OptionError
from explorer.records.states import Role
from explorer.supervise.channel import Child
from explorer.supervise.spawn import spawn

LIMIT_S = 20.0
Start = Callable[[str], Child]


@pytest.fixture
def start(run_folder: Path) -> Iterator[Start]:
    """Spawn a module of `modules` in the run's folder; killed at the end if it still lives."""
    children = []

    def start(name: str) -> Child:
        child = spawn(f"tests.integration.child.modules.{name}", role=Role.SERVER, run=run_folder)
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait(LIMIT_S)


def test_a_print_goes_to_the_log_and_not_into_the_channel(start: Start) -> None:
    child = start("talks")
    child.configure(value=42)

    ready = child.wait_for("ready", LIMIT_S)

    assert ready == {"type": "ready", "config": 42}
    assert child.log is not None
    assert '"printed":true' in child.log.read_text()


def test_messages_from_before_anybody_listened_are_not_lost(start: Start) -> None:
    child = start("talks")
    child.wait_for("warm", LIMIT_S)
    seen: list[dict[str, Any]] = []

    child.on_message(seen.append)

    assert [message.get("name") for message in seen] == ["Interpreter started", "Nothing imported", None]


def test_a_handler_that_fails_is_reported_and_the_channel_goes_on(
    start: Start, wait_until: Callable[..., None]
) -> None:
    child = start("talks")
    seen: list[dict[str, Any]] = []
    child.on_message(seen.append)
    child.configure(value=0)
    child.send("fail")
    child.send("echo", text="still here")

    # What came before the child knew how to handle it is handled kind by kind.
    wait_until(lambda: {"type": "error", "sentence": "division by zero", "where": ""} in seen)
    wait_until(lambda: any(message.get("text") == "still here" for message in seen))


def test_stop_ends_a_child_in_good_order(start: Start) -> None:
    child = start("talks")
    child.configure(value=0)
    child.wait_for("ready", LIMIT_S)
    child.stop(10)

    assert child.wait(LIMIT_S) == 0
    assert child.wait_for("stopped", 0) == {"type": "stopped"}


def test_stop_ends_a_child_that_still_waits_for_its_configuration(start: Start) -> None:
    child = start("talks")
    child.wait_for("warm", LIMIT_S)
    child.stop(10)

    assert child.wait(LIMIT_S) == 0


def test_stop_ends_a_child_whose_main_thread_is_blocked(start: Start) -> None:
    child = start("blocks")
    child.configure()
    child.wait_for("ready", LIMIT_S)
    child.stop(0.3)

    # 0: it ended itself. Had the parent had to kill it, this were the signal.
    assert child.wait(LIMIT_S) == 0


def test_a_child_that_cannot_be_imported_says_so_in_one_sentence(start: Start) -> None:
    child = start("broken")

    with pytest.raises(OptionError, match="No module named 'no_such_package_anywhere'") as caught:
        child.wait_for("warm", LIMIT_S)

    assert "\n" not in str(caught.value)
    assert child.wait(LIMIT_S) == 1


def test_a_child_that_dies_leaves_its_last_words(start: Start) -> None:
    child = start("dies")

    with pytest.raises(OptionError) as caught:
        child.wait_for("warm", LIMIT_S)

    assert str(caught.value) == "The server ended with exit status 7: the last straw"


def test_an_interpreter_without_the_package_leaves_its_last_words(run_folder: Path) -> None:
    child = spawn("explorer.no.such.module", role=Role.SERVER, run=None, env={"PYTHONHOME": str(run_folder)})

    with pytest.raises(OptionError, match="ended with exit status"):
        child.wait_for("warm", LIMIT_S)

    assert child.last_words()


def test_the_end_is_told_once_and_also_to_who_asks_late(start: Start, wait_until: Callable[..., None]) -> None:
    child = start("talks")
    ends: list[int] = []
    child.on_exit(ends.append)
    child.kill()
    wait_until(lambda: ends)
    late: list[int] = []
    child.on_exit(late.append)

    assert ends == late == [-9]


def test_a_child_joins_a_run_that_it_learns_of_later(run_folder: Path) -> None:
    child = spawn("tests.integration.child.modules.talks", role=Role.SERVER)
    assert child.log is None
    child.configure(value=1, run=str(run_folder))
    child.wait_for("ready", LIMIT_S)
    child.stop(5)
    child.wait(LIMIT_S)

    assert '"printed":true' in (run_folder / f"log-server-{child.pid}.txt").read_text()


def test_children_inherit_no_run_from_the_environment(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_RUN", str(run_folder))
    child = spawn("tests.integration.child.modules.talks", role=Role.SERVER)
    child.wait_for("warm", LIMIT_S)
    child.stop(5)
    child.wait(LIMIT_S)

    assert os.listdir(run_folder) == []
