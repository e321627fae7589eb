"""What an interpreter says when it is asked, and the sentences that follow from it."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.option_error import OptionError
from explorer.supervise.interpreters import ask as module
from explorer.supervise.interpreters.ask import Answer, ask
from tests.unit.supervise.fake_python import fake_python

PLAIN = Answer((3, 13, 1), "3.13.1", "CPython", False, True, "", (), "/usr", (), True, False, False)


def test_this_python_says_what_it_is() -> None:
    answer = ask(sys.executable, ("json", "nowhere_to_be_found"))

    assert answer.version == sys.version_info[:3]
    assert answer.implementation == "CPython"
    assert answer.absent == ("nowhere_to_be_found",)
    assert Path(answer.prefix) == Path(sys.prefix)
    assert any(Path(folder).name == "site-packages" for folder in answer.folders)


def test_the_present_folder_holds_no_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lies_here.py").touch()
    monkeypatch.chdir(tmp_path)

    assert ask(sys.executable, ("lies_here",)).absent == ("lies_here",)


def test_an_environment_says_that_it_is_one(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)

    answer = ask(str(tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"), ("fastapi",))

    assert answer.environment
    assert not answer.pip
    assert answer.absent == ("fastapi",)


@pytest.mark.parametrize("program", ["echo hello", "echo '{}'", "echo '[1]'", "exec yes", "sleep 1000 & sleep 1000"])
def test_what_is_no_python_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(module, "LIMIT_S", 0.5)
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{program}\n")
    path.chmod(0o755)
    before = {thread.ident for thread in threading.enumerate()}

    with pytest.raises(OptionError) as caught:
        ask(str(path), ())

    assert str(caught.value) == f"{path} does not answer like a Python; give the path of a Python from 3.11 on."
    assert caught.value.where == "server.interpreter"
    assert {thread.ident for thread in threading.enumerate()} <= before


def test_no_more_is_read_than_an_answer_takes(tmp_path: Path) -> None:
    command = [sys.executable, "-S", "-c", "print('x' * 10**6)"]

    assert len(module._answer(command, module.LIMIT_S)) == module.MOST_BYTES


def test_what_is_printed_at_start_does_not_matter(tmp_path: Path) -> None:
    path = fake_python(tmp_path / "bin" / "python", before="echo a site hook says hello")

    assert ask(str(path), ()).text == "3.12.4"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (PLAIN, ""),
        (replace(PLAIN, version=(3, 8, 1)), "/p is Python 3.8; the server needs 3.11 or newer."),
        (
            replace(PLAIN, implementation="PyPy"),
            "/p is PyPy; what observes the server needs CPython, from 3.11 on.",
        ),
        (
            replace(PLAIN, absent=("fastapi", "psycopg", "other")),
            'The packages fastapi, psycopg are missing; install with: /p -m pip install fastapi "psycopg[binary]"',
        ),
        (
            replace(PLAIN, absent=("httptools",)),
            "The package httptools is missing; choose the HTTP parser h11, or install with: "
            "/p -m pip install httptools",
        ),
    ],
)
def test_why_a_server_cannot_run_under_it(answer: Answer, sentence: str) -> None:
    assert answer.trouble("/p", ("fastapi", "psycopg", "httptools")) == sentence


def test_without_pip_it_is_fetched_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)

    assert (
        replace(PLAIN, pip=False).remedy("/a b/python", ["fastapi"])
        == "'/a b/python' -m ensurepip && '/a b/python' -m pip install fastapi"
    )


def test_uv_installs_where_there_is_no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/bin/uv")

    assert replace(PLAIN, pip=False).remedy("/p", ["fastapi"]) == "uv pip install --python /p fastapi"


def test_what_the_system_looks_after_gets_an_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    place = tmp_path / ".virtualenvs" / "explorer-3.13"

    assert (
        replace(PLAIN, managed=True).remedy("/usr/bin/python3", ["fastapi"])
        == f"/usr/bin/python3 -m venv {place} && {place}/bin/python -m pip install fastapi"
    )
