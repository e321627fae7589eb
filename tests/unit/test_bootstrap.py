"""packaging/bootstrap.py: what it decides, without installing anything."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).resolve().parents[2] / "packaging" / "bootstrap.py"


@pytest.fixture
def bootstrap() -> ModuleType:
    """The module, loaded from its file: the folder is no package."""
    spec = importlib.util.spec_from_file_location("bootstrap", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkout with lock files, in place of the real one."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / bootstrap.SCRIPTS / bootstrap.PYTHON.name)
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1 --hash=sha256:0\n", encoding="utf-8")
    monkeypatch.setattr(bootstrap, "RUNTIME_LOCK", lock)
    return tmp_path


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a server: nothing to show a window on."""
    for place in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(place, raising=False)
    monkeypatch.setattr("sys.platform", "linux")


@pytest.mark.usefixtures("no_display")
@pytest.mark.parametrize(
    ("arguments", "expected"), [([], True), (["open", "x.cxrec"], True), (["run"], False), (["list", "models"], False)]
)
def test_only_a_window_needs_a_display(bootstrap: ModuleType, arguments: list[str], expected: bool) -> None:
    assert bootstrap.needs_display(arguments) is expected


@pytest.mark.usefixtures("no_display")
def test_no_display_is_one_sentence_before_anything_is_installed(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "install_system", lambda *_: pytest.fail("installed"))
    monkeypatch.setattr(bootstrap, "environment", lambda *_: pytest.fail("set up"))
    with pytest.raises(SystemExit) as end:
        bootstrap.main(["run"])
    assert end.value.code == 2
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "there is no display" in said
    assert "without a window" in said


def test_missing_libraries_without_root_print_the_command_and_change_nothing(
    bootstrap: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "missing_packages", lambda: ["libegl1", "libgl1"])
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda *_, **__: pytest.fail("started something"))
    with pytest.raises(SystemExit) as end:
        bootstrap.main(["setup"])
    assert end.value.code == 2
    assert "sudo apt-get install -y --no-install-recommends libegl1 libgl1" in capsys.readouterr().out
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("mode", [[], ["--yes-system"], ["--no-system"]])
def test_without_sudo_the_command_is_one_for_whoever_is_root(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], mode: list[str]
) -> None:
    monkeypatch.setattr(bootstrap, "missing_packages", lambda: ["libegl1"])
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None if name == "sudo" else f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda *_, **__: pytest.fail("started something"))
    with pytest.raises(SystemExit) as end:
        bootstrap.main([*mode, "setup"])
    assert end.value.code == 2
    said = capsys.readouterr().out
    assert "there is no sudo here: let whoever is root" in said
    assert "\n    apt-get update && apt-get install -y --no-install-recommends libegl1\n" in said


