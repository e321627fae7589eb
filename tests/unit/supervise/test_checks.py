"""What is said before anything starts."""

import sys
from pathlib import Path
from typing import Any

import pytest

from explorer.catalog import Catalog
from explorer.option_error import OptionError
from explorer.scenario import OldestPython, ServerKnobs, packages, parse
from explorer.supervise.checks import Checks
from explorer.supervise.interpreters.ask import Answer, ask
from explorer.supervise.interpreters.candidates import MORE, Machine
from explorer.supervise.interpreters.find import Interpreters
from tests.unit.supervise.fake_python import fake_python


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A program that stands for an interpreter; write what it does."""
    return tmp_path / "python"


def complaint(knobs: ServerKnobs) -> tuple[str, str]:
    """The sentence about these knobs, and where it points."""
    with pytest.raises(OptionError) as caught:
        Checks().server(knobs)
    return str(caught.value), caught.value.where


def test_the_defaults_can_start() -> None:
    Checks().server(ServerKnobs())


def test_this_interpreter_given_by_its_path_can_start() -> None:
    Checks().server(ServerKnobs(interpreter=sys.executable))


def test_an_interpreter_that_does_not_exist(tmp_path: Path) -> None:
    sentence, where = complaint(ServerKnobs(interpreter=str(tmp_path / "none")))

    assert "There is no interpreter" in sentence
    assert where == "server.interpreter"


def test_an_interpreter_that_is_none(script: Path) -> None:
    script.write_text("#!/bin/sh\necho hello\n")
    script.chmod(0o755)

    sentence, where = complaint(ServerKnobs(interpreter=str(script)))

    assert "does not answer like a Python" in sentence
    assert where == "server.interpreter"


@pytest.mark.parametrize(
    ("version", "absent", "words"),
    [
        ("3.8.1", [], "is Python 3.8; the server needs 3.11 or newer."),
        ("3.12.1", ["fastapi", "uvicorn"], "The packages fastapi, uvicorn are missing; install with: {} -m pip"),
    ],
)
def test_an_interpreter_that_will_not_do(script: Path, version: str, absent: list[str], words: str) -> None:
    fake_python(script, version, absent=absent)

    sentence, where = complaint(ServerKnobs(interpreter=str(script)))

    assert words.format(script) in sentence
    assert where == "server.interpreter"


def test_an_interpreter_is_asked_once(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_python(script)
    asked: list[str] = []

    def counted(interpreter: str, *rest: Any) -> Answer:
        asked.append(interpreter)
        return ask(interpreter, *rest)

    monkeypatch.setattr("explorer.supervise.interpreters.find.ask", counted)
    checking = Checks()

    for _ in range(3):
        checking.server(ServerKnobs(interpreter=str(script)))

    assert asked == [str(script)]


def test_a_version_becomes_the_path_that_the_child_is_started_with(tmp_path: Path) -> None:
    script = fake_python(tmp_path / "pythons" / "one" / "bin" / "python", "3.99.0")
    machine = Machine(tmp_path, {MORE: str(tmp_path / "pythons")}, "linux", (), tmp_path / "root")
    checking = Checks(Interpreters(lambda: machine))

    checking.server(ServerKnobs(interpreter="3.99"))

    assert checking.path("3.99") == str(script)
    assert checking.path("") == ""


def test_a_gil_that_came_back_is_no_reason_not_to_start(script: Path) -> None:
    fake_python(script, free=True, gil=True, by=["httptools"])
    checking = Checks()

    checking.server(ServerKnobs(interpreter=str(script)))

    assert checking.remark(str(script)).startswith("httptools switches the GIL of this free-threaded Python on again;")
    assert checking.remark("") == ""


NEW = OldestPython((3, 99), "Interpreter pool")


@pytest.mark.parametrize("interpreter", [True, False])
def test_a_feature_that_needs_a_newer_python(script: Path, interpreter: bool) -> None:
    fake_python(script, "3.12.4")
    here = "3.12.4" if interpreter else "{}.{}.{}".format(*sys.version_info[:3])

    with pytest.raises(OptionError) as caught:
        Checks().server(ServerKnobs(interpreter=str(script) if interpreter else ""), oldest=NEW)

    assert str(caught.value) == (
        f"Interpreter pool needs Python 3.99 or newer for the server, and this one is {here}; "
        "choose another at Interpreter (server.interpreter)."
    )
    assert caught.value.where == "server.interpreter"


@pytest.mark.parametrize(
    ("knobs", "package", "where"),
    [
        (ServerKnobs(loop="uvloop", http="h11"), "uvloop", "server.loop"),
        (ServerKnobs(http="httptools"), "httptools", "server.http"),
    ],
)
def test_a_missing_loop_or_parser_names_its_package(
    monkeypatch: pytest.MonkeyPatch, knobs: ServerKnobs, package: str, where: str
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    sentence, at = complaint(knobs)

    assert sentence == f"The package {package} is missing; install with: {sys.executable} -m pip install {package}"
    assert at == where


WEBSOCKET = packages(Catalog(), parse(Catalog(), {"workload": "websocket"}))


def test_the_websocket_workload_needs_its_package_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "websockets" else name)

    with pytest.raises(OptionError) as caught:
        Checks().server(ServerKnobs(), WEBSOCKET)

    assert (
        str(caught.value)
        == f"The package websockets is missing; install with: {sys.executable} -m pip install websockets"
    )
    assert caught.value.where == "workload"
    Checks().server(ServerKnobs())


def test_the_websocket_workload_needs_its_package_in_another_interpreter(script: Path) -> None:
    fake_python(script, absent=["websockets"])
    knobs = ServerKnobs(interpreter=str(script))

    Checks().server(knobs)
    with pytest.raises(OptionError, match="The package websockets is missing"):
        Checks().server(knobs, WEBSOCKET)


def test_what_a_model_needs_besides_is_asked_of_the_interpreter() -> None:
    with pytest.raises(OptionError, match=r"package nowhere_to_be_found is missing; install with: .* nowhere_to_be"):
        Checks().server(
            ServerKnobs(interpreter=sys.executable), packages={"fastapi": "model", "nowhere_to_be_found": "model"}
        )
