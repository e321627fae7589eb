"""packaging/bootstrap.py: what it decides, without installing anything."""

import importlib.util
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


def test_a_failed_installation_leaves_neither_half_an_environment_nor_a_lost_one(
    bootstrap: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = checkout / ".venv" / "kept"
    kept.parent.mkdir()
    kept.touch()
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
    assert [path.name for path in checkout.iterdir() if path.name.startswith(".venv")] == [".venv"]


def test_an_environment_is_put_in_place_whole_and_found_current(
    bootstrap: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_run = bootstrap.subprocess.run

    def run(command: list[str], **options: object) -> object:
        """Make a real environment, and pretend that pip has nothing to do."""
        return real_run(["true"] if "pip" in command else [*command, "--without-pip"])

    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    assert not bootstrap.is_current(bootstrap.RUNTIME_LOCK)
    bootstrap.build_environment()
    assert bootstrap.is_current(bootstrap.RUNTIME_LOCK)
    assert ".venv.new" not in (checkout / ".venv" / bootstrap.SCRIPTS / "activate").read_text(encoding="utf-8")
    bootstrap.link_checkout()
    assert next((checkout / ".venv").rglob("concurrency-explorer.pth")).read_text().strip() == str(checkout)
    with bootstrap.RUNTIME_LOCK.open("a") as lock:
        lock.write("b==1 --hash=sha256:0\n")
    assert not bootstrap.is_current(bootstrap.RUNTIME_LOCK)


def test_an_old_python_gets_a_sentence(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit) as end:
        bootstrap.main(["run"])
    assert end.value.code == 2
    assert "Python 3.11 or newer is needed" in capsys.readouterr().out
