"""The checkout is in order: top level, packages, and nothing that belongs to one machine or one registry."""

import ast
import re

import pytest

from tests.architecture.checkout import ROOT, python_files, tracked_files

TOP_LEVEL = {"explorer", "resources", "tests", "packaging", "pyproject.toml", "README.md", "LICENSE"}
LOCKS = tuple(f"packaging/requirements{kind}.lock" for kind in ("", "-dev", "-build", "-publish"))
# A home or a working folder of somebody's machine. Written so that this line does not match itself.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|Users|work|root|mnt)/[\w.-]+")
# /home/user and the like are how documentation speaks of any home.
ANY_MACHINE = re.compile(r"/(?:home|Users)/(?:user|me|you|NAME)\b")
TEXT = {".py", ".pyi", ".toml", ".md", ".txt", ".lock", ".sh", ".json", ".jsonl", ".yml", ".yaml", ".svg", ".cfg", ""}


def test_top_level_is_exactly_what_the_readme_describes() -> None:
    top = {path.parts[0] for path in tracked_files()}
    assert {name for name in top if not name.startswith(".")} == TOP_LEVEL


@pytest.mark.parametrize("folder", ["explorer", "tests"])
def test_every_folder_with_code_is_a_package(folder: str) -> None:
    """Neither the import checker nor mypy sees a folder without __init__.py."""
    files = set(python_files(folder))
    folders = {parent for path in files for parent in path.parents if parent.parts}
    missing = sorted(str(place) for place in folders if place / "__init__.py" not in files)
    assert missing == []


def test_package_files_import_nothing() -> None:
    """Importing a module costs what it needs itself, never what its neighbours need."""
    wrong = []
    for path in python_files("explorer"):
        if path.name == "__init__.py":
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree)):
                wrong.append(str(path))
    assert wrong == []


def test_no_module_is_a_gravity_file() -> None:
    """Past 500 lines a second thing has moved in."""
    long = {str(path): count for path in python_files("explorer") if (count := lines(path)) > 500}
    assert long == {}


def lines(path: object) -> int:
    """Number of lines of a tracked file."""
    return len((ROOT / str(path)).read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_name_no_registry(lock: str) -> None:
    """The same lock must serve behind any mirror."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "==" in text
    assert re.findall(r"\S*(?:://|index-url|find-links|\.org|\.com|\.dev)\S*", text) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_by_hash(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8").strip())
    loose = [entry.split()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]
    assert loose == []


def test_the_development_lock_holds_the_same_releases() -> None:
    """Tests must run against what users get."""
    runtime, development = (pins(lock) for lock in LOCKS[:2])
    assert runtime <= development


def pins(lock: str) -> set[str]:
    """The `name==version ; marker` lines of a lock file."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {line.removesuffix("\\").strip() for line in text.splitlines() if "==" in line}


def test_no_file_names_a_path_of_one_machine() -> None:
    wrong = []
    for path in tracked_files():
        if path.suffix in TEXT and not path.is_relative_to("resources/swagger"):
            text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
            wrong += [f"{path}: {hit}" for hit in MACHINE_PATH.findall(text) if not ANY_MACHINE.match(hit)]
    assert wrong == []


def test_bootstrap_has_the_syntax_of_python_3_8() -> None:
    """An interpreter that is too old must get a sentence, not a SyntaxError."""
    source = (ROOT / "packaging" / "bootstrap.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 8))


def test_version_is_said_once_in_each_place() -> None:
    """A wheel's metadata and the running application must agree."""
    import tomllib

    import explorer

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == explorer.__version__
