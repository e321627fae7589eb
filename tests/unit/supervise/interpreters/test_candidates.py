"""Where Pythons are looked for."""

import os
from pathlib import Path

import pytest

from explorer.supervise.interpreters.candidates import MORE, Candidate, Machine, candidates


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder of a machine that has nothing."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def program(path: Path) -> Path:
    """Something that can be executed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n# {path}\n")
    path.chmod(0o755)
    return path


def look(home: Path, *near: Path, platform: str = "linux", **environ: str) -> list[Candidate]:
    """What is found below `home` and `/root-of-machine` beside it."""
    return candidates(Machine(home, environ, platform, near, home.parent / "root"))


def test_a_machine_that_has_none(home: Path) -> None:
    assert look(home) == []


@pytest.mark.parametrize(
    ("place", "origin"),
    [
        (".pyenv/versions/3.13.0/bin/python", "pyenv"),
        (".local/share/uv/python/cpython-3.14.0-linux-x86_64-gnu/bin/python3.14", "uv"),
        ("miniconda3/bin/python", "conda"),
        ("miniforge3/envs/work/bin/python3", "conda"),
        (".virtualenvs/work/bin/python", "virtual environment"),
        (".local/share/mise/installs/python/3.12.1/bin/python", "mise"),
        (".asdf/installs/python/3.12.1/bin/python", "asdf"),
        (".local/share/hatch/pythons/3.12/python/bin/python3", "Hatch"),
    ],
)
def test_version_managers_and_environments(home: Path, place: str, origin: str) -> None:
    path = program(home / place)

    assert look(home) == [Candidate(path, origin)]


@pytest.mark.parametrize(
    "place",
    [
        "usr/bin/python3.11",
        "usr/local/bin/python3.14t",
        "opt/homebrew/bin/python3",
        "Library/Frameworks/Python.framework/Versions/3.13/bin/python3",
        "Library/Frameworks/PythonT.framework/Versions/3.13/bin/python3.13t",
        "opt/python3.12/bin/python3",
        "opt/conda/bin/python",
    ],
)
def test_places_of_the_system(home: Path, place: str) -> None:
    path = program(home.parent / "root" / place)

    assert [found.path for found in look(home)] == [path]


def test_what_only_sounds_like_an_interpreter_is_none(home: Path) -> None:
    for name in ("python3-config", "pythonw-helper", "python3.11-gdb.py", "ipython"):
        program(home.parent / "root" / "usr/bin" / name)
    quiet = program(home.parent / "root" / "usr/bin/python3.9")
    quiet.chmod(0o644)

    assert look(home) == []


def test_links_to_one_interpreter_count_once_and_the_most_exact_name_stays(home: Path, tmp_path: Path) -> None:
    exact = program(tmp_path / "bin" / "python3.12")
    for name in ("python", "python3"):
        (tmp_path / "bin" / name).symlink_to("python3.12")
    (tmp_path / "sbin").symlink_to("bin")

    found = look(home, PATH=os.pathsep.join((str(tmp_path / "sbin"), str(tmp_path / "bin"))))

    assert [each.path.name for each in found] == [exact.name]


def test_an_environment_is_one_of_its_own_though_its_interpreter_is_a_link(home: Path, tmp_path: Path) -> None:
    base = program(tmp_path / "bin" / "python3.12")
    environments = []
    for name in (".venv", "other"):
        inside = tmp_path / "project" / name / "bin"
        inside.mkdir(parents=True)
        (inside.parent / "pyvenv.cfg").touch()
        (inside / "python").symlink_to(base)
        (inside / "python3").symlink_to("python")
        environments.append(inside / "python")

    found = look(home, tmp_path / "project", PATH=str(tmp_path / "bin"))

    assert sorted(each.path for each in found[:2]) == sorted(environments)
    assert [each.path for each in found[2:]] == [base]


def test_the_active_environment_comes_first(home: Path, tmp_path: Path) -> None:
    active = program(tmp_path / "active" / "bin" / "python")
    program(home / ".pyenv/versions/3.13.0/bin/python")

    assert look(home, VIRTUAL_ENV=str(tmp_path / "active"))[0] == Candidate(active, "virtual environment")


def test_scripts_that_start_one_python_or_another_are_left_out(home: Path, tmp_path: Path) -> None:
    program(tmp_path / "shims" / "python3.13")

    assert look(home, PATH=str(tmp_path / "shims")) == []


def test_more_places_are_named_in_the_environment(home: Path, tmp_path: Path) -> None:
    single = program(tmp_path / "odd" / "mypython")
    several = [program(tmp_path / "many" / name / "bin" / "python") for name in ("b3.14", "a3.13")]

    found = look(home, **{MORE: os.pathsep.join((str(single), str(tmp_path / "many")))})

    assert [each.path for each in found] == [single, *several]


def test_conda_says_where_its_environments_are(home: Path, tmp_path: Path) -> None:
    path = program(tmp_path / "elsewhere" / "env" / "bin" / "python")
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text(f"{tmp_path / 'elsewhere' / 'env'}\n")

    assert look(home) == [Candidate(path, "conda")]


def test_windows_keeps_them_elsewhere(home: Path) -> None:
    path = program(home / "AppData/Local/Programs/Python/Python313/python.exe")
    threads = program(home / "AppData/Local/Programs/Python/Python314/python3.14t.exe")

    assert [each.path for each in look(home, platform="win32")] == [threads, path]


def test_the_python_of_a_mac_that_would_open_a_dialog_is_not_started(home: Path) -> None:
    root = home.parent / "root"
    path = program(root / "usr/bin/python3")
    assert look(home, platform="darwin") == []

    (root / "Library/Developer/CommandLineTools").mkdir(parents=True)

    assert [each.path for each in look(home, platform="darwin")] == [path]
