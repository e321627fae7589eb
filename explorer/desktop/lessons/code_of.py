"""The code that a lesson's requests run: the handler and the body of its work, as they are executed, and the line at
which a request spends its time. No Qt.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from explorer.catalog import Catalog, Feature
from explorer.desktop.labs.locks.source import Line, shown_lines
from explorer.scenario import Scenario
from explorer.server import dispatch, workloads

How = Literal["stops", "waits", "computes"]
HANDLER: Final = "job"


@dataclass(frozen=True, slots=True)
class Spot:
    """A line at which requests spend their time: they stop in a call of `call`, wait at an await, or compute."""

    line: int
    how: How
    call: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Functions of a file, and the `spot` in them that matters, if there is one."""

    file: str
    functions: tuple[tuple[Line, ...], ...]
    spot: Spot | None = None


def listings(catalog: Catalog, scenario: Scenario) -> tuple[Listing, ...]:
    """Handler and body of a scenario; of an app of the user's own nothing."""
    if scenario.own:
        return ()
    work = catalog.get("workload", scenario.workload.id)
    form = catalog.get("dispatch", scenario.dispatch.id).form
    handler = _file(dispatch.__path__[0], scenario.dispatch.id, "handler.py")
    body = _file(workloads.__path__[0], scenario.workload.id, "body.py")
    name = form if form in work.forms else next(iter(work.forms), "blocking")
    found = [_listing(handler, HANDLER, None), _listing(body, name, _spot(body, name, work))]
    return tuple(one for one in found if one is not None)


def _file(folder: str, feature: str, name: str) -> Path:
    return Path(folder) / feature / name


def _listing(file: Path, function: str, spot: Spot | None) -> Listing | None:
    if not file.is_file():
        return None
    lines = shown_lines(file, (function,))
    if not lines:
        return None
    return Listing(f"{file.parent.name}/{file.name}", tuple(tuple(some) for some in lines), spot)


def _spot(file: Path, function: str, work: Feature) -> Spot | None:
    """The first call that is observed, else the first await, else the first loop."""
    node = _function(file, function) if file.is_file() else None
    if node is None:
        return None
    inside = list(ast.walk(node))
    calls = sorted((one for one in inside if isinstance(one, ast.Call)), key=lambda one: one.lineno)
    for call in calls:
        if ast.unparse(call.func) in work.calls:
            return Spot(call.lineno, "stops", ast.unparse(call.func))
    for kinds, how in (((ast.Await, ast.AsyncWith, ast.AsyncFor), "waits"), ((ast.For, ast.While), "computes")):
        lines = sorted(one.lineno for one in inside if isinstance(one, kinds))
        if lines:
            return Spot(lines[0], how)  # type: ignore[arg-type]  # one of the two words above
    return None


@cache
def _function(file: Path, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return node
    return None
