"""The matrix of builds: what it calls is there, every action is pinned by hash, and every system is in it."""

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import build
from builder import changelog
from builder.linux import LINUX, METAINFO
from builder.tools import Missing
from tests.architecture.checkout import ROOT

TEXT = (ROOT / "packaging" / "ci" / "build.yml").read_text("utf-8")
needs_validators = pytest.mark.skipif(
    not (shutil.which("desktop-file-validate") and shutil.which("appstreamcli")),
    reason="on Debian: sudo apt-get install desktop-file-utils appstream",
)


def script(name: str) -> Any:
    """A script of the steps, as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "packaging" / "ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_action_is_pinned_by_a_hash_and_says_its_version() -> None:
    used = re.findall(r"uses: (.+)", TEXT)
    assert len(used) == 3
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


def test_its_steps_only_call_scripts_that_are_there() -> None:
    commands = re.findall(r"run: (.+)", TEXT)
    assert len(commands) == 5
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


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """What a package tells the desktop."""
    (tmp_path / "applications").mkdir()
    (tmp_path / "metainfo").mkdir()
    shutil.copy(LINUX / "concurrency-explorer.desktop", tmp_path / "applications")
    metainfo = (LINUX / METAINFO).read_text("utf-8").replace("@RELEASES@", changelog.as_appstream())
    (tmp_path / "metainfo" / METAINFO).write_text(metainfo, "utf-8")
    return tmp_path


@needs_validators
def test_the_desktop_understands_what_it_is_told(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script("installed").validate(share)
    assert capsys.readouterr().out.count("is valid") == 2


@needs_validators
@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("applications/concurrency-explorer.desktop", "Terminal=false", "Terminal=perhaps"),
        (f"metainfo/{METAINFO}", "<id>io.github.concurrency_explorer.ConcurrencyExplorer</id>", ""),
        (f"metainfo/{METAINFO}", "</component>", ""),
    ],
)
def test_what_the_desktop_does_not_understand_ends_the_trial(share: Path, file: str, right: str, wrong: str) -> None:
    told = (share / file).read_text("utf-8")
    assert right in told
    (share / file).write_text(told.replace(right, wrong), "utf-8")
    with pytest.raises(Missing, match="failed"):
        script("installed").validate(share)


def test_on_every_system_a_package_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed = script("installed")
    assert set(installed.KINDS) == set(build.ON)
    monkeypatch.setattr(installed, "ROOT", tmp_path)
    assert installed.main() == 2
    assert "dist/ must hold one concurrency-explorer" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="the .deb is tried on Linux")
@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="on Debian: sudo apt-get install dpkg")
@needs_validators
def test_the_program_of_the_package_is_tried(
    share: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed, root, folder = script("installed"), tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("folder")
    shutil.copytree(share, root / "usr" / "share")
    (root / "usr" / "bin").mkdir()
    (root / "usr" / "bin" / "concurrency-explorer").touch()
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN" / "control").write_text(
        "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: X <x@example.org>\nDescription: x\n"
    )
    installed.run(["dpkg-deb", "--build", root, folder / "x.deb"])
    tried: list[tuple[Path, bool]] = []
    monkeypatch.setattr(installed, "smoke", lambda program: tried.append((program, program.is_file())))
    installed.try_deb(folder / "x.deb", folder / "unpacked")
    assert tried == [(folder / "unpacked" / "usr" / "bin" / "concurrency-explorer", True)]
