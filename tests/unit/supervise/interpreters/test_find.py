"""Interpreters are asked in parallel, once, and again when something has changed."""

import os
import sys
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from explorer.option_error import OptionError
from explorer.supervise.interpreters.ask import Answer, ask
from explorer.supervise.interpreters.candidates import MORE, Machine
from explorer.supervise.interpreters.find import Interpreter, Interpreters, gil_again
from tests.unit.supervise.fake_python import fake_python
from tests.waiting import wait_until

Asked = list[str]


@pytest.fixture
def machine(tmp_path: Path) -> Callable[[], Machine]:
    """A machine that has what lies in the folder `pythons`."""
    return lambda: Machine(tmp_path / "home", {MORE: str(tmp_path / "pythons")}, "linux", (), tmp_path / "root")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The names of the folders of those that were really asked, one for each time."""
    names: Asked = []

    def counted(path: str, *rest: Any) -> Answer:
        names.append(Path(path).parent.parent.name)
        return ask(path, *rest)

    monkeypatch.setattr("explorer.supervise.interpreters.find.ask", counted)
    return names


def put(tmp_path: Path, name: str, version: str, **told: Any) -> Path:
    """One more interpreter for the machine."""
    return fake_python(tmp_path / "pythons" / name / "bin" / "python", version, **told)


def others(found: list[Interpreter]) -> list[str]:
    """The titles of what was found besides the Python that runs the tests."""
    assert found[0].own
    return [each.title for each in found[1:]]


def test_all_are_found_newest_first(tmp_path: Path, machine: Callable[[], Machine]) -> None:
    put(tmp_path, "a", "3.12.4")
    put(tmp_path, "b", "3.14.0", free=True, gil=False)
    put(tmp_path, "c", "3.14.0")
    (tmp_path / "pythons/broken/bin").mkdir(parents=True)
    (tmp_path / "pythons/broken/bin/python").write_text("#!/bin/sh\necho broken\n")
    (tmp_path / "pythons/broken/bin/python").chmod(0o755)

    assert others(Interpreters(machine).find(())) == [
        "Python 3.14.0",
        "Python 3.14.0 · free-threaded",
        "Python 3.12.4",
    ]


def test_each_is_told_as_it_answers(tmp_path: Path, machine: Callable[[], Machine]) -> None:
    put(tmp_path, "a", "3.12.4")
    told: list[str] = []

    found = Interpreters(machine).find((), told=lambda each: told.append(each.path))

    assert sorted(told) == sorted(each.path for each in found)


def test_they_are_asked_side_by_side(
    tmp_path: Path, machine: Callable[[], Machine], asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = threading.Barrier(3, timeout=20)
    for name in "abc":
        put(tmp_path, name, "3.12.4")
    interpreters = Interpreters(machine)
    really = interpreters.asked

    def meet(path: str, packages: Collection[str], tried: Collection[str] = ()) -> Answer:
        if "pythons" in path:
            meeting.wait()  # broken, and so a failure, unless all three are asked at once
        return really(path, packages, tried)

    monkeypatch.setattr(interpreters, "asked", meet)
    interpreters.find(())

    assert sorted(name for name in asked if name in "abc") == ["a", "b", "c"]


def test_one_installation_under_two_names_counts_once(tmp_path: Path, machine: Callable[[], Machine]) -> None:
    for name in ("a", "b"):
        put(tmp_path, name, "3.12.4", prefix="/opt/python")

    assert others(Interpreters(machine).find(())) == ["Python 3.12.4"]


def test_nobody_is_asked_twice(tmp_path: Path, machine: Callable[[], Machine], asked: Asked) -> None:
    put(tmp_path, "a", "3.12.4")
    silent = tmp_path / "pythons" / "silent" / "bin" / "python"
    silent.parent.mkdir(parents=True)
    silent.write_text("#!/bin/sh\n")
    silent.chmod(0o755)
    interpreters = Interpreters(machine)

    for _ in range(3):
        interpreters.find(("fastapi",))

    assert asked.count("a") == 1
    assert asked.count("silent") == 1


def test_a_package_that_was_just_installed_is_seen(tmp_path: Path, machine: Callable[[], Machine]) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    path = put(tmp_path, "a", "3.12.4", absent=["fastapi"], packages=[str(packages)])
    interpreters = Interpreters(machine)
    assert interpreters.asked(str(path), ("fastapi",)).absent == ("fastapi",)

    stays = path.stat().st_mtime_ns
    put(tmp_path, "a", "3.12.4", packages=[str(packages)])
    os.utime(path, ns=(stays, stays))
    os.utime(packages, ns=(0, packages.stat().st_mtime_ns + 1))

    assert interpreters.asked(str(path), ("fastapi",)).absent == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [("3.17", "new"), ("3.17.1", "old"), ("3.18t", "threads"), ("Python 3.17", "new"), ("3.19", "whole")],
)
def test_a_version_stands_for_the_best_that_has_it(
    tmp_path: Path, machine: Callable[[], Machine], text: str, name: str
) -> None:
    put(tmp_path, "old", "3.17.1")
    put(tmp_path, "new", "3.17.4")
    put(tmp_path, "threads", "3.18.0", free=True, gil=False)
    put(tmp_path, "bare", "3.19.2", absent=["fastapi"])
    put(tmp_path, "whole", "3.19.1")

    path = Interpreters(machine).resolve(text, ("fastapi",))

    assert Path(path).parent.parent.name == name


def test_of_one_version_the_one_that_lacks_the_fewest_packages_is_the_best(
    tmp_path: Path, machine: Callable[[], Machine]
) -> None:
    put(tmp_path, "bare", "3.18.9", absent=["fastapi", "uvicorn", "distributed"])
    put(tmp_path, "nearly", "3.18.1", absent=["distributed"])
    path = Interpreters(machine).resolve("3.18", ("fastapi", "uvicorn", "distributed"))
    assert Path(path).parent.parent.name == "nearly"


def test_the_folder_of_an_environment_means_its_interpreter(tmp_path: Path, machine: Callable[[], Machine]) -> None:
    for place in ("bin/python", "bin/python3"):
        (tmp_path / "env" / "bin").mkdir(parents=True, exist_ok=True)
        (tmp_path / "env" / place).symlink_to(sys.executable)
    assert Interpreters(machine).resolve(str(tmp_path / "env"), ()) == str(tmp_path / "env/bin/python")
    with pytest.raises(OptionError, match="There is no interpreter"):
        Interpreters(machine).resolve(str(tmp_path), ())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("3.18", "The Python 3.18 on this machine is a free-threaded build; write 3.18t to use it."),
        (
            "3.12t",
            "The Python 3.12 on this machine is no free-threaded build; install one (python3.12t), or write 3.12.",
        ),
        ("3.17", "No Python 3.17 was found here; found are: "),
        ("nowhere/python", "There is no interpreter 'nowhere/python'; give the path of a Python, such as "),
    ],
)
def test_what_is_not_there_is_one_sentence(
    tmp_path: Path, machine: Callable[[], Machine], text: str, sentence: str
) -> None:
    put(tmp_path, "a", "3.12.4")
    put(tmp_path, "threads", "3.18.0", free=True, gil=False)

    with pytest.raises(OptionError) as caught:
        Interpreters(machine).resolve(text, ())

    # The Python that runs the tests is found as well and may have any version.
    if not sys_is(text):
        assert str(caught.value).startswith(sentence)
    assert caught.value.where == "server.interpreter"


def sys_is(text: str) -> bool:
    """Whether the tests run under this version."""
    return text.rstrip("t") == f"{sys.version_info.major}.{sys.version_info.minor}"


def test_a_path_is_taken_as_it_is(tmp_path: Path, machine: Callable[[], Machine], asked: Asked) -> None:
    path = put(tmp_path, "a", "3.12.4")

    assert Interpreters(machine).resolve(str(path), ()) == str(path)
    assert asked == []


FREE = Answer((3, 14, 0), "3.14.0", "CPython", True, False, "", (), "/usr", (), True, False, False)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (FREE, ""),
        (replace(FREE, free_threaded=False, gil=True), ""),
        (replace(FREE, gil=True, switched_on_by="httptools"), "httptools switches the GIL of this free-threaded"),
        (replace(FREE, gil=True, switched_on_by="httptools"), "choose the HTTP parser h11."),
        (replace(FREE, gil=True, switched_on_by="uvloop"), "choose the event loop asyncio."),
        (replace(FREE, gil=True, switched_on_by="psycopg"), "use a newer version of it."),
        (replace(FREE, gil=True), "take PYTHON_GIL out of the environment."),
    ],
)
def test_a_gil_that_came_back_is_said(answer: Answer, words: str) -> None:
    said = gil_again(answer)

    assert words in said
    assert bool(said) == bool(words)


def test_closing_ends_those_that_have_not_answered(tmp_path: Path, machine: Callable[[], Machine]) -> None:
    flag = tmp_path / "started"
    put(tmp_path, "slow", "3.12.4", before=f"touch {flag}; sleep 1000 & sleep 1000")
    interpreters = Interpreters(machine)
    found: list[list[Interpreter]] = []
    finding = threading.Thread(target=lambda: found.append(interpreters.find(())))
    finding.start()
    wait_until(flag.exists)

    interpreters.close()

    finding.join(20)
    assert not finding.is_alive()
    assert "Python 3.12.4" not in [each.title for each in found[0]]
    assert interpreters.find(()) == []


def near(tmp_path: Path, version: str, *modules: str, libraries: str = "python3.12") -> tuple[Path, Path]:
    """An environment in the folder `project` whose interpreter leaves a trace when it is started; both paths."""
    trace = tmp_path / "started"
    path = fake_python(tmp_path / "project/env/bin/python", version, before=f"touch {trace}")
    (tmp_path / "project/env/pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")
    for name in ("", *modules):
        (tmp_path / "project/env/lib" / libraries / "site-packages" / name).mkdir(parents=True, exist_ok=True)
    return path, trace


def seen_from(tmp_path: Path, **environ: str) -> Interpreters:
    """Those of a machine that is looked at from the folder `project`."""
    return Interpreters(
        lambda: Machine(tmp_path / "home", environ, "linux", (tmp_path / "project",), tmp_path / "root")
    )


def test_an_environment_that_only_lies_near_is_listed_without_being_started(tmp_path: Path) -> None:
    path, trace = near(tmp_path, "3.12.9", "fastapi", "pip")

    _, found = seen_from(tmp_path).find(("fastapi", "uvicorn"))

    assert (found.path, found.title, found.asked) == (str(path), "Python 3.12.9", False)
    assert found.answer.absent == ("uvicorn",)
    assert found.answer.remedy(found.path, ["uvicorn"]) == f"{path} -m pip install uvicorn"
    assert "not started before" in found.remark
    assert not trace.exists()


def test_its_folders_tell_a_free_threaded_build(tmp_path: Path) -> None:
    near(tmp_path, "3.12.9", libraries="python3.12t")

    assert others(seen_from(tmp_path).find(())) == ["Python 3.12.9 · free-threaded"]


def test_a_version_never_means_it_but_its_path_does(tmp_path: Path) -> None:
    path, trace = near(tmp_path, "3.12.9", "fastapi")
    interpreters = seen_from(tmp_path)

    with pytest.raises(OptionError) as caught:
        interpreters.resolve("3.12.9", ("fastapi",))

    assert str(caught.value).startswith(f"Only {path} is Python 3.12.9; give this path")
    assert not trace.exists()
    assert interpreters.asked(interpreters.resolve(str(path), ()), ()).text == "3.12.9"
    assert trace.exists()


@pytest.mark.parametrize("key", ["VIRTUAL_ENV", MORE])
def test_it_is_asked_when_it_is_activated_or_named(tmp_path: Path, key: str) -> None:
    path, trace = near(tmp_path, "3.12.9")

    _, found = seen_from(tmp_path, **{key: str(path.parent.parent)}).find(())

    assert found.asked
    assert trace.exists()


def test_one_that_the_search_path_names_as_well_is_asked(tmp_path: Path) -> None:
    path, trace = near(tmp_path, "3.12.9")

    _, found = seen_from(tmp_path, PATH=str(path.parent)).find(())

    assert found.asked
    assert trace.exists()


@pytest.mark.parametrize("text", [None, "", "version = three\n", "\0\xff"])
def test_one_that_does_not_say_what_it_is_is_not_listed(tmp_path: Path, text: str | None) -> None:
    _, trace = near(tmp_path, "3.12.9")
    configuration = tmp_path / "project/env/pyvenv.cfg"
    configuration.unlink()
    if text is not None:
        configuration.write_text(text, encoding="latin-1")

    assert others(seen_from(tmp_path).find(())) == []
    assert not trace.exists()
