"""What is said before anything starts."""

import sys
import threading
from pathlib import Path

import pytest

from explorer.catalog import Catalog
from explorer.options import OptionError
from explorer.scenario import ServerKnobs, packages, parse
from explorer.supervise import checks
from explorer.supervise.checks import Checks

BROKEN = "#!/bin/sh\necho hello\n"
OLD = "#!/bin/sh\necho 3 8\necho\n"
BARE = "#!/bin/sh\necho 3 12\necho fastapi uvicorn\n"


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


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (BROKEN, "does not answer like a Python"),
        (OLD, "is Python 3.8; the server needs 3.11 or newer."),
        (BARE, "The packages fastapi, uvicorn are missing; install with: {} -m pip install fastapi uvicorn"),
    ],
)
def test_an_interpreter_that_will_not_do(script: Path, program: str, words: str) -> None:
    script.write_text(program)
    script.chmod(0o755)

    sentence, where = complaint(ServerKnobs(interpreter=str(script)))

    assert words.format(script) in sentence
    assert where == "server.interpreter"


@pytest.mark.parametrize("program", ["#!/bin/sh\nexec yes\n", "#!/bin/sh\nsleep 1000 & sleep 1000\n"])
def test_an_interpreter_that_floods_or_never_answers(
    script: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "LIMIT_S", 0.2)
    script.write_text(program)
    script.chmod(0o755)
    before = {thread.ident for thread in threading.enumerate()}

    sentence, _ = complaint(ServerKnobs(interpreter=str(script)))

    assert "does not answer like a Python" in sentence
    assert {thread.ident for thread in threading.enumerate()} <= before


def test_no_more_is_read_than_an_answer_takes(script: Path) -> None:
    script.write_text(f"#!/bin/sh\nexec '{sys.executable}' -S -c \"print('3 12\\\\n' + '\\\\n' + 'x' * 10**6)\"\n")
    script.chmod(0o755)

    assert len(checks._answer([str(script)])) == checks.MOST_BYTES


def test_an_interpreter_is_asked_once(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script.write_text("#!/bin/sh\necho 3 12\necho\n")
    script.chmod(0o755)
    asked: list[str] = []
    really_ask = checks._ask

    def ask(interpreter: str, packages: tuple[str, ...]) -> str | None:
        asked.append(interpreter)
        return really_ask(interpreter, packages)

    monkeypatch.setattr(checks, "_ask", ask)
    checking = Checks()

    for _ in range(3):
        checking.server(ServerKnobs(interpreter=str(script)))

    assert asked == [str(script)]


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
    script.write_text(
        '#!/bin/sh\necho 3 12\nfor word in "$@"; do [ "$word" = websockets ] && echo websockets; done\necho\n'
    )
    script.chmod(0o755)
    knobs = ServerKnobs(interpreter=str(script))

    Checks().server(knobs)
    with pytest.raises(OptionError, match="The package websockets is missing"):
        Checks().server(knobs, WEBSOCKET)


def test_what_a_model_needs_besides_is_asked_of_the_interpreter() -> None:
    with pytest.raises(OptionError, match=r"package nowhere_to_be_found is missing; install with: .* nowhere_to_be"):
        Checks().server(
            ServerKnobs(interpreter=sys.executable), packages={"fastapi": "model", "nowhere_to_be_found": "model"}
        )