def test_what_an_interrupted_installation_left_is_finished_first(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []

    def as_root(command: list[str]) -> bool:
        """Install nothing as long as dpkg has something to finish."""
        ran.append(command)
        return "install" not in command or ["dpkg", "--configure", "-a"] in ran

    monkeypatch.setattr("os.geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap, "as_root", as_root)
    bootstrap.install_system(["libegl1"], "auto")
    assert [command[0] for command in ran] == ["apt-get", "apt-get", "dpkg", "apt-get"]
    assert ran[-1] == ran[1]


@pytest.fixture
def quick(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Environments are real, but without pip, which is taken to have nothing to do."""
    real_run = bootstrap.subprocess.run

    def run(command: list[str], **options: object) -> object:
        return real_run(["true"] if "pip" in command else [*command, "--without-pip"])

    monkeypatch.setattr(bootstrap.subprocess, "run", run)


def environments(checkout: Path) -> list[str]:
    """What there is of environments, whole or not."""
    return sorted(path.name for path in checkout.iterdir() if path.name.startswith(".venv"))


def older(bootstrap: ModuleType, checkout: Path) -> Path:
    """An environment of ours for another lock file; a file in it, to be known by."""
    kept = checkout / ".venv" / "kept"
    kept.parent.mkdir()
    kept.touch()
    bootstrap.stamp_file(bootstrap.RUNTIME_LOCK, checkout / ".venv").write_text("0")
    return kept


def test_a_failed_installation_leaves_neither_half_an_environment_nor_a_lost_one(
    bootstrap: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = older(bootstrap, checkout)
    real_run = bootstrap.subprocess.run

    def run(command: list[str], **options: object) -> object:
        """Make a real environment, but let pip fail."""
        if "pip" in command:
            return real_run(["false"])
        return real_run([*command, "--without-pip"])

    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    with pytest.raises(SystemExit) as end:
        bootstrap.build_environment()
    assert end.value.code == 2
    assert kept.exists()
    assert environments(checkout) == [".venv"]


@pytest.mark.usefixtures("quick")
def test_an_environment_is_put_in_place_whole_and_found_current(bootstrap: ModuleType, checkout: Path) -> None:
    assert not bootstrap.is_current(bootstrap.RUNTIME_LOCK)
    bootstrap.build_environment()
    assert bootstrap.is_current(bootstrap.RUNTIME_LOCK)
    assert ".venv.new" not in (checkout / ".venv" / bootstrap.SCRIPTS / "activate").read_text(encoding="utf-8")
    bootstrap.link_checkout()
    assert next((checkout / ".venv").rglob("concurrency-explorer.pth")).read_text().strip() == str(checkout)
    with bootstrap.RUNTIME_LOCK.open("a") as lock:
        lock.write("b==1 --hash=sha256:0\n")
    assert not bootstrap.is_current(bootstrap.RUNTIME_LOCK)


def test_an_environment_of_somebody_else_is_left_alone_with_a_sentence(
    bootstrap: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda *_, **__: pytest.fail("started something"))
    theirs = checkout / ".venv" / "pyvenv.cfg"
    theirs.parent.mkdir()
    theirs.touch()
    with pytest.raises(SystemExit) as end:
        bootstrap.environment("setup")
    assert end.value.code == 2
    said = capsys.readouterr().out
    assert said == (
        f"[bootstrap] {checkout / '.venv'} was not made by this program: move it away or delete it, "
        "then run this again\n"
    )
    assert theirs.exists()
    bootstrap.doctor()
    assert "was not made by this program" in capsys.readouterr().out


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "state",
    [
        *("older", "without its interpreter", "empty", "interrupted"),
        pytest.param("a link", marks=pytest.mark.skipif(os.name == "nt", reason="links need a right there")),
    ],
)
def test_what_is_ours_is_replaced_without_a_question(
    bootstrap: ModuleType, checkout: Path, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if state == "empty":
        (checkout / ".venv").mkdir()
    elif state == "interrupted":
        for name in (".venv.new", ".venv.replaced"):
            (checkout / name / "bin").mkdir(parents=True)
    else:
        kept = older(bootstrap, checkout)
        if state == "without its interpreter":
            (kept.parent / bootstrap.stamp_file(bootstrap.RUNTIME_LOCK, checkout / ".venv").name).write_text(
                bootstrap.stamp(bootstrap.RUNTIME_LOCK)
            )
        elif state == "a link":
            kept.parent.rename(checkout / "elsewhere")
            (checkout / ".venv").symlink_to(checkout / "elsewhere")
            (checkout / ".venv.replaced").symlink_to(checkout / "elsewhere")
    (checkout / ".venv.old").mkdir()  # where somebody may well have moved theirs
    bootstrap.build_environment()
    assert bootstrap.is_current(bootstrap.RUNTIME_LOCK)
    assert environments(checkout) == [".venv", ".venv.old"]
    assert (checkout / "elsewhere" / "kept").exists() is (state == "a link")
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.usefixtures("quick")
def test_an_environment_that_cannot_be_put_in_place_leaves_the_one_before(
    bootstrap: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = older(bootstrap, checkout)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name == ".venv.new":
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(SystemExit) as end:
        bootstrap.build_environment()
    assert end.value.code == 2
    assert "could not be put in place" in capsys.readouterr().out
    assert kept.exists()
    assert environments(checkout) == [".venv"]


def test_an_old_python_gets_a_sentence(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit) as end:
        bootstrap.main(["run"])
    assert end.value.code == 2
    assert "Python 3.11 or newer is needed" in capsys.readouterr().out
