"""Each dependency of a request as an operation: FastAPI's own spans tell of all of a request's together.

FastAPI calls them in one function, `solve_dependencies`, on lines of the form `solved = await …`. That function is
compiled anew, from its own source and with its own line numbers, with that expression handed to the operation log
first, and takes the old one's place. What is in FastAPI's cache of a request is not called again, and not recorded.
"""

import ast
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Final

from explorer.probe.naming import callable_key, callable_name
from explorer.probe.operations import OperationLog

MODULES: Final = ("fastapi.dependencies.utils", "fastapi.routing")
FUNCTION: Final = "solve_dependencies"
HOOK: Final = "_explorer_dependency"


class _Hook(ast.NodeTransformer):
    """Hands what is awaited for `solved` to the hook, with the dependency."""

    found = 0

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id == "solved" and isinstance(node.value, ast.Await):
            self.found += 1
            called = ast.Call(ast.Name(HOOK, ast.Load()), [ast.Name("call", ast.Load()), node.value.value], [])
            node.value.value = ast.copy_location(called, node.value.value)
        return node


def trace_dependencies(log: OperationLog) -> Callable[[], None]:
    """Record dependencies from now on. Returns what undoes it.

    Raises RuntimeError where this version of FastAPI calls them in another way or where that function has been wrapped,
    OSError where its source is missing.
    """
    import fastapi.dependencies.utils as utils
    import fastapi.routing as routing

    real = utils.solve_dependencies
    if inspect.unwrap(real) is not real:  # what is compiled from the source of the inmost would lose the others
        raise RuntimeError("the app or a library has put a function of its own around FastAPI's solve_dependencies")
    if routing.solve_dependencies is not real:  # type: ignore[attr-defined]  # the name it was imported by
        raise RuntimeError("fastapi.routing does not use fastapi.dependencies.utils.solve_dependencies")
    ours = _compiled(real, functools.partial(_hook, log))
    for module in (utils, routing):
        setattr(module, FUNCTION, ours)

    def undo() -> None:
        for module in (utils, routing):
            setattr(module, FUNCTION, real)

    return undo


def _hook(log: OperationLog, call: Callable[..., Any], work: Awaitable[Any]) -> Awaitable[Any]:
    return log.around(log.name(("dependency", callable_key(call)), lambda: f"dependency {callable_name(call)}"), work)


def _compiled(real: Any, hook: Callable[..., Any]) -> Callable[..., Any]:
    lines, first = inspect.getsourcelines(real)
    tree = ast.parse("".join(lines))
    transformer = _Hook()
    tree = ast.fix_missing_locations(transformer.visit(tree))
    if not transformer.found:
        raise RuntimeError("this version of FastAPI calls its dependencies in another way")
    ast.increment_lineno(tree, first - 1)
    code = compile(tree, inspect.getsourcefile(real) or FUNCTION, "exec", dont_inherit=True)
    # The module's own names, so that it calls itself by what has taken its place.
    names = real.__globals__
    names[HOOK] = hook
    made: dict[str, Any] = {}
    exec(code, names, made)
    ours = made[FUNCTION]
    assert callable(ours)
    return functools.wraps(real)(ours)
