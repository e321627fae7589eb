"""What cannot work is said in one sentence, with exit status 2, before anything has started."""

import json
import os
import socket
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.supervise.interpreters.find import OWN
from tests.end2end.command import Ended, built, explorer, run_folders, run_folders_since


@pytest.fixture(autouse=True)
def leaves_no_run() -> Iterator[None]:
    """Nothing has started: not even a run's folder is left."""
    before = run_folders()
    yield
    assert not run_folders_since(before)


def sentence(ended: Ended) -> str:
    """The one sentence of a command that refused; fails if it said anything else or did anything."""
    assert ended.status == 2, ended
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert len(lines) == 1, ended.err
    assert lines[0].startswith("concurrency-explorer: ")
    assert lines[0].endswith((".", "?", ")")) or ": " in lines[0]
    return lines[0].removeprefix("concurrency-explorer: ")


REFUSALS: dict[str, tuple[tuple[str, ...], str]] = {
    "too many tokens": (("--set", "dispatch.tokens=5000"), "dispatch.tokens (Tokens) must be from 1 to 1,000 threads."),
    "a word for a number": (("--set", "dispatch.tokens=many"), "dispatch.tokens (Tokens) must be a whole number from"),
    "a misspelt knob": (("--set", "dispatch.token=5"), "There is no knob 'dispatch.token'. Did you mean 'tokens'?"),
    "a misspelt section": (("--set", "dispach.tokens=5"), "There is no section 'dispach'. Did you mean 'dispatch'?"),
    "no equals sign": (("--set", "tokens"), "'tokens' is not of the form section.key=value"),
    "an unknown model": (("--model", "evnt_loop"), "There is no model 'evnt_loop'. Did you mean 'event_loop'?"),
    "an unknown dispatch": (("--dispatch", "threads"), "There is no dispatch 'threads'. "),
    "an unknown workload": (("--workload", "slep"), "There is no workload 'slep'. Did you mean 'sleep'?"),
    "a missing file": (("/nowhere/at/all.toml",), "There is no file /nowhere/at/all.toml. Check the path."),
    "work that never awaits": (
        ("--dispatch", "coroutine", "--workload", "cpu_python"),
        "Python work never awaits; choose the blocking coroutine, the thread pool or the process pool.",
    ),
    "users and a rate": (("--users", "3", "--rate", "5"), "--users and --rate exclude one another; give one of them."),
    "a burst and users": (("--burst", "3", "--users", "5"), "--users and --burst exclude one another"),
    "poisson alone": (("--poisson",), "--poisson needs --rate."),
    "no duration": (("--duration", "0"), "--duration must be above 0 seconds."),
    "a negative duration": (("--duration", "-1"), "--duration must be above 0 seconds."),
    "too many users": (("--users", "-1"), "load.users (Users) must be from 0 to 10,000 users."),
    "a core that is not there": (("--set", "server.affinity=4096"), "There is no core 4096 for this program"),
    "a host that is not here": (("--set", "server.host=192.0.2.1"), "192.0.2.1 is not an address of this machine"),
    "a recording by another name": (("--record", "out.zip"), "out.zip would not open as a recording; give a name that"),
    "no such interpreter": (("--set", "server.interpreter=/nowhere/py"), "There is no interpreter '/nowhere/py'"),
    "no such version": (("--interpreter", "3.77"), "No Python 3.77 was found here; found are: "),
    "one of two that is not there": (
        ("--interpreter", "", "--interpreter", "/nowhere/py", "--duration", "1"), "There is no interpreter '/nowhere/",
    ),
    "two without an end": (("--interpreter", "", "--interpreter", ""), "Runs one after the other need an end; give"),
    "two in one file": (
        ("--interpreter", "", "--interpreter", "", "--duration", "1", "--record", "out.cxrec"),
        "--record keeps one run; give one --interpreter with it.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_a_run_that_cannot_be_is_refused_in_a_sentence(words: tuple[str, ...], expected: str) -> None:
    assert expected in sentence(explorer("run", *words))


def test_a_recording_without_an_ending_gets_one(tmp_path: Path) -> None:
    (tmp_path / "out.cxrec").mkdir()

    assert "out.cxrec is a folder" in sentence(explorer("run", "--record", tmp_path / "out"))


@pytest.mark.skipif(sys.platform != "linux", reason="the variable is Linux's")
@pytest.mark.parametrize("words", [("--record", "out.cxrec"), ()])
def test_a_place_for_runs_that_cannot_be_made(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file" / "data"))
    monkeypatch.chdir(tmp_path)

    assert "No folder for the run can be made in" in sentence(explorer("run", "--duration", "1", *words))


@pytest.mark.parametrize("option", ["--json", "--record"])
def test_a_file_that_cannot_be_written_is_refused_before_the_run(option: str, tmp_path: Path) -> None:
    suffix = "cxrec" if option == "--record" else "json"
    said = sentence(explorer("run", option, tmp_path / "missing" / f"file.{suffix}", "--duration", "1"))
    assert "The folder" in said
    assert "does not exist" in said


@pytest.mark.parametrize("option", ["--json", "--record"])
def test_a_folder_in_place_of_a_file_is_refused_before_the_run(option: str, tmp_path: Path) -> None:
    said = sentence(explorer("run", option, tmp_path, "--duration", "1"))
    assert str(tmp_path) in said


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert str(tmp_path) in sentence(explorer("run", "--json", tmp_path / "file.json", "--duration", "1"))


BROKEN = {
    "no TOML": ('model = "event_loop\n', "is not valid TOML"),
    "no scenario": ("modell = 3\n", "A scenario has no part 'modell'. Did you mean 'model'?"),
    "a table that is none": ("load = 3\n", "'load' must be a table, written [load]."),
    "a phase out of bounds": ("[[load.phase]]\nat = -1\n", "load.phase.at (Begins at) must be from 0 to 86,400 s."),
    "a share above 1": (
        '[[also]]\nworkload = "sleep"\nshare = 3\n',
        "In [[also]] 1: The share must be a number from 0 to 1.",
    ),
    "a second workload without one": ("[[also]]\nshare = 0.5\n", "In [[also]] 1: The workload is missing; give one,"),
    "an id that is no word": ('model = { id = ["event_loop"] }\n', "model.id must be a word in quotes, such as id = "),
    "another than the schema's type": (
        '[load]\nusers = "many"\n',
        "load.users (Users) must be a whole number from 0 to 10,000 users.",
    ),
    "phases that are none": ("[load]\nphase = 3\n", "must be a list of tables, each written [[load.phase]]."),
    "second workloads that are none": ("also = 3\n", "'also' must be a list of tables, each written [[also]]."),
}


@pytest.mark.parametrize(("text", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_broken_scenario_is_refused_in_a_sentence(text: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text)
    assert expected in sentence(explorer("run", path))


def test_a_scenario_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.toml"
    path.write_bytes(b"\x89PNG\xff\xfe")
    assert "is no text" in sentence(explorer("run", path))


@pytest.mark.parametrize("after", ["nan", "-3", "inf", "3601"])
def test_a_picture_at_no_time_is_refused(after: str, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    said = sentence(explorer("screenshot", "-o", picture, "--after", after))
    assert said == "--after must be from 0 to 3,600 seconds."
    assert not picture.exists()


def test_a_port_in_use_is_refused_with_the_name_of_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = sentence(explorer("run", "--set", f"server.port={port}", "--duration", "1"))
    assert f"Port {port} is in use by" in said
    assert f"(pid {os.getpid()})" in said


def test_an_interpreter_without_the_framework_is_refused_with_what_to_install(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    python.chmod(0o755)
    said = sentence(explorer("run", "--set", f"server.interpreter={python}", "--duration", "1"))
    assert "fastapi" in said
    # Where the system looks after its Python, packages go into an environment of their own.
    base = sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix})
    managed = (Path(base) / "EXTERNALLY-MANAGED").is_file()
    first = f"{python} -m venv " if managed else f"{python} -m ensurepip && {python} -m pip install fastapi"
    assert f"install with: {first}" in said
    assert "-m pip install fastapi" in said


def test_a_program_that_is_no_python_is_refused() -> None:
    said = sentence(explorer("run", "--set", "server.interpreter=/bin/true", "--duration", "1"))
    assert "/bin/true does not answer like a Python" in said


def test_open_refuses_what_is_neither_recording_nor_scenario(tmp_path: Path) -> None:
    assert "There is no file" in sentence(explorer("open", tmp_path / "missing.cxrec"))
    (tmp_path / "notes.txt").write_text("hello")
    assert "is none of a recording" in sentence(explorer("open", tmp_path / "notes.txt"))
    (tmp_path / "broken.cxrec").write_text("hello")
    assert "broken.cxrec" in sentence(explorer("open", tmp_path / "broken.cxrec"))


def test_what_click_refuses_has_the_same_exit_status() -> None:
    for words in (("run", "--users", "many"), ("list", "nothing"), ("fly",)):
        ended = explorer(*words)
        assert ended.status == 2
        assert ended.out == ""
        assert "Traceback" not in ended.err


@pytest.mark.parametrize("what", ["models", "dispatch", "workloads"])
def test_list_tells_features_and_knobs_as_json(what: str) -> None:
    ended = explorer("list", what, "--json", "-")
    assert (ended.status, ended.err) == (0, "")
    features = json.loads(ended.out)
    assert all(
        set(feature) == {"id", "title", "summary", "available", "reason", "knobs"}
        and feature["available"] is (feature["reason"] is None)
        and feature["knobs"]["type"] == "object"
        for feature in features
    )
    expected = {
        "models": {"event_loop", "prefork"},
        "dispatch": {"coroutine", "blocking_coroutine", "thread_pool", "process_pool", "interpreter_pool"},
        "workloads": {"sleep", "cpu_python", "cpu_native", "mixed", "file_io"},
    }[what]
    assert {feature["id"] for feature in features} >= expected


def test_list_names_knobs_and_bounds_for_people() -> None:
    ended = explorer("list", "dispatch")
    assert ended.status == 0
    assert "dispatch.tokens = 40 threads" in ended.out
    assert "from 1 to 1,000" in ended.out


def test_list_names_the_pythons_of_this_machine() -> None:
    text, data = explorer("list", "interpreters"), explorer("list", "interpreters", "--json", "-")

    assert (text.status, data.status) == (0, 0)
    found = json.loads(data.out)
    own = [(each["path"], each["available"], each["version"]) for each in found if each["origin"] == OWN]
    # A built program has a Python inside, which is none that a server could be given by its path.
    here = (sys.executable, True, ".".join(map(str, sys.version_info[:3])))
    assert own == ([] if built() else [here])
    assert len({each["path"] for each in found}) == len(found)
    assert all((each["reason"] is None) == each["available"] for each in found)
    assert all(line.startswith(("Python ", "    ")) or "/" in line for line in text.out.splitlines())


def test_doctor_examines_this_machine(tmp_path: Path) -> None:
    ended = explorer("doctor", "--json", tmp_path / "doctor.json")
    assert (ended.status, ended.err) == (0, "")
    found = json.loads((tmp_path / "doctor.json").read_text())
    assert {"versions", "machine", "thread states", "disk", "databases", "window"} <= set(found)
    assert found["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["machine"]["cores"] >= 1
    assert built() or sys.executable in found["interpreters"]["usable"]
    assert found["disk"]["writable"] == "yes"
    assert "versions" in ended.out


def test_a_file_in_the_place_of_a_command_is_one_to_open() -> None:
    assert sentence(explorer("no-such.cxrec")) == "There is no file no-such.cxrec. Check the path."
    assert "There is no file no-such, and no scenario of this name comes" in sentence(explorer("run", "no-such"))


def test_scenarios_that_come_along_are_listed_and_run_by_name() -> None:
    listed = json.loads(explorer("list", "scenarios", "--json", "-").out)
    assert {"id": "the-gil", "title": "The GIL"}.items() <= next(
        one for one in listed if one["id"] == "the-gil"
    ).items()
    refused = sentence(explorer("run", "the-gil", "--set", "dispatch.tokens=0"))  # its knobs were read
    assert "dispatch.tokens" in refused
