"""Finds FastAPI apps in a folder by reading its files: nothing is imported, nothing is run."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PASSED_BY: Final = frozenset(
    ("venv", "env", "node_modules", "site-packages", "dist-packages", "__pycache__", "build", "dist", "migrations")
)
MOST_FILES: Final = 2_000
MOST_BYTES: Final = 1_000_000
DEEPEST: Final = 6
MAKERS: Final = frozenset(("FastAPI", "Starlette"))
SOURCE: Final = "src"


@dataclass(frozen=True, slots=True)
class FoundApp:
    """An app that a file makes: `target` as "package.module:app", the `folder` from which that is imported, whether it
    is a `factory`, and where it stands.
    """

    target: str
    folder: Path
    factory: bool
    file: Path
    line: int


def find_apps(place: Path) -> list[FoundApp]:
    """The apps in a folder, or in a file; those that are likely to be meant first, variables before factories."""
    if place.is_file():
        return _sorted(_in_file(place, place.parent))
    found: list[FoundApp] = []
    for number, file in enumerate(_files(place)):
        if number >= MOST_FILES:
            break
        found += _in_file(file, place)
    return _sorted(found)


def _sorted(found: list[FoundApp]) -> list[FoundApp]:
    def rank(app: FoundApp) -> tuple[bool, bool, int, str]:
        tests = any(part.startswith("test") for part in app.target.split(":")[0].split("."))
        return tests, app.factory, app.target.count("."), app.target

    return sorted(found, key=rank)


def _files(folder: Path) -> Iterator[Path]:
    for above, folders, files in os.walk(folder):
        depth = len(Path(above).relative_to(folder).parts)
        folders[:] = sorted(
            name for name in folders if depth < DEEPEST and name not in PASSED_BY and not name.startswith(".")
        )
        yield from (Path(above, name) for name in sorted(files) if name.endswith(".py"))


def _in_file(file: Path, folder: Path) -> list[FoundApp]:
    try:
        if file.stat().st_size > MOST_BYTES:
            return []
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    root = folder / SOURCE if (folder / SOURCE) in file.parents else folder
    parts = file.relative_to(root).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    if not module or not all(part.isidentifier() for part in module.split(".")):
        return []
    return [
        FoundApp(f"{module}:{name}", root, factory, file, line)
        for name, factory, line in [*_variables(tree), *_factories(tree)]
    ]


def _variables(tree: ast.Module) -> Iterator[tuple[str, bool, int]]:
    for node in tree.body:
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if value is None or not _makes(value):
            continue
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        yield from ((target.id, False, node.lineno) for target in targets if isinstance(target, ast.Name))


def _factories(tree: ast.Module) -> Iterator[tuple[str, bool, int]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and _takes_nothing(node) and any(map(_makes, ast.walk(node))):
            yield node.name, True, node.lineno


def _takes_nothing(node: ast.FunctionDef) -> bool:
    arguments = node.args
    required = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    return required == 0 and all(default is not None for default in arguments.kw_defaults)


def _makes(node: ast.AST) -> bool:
    """Whether an expression is a call such as FastAPI(...) or fastapi.FastAPI(...)."""
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in MAKERS
