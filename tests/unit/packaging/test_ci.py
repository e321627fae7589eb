"""The matrix of builds: what it calls is there, every action is pinned by hash, and every system is in it."""

import re

import build
from tests.architecture.checkout import ROOT

TEXT = (ROOT / "packaging" / "ci" / "build.yml").read_text("utf-8")


def test_every_action_is_pinned_by_a_hash_and_says_its_version() -> None:
    used = re.findall(r"uses: (.+)", TEXT)
    assert len(used) == 3
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


def test_its_steps_only_call_scripts_that_are_there() -> None:
    commands = re.findall(r"run: (.+)", TEXT)
    assert len(commands) == 4
    for command in commands:
        python, script, *_ = command.split()
        assert python == "python"
        assert (ROOT / script).is_file()


def test_it_builds_on_every_system_and_only_kinds_that_there_are() -> None:
    systems = re.findall(r"\{ system: (\S+),", TEXT)
    assert systems == ["linux-x86_64", "linux-arm64", "windows-x64", "macos-arm64", "macos-x86_64"]
    more = {kind for kinds in re.findall(r"more: ([\w ]+),", TEXT) for kind in kinds.split()}
    assert more == set(build.KINDS) - {"frozen"} - {kind for kinds in build.ON.values() for kind in kinds}


def test_no_secret_stands_in_it() -> None:
    assert "secrets." not in TEXT
