"""Expressions of lessons: arithmetic over figures, `ceil(N / T) * S`, `main.event_loops[*].longest_callback_ms`.

A lesson may come from somebody else, so its expressions are read as a syntax tree of which a few kinds of nodes are
known, and nothing of Python's own can be reached. Names are looked up in what is given; a dot takes a key of a table
(of a list: of each of its entries), `[0]` an entry, `["a key"]` a key with blanks, `[*]` all entries.
"""

import ast
import keyword
import math
import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

LONGEST: Final = 500
"""Characters of an expression."""
HIGHEST_POWER: Final = 16
_WORD: Final = re.compile(rf"(?<![\w.])({'|'.join(keyword.kwlist)})(?=\.)")
"""A run may be called `try`, which Python keeps for itself."""
_OURS: Final = "run__"
Value = Any


class ExpressionError(ValueError):
    """An expression that cannot be read, or has no value; the sentence says why."""


class NotMeasured(ExpressionError):
    """The expression is right, but the run has no such figure: nothing of the kind happened, or it was not measured."""


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _pick(entries: Sequence[Mapping[str, Any]], key: str, *values: Value) -> list[Mapping[str, Any]]:
    """The entries whose `key` is one of `values`."""
    return [entry for entry in entries if entry.get(key) in values]


def _begins(entries: Sequence[Mapping[str, Any]], key: str, begin: str) -> list[Mapping[str, Any]]:
    """The entries whose `key` begins with these words."""
    return [entry for entry in entries if str(entry.get(key) or "").startswith(begin)]


def _known(values: Sequence[Value]) -> list[Value]:
    """Without those that were not measured."""
    return [value for value in values if value is not None]


FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = {
    "ceil": math.ceil, "floor": math.floor, "min": min, "max": max, "sum": sum, "len": len, "abs": abs, "round": round,
    "mean": _mean, "pick": _pick, "begins": _begins, "known": _known,
}  # fmt: skip
_BINARY: Final[Mapping[type[ast.operator], Callable[[Value, Value], Value]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip
_COMPARED: Final[Mapping[type[ast.cmpop], Callable[[Value, Value], bool]]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip
_TOLD: Final = (ArithmeticError, TypeError, ValueError, LookupError, AttributeError, RecursionError)


def evaluate(text: str, names: Mapping[str, Value]) -> Value:
    """The value of `text`: a number, a bool, a string or a list. Raises `ExpressionError`, also for a value that was
    not measured (null).
    """
    try:
        value = _value(parsed(text), names)
    except ExpressionError:
        raise
    except _TOLD as error:
        # Of what did not happen there is no first one, and no greatest.
        kind = NotMeasured if isinstance(error, (IndexError, ValueError)) else ExpressionError
        raise kind(f"'{text}' has no value here ({error}).") from None
    if value is None:
        raise NotMeasured(f"'{text}' was not measured.")
    return value


def check(text: str, names: Collection[str]) -> None:
    """Read `text` without figures: `ExpressionError` if it is none, or uses a name that nobody gives."""
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Name) and plain(node) not in names and node.id not in FUNCTIONS:
            known = ", ".join(sorted(names))
            raise ExpressionError(
                f"'{text}' uses '{plain(node)}', which is neither a value nor a run; known are {known}."
            )


def names_in(text: str) -> frozenset[str]:
    """The values and runs that an expression names, without its functions; `ExpressionError` if it is none."""
    tree = parsed(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(plain(node) for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called)


def parsed(text: str) -> ast.expr:
    """The tree of an expression, whose names `plain` gives as they were written; `ExpressionError` if it is none."""
    if len(text) > LONGEST:
        raise ExpressionError(f"An expression has at most {LONGEST} characters.")
    try:
        body = ast.parse(_WORD.sub(rf"{_OURS}\1", text.strip()).replace("[*]", "[...]"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(f"'{text}' is no expression.") from None
    for node in ast.walk(body):
        if not isinstance(node, _NODES):
            raise ExpressionError(f"'{text}' holds what no expression may ({type(node).__name__}).")
    return body


def _value(node: ast.expr, names: Mapping[str, Value]) -> Value:
    return _EVALUATED[type(node)](node, names)


def _constant(node: Any, names: Mapping[str, Value]) -> Value:
    return node.value


def plain(node: ast.Name) -> str:
    """The name as it was written."""
    return node.id.removeprefix(_OURS)


def _name(node: Any, names: Mapping[str, Value]) -> Value:
    name = plain(node)
    if name not in names:
        raise ExpressionError(f"There is no '{name}' here.")
    return names[name]


def _attribute(node: Any, names: Mapping[str, Value]) -> Value:
    return _key(_value(node.value, names), node.attr)


def _key(found: Value, key: str) -> Value:
    if isinstance(found, list):
        return [_key(entry, key) for entry in found]
    if found is None:
        raise NotMeasured(f"'{key}' was not measured.")
    if not isinstance(found, Mapping) or key not in found:
        raise ExpressionError(f"There is no '{key}' among the figures.")
    return found[key]


def _subscript(node: Any, names: Mapping[str, Value]) -> Value:
    found = _value(node.value, names)
    if isinstance(node.slice, ast.Constant) and node.slice.value is Ellipsis:
        return list(found.values()) if isinstance(found, Mapping) else list(found)
    index = _value(node.slice, names)
    return _key(found, index) if isinstance(index, str) else found[index]


def _binary(node: Any, names: Mapping[str, Value]) -> Value:
    left, right = _value(node.left, names), _value(node.right, names)
    if isinstance(node.op, ast.Pow):
        if not abs(right) <= HIGHEST_POWER:
            raise ExpressionError(f"A power is at most {HIGHEST_POWER}.")
        return float(left) ** right
    if not (_number(left) and _number(right)):
        raise ExpressionError("Only numbers can be added, multiplied and the like.")
    return _BINARY[type(node.op)](left, right)


def _number(value: Value) -> bool:
    return isinstance(value, (int, float))


def _unary(node: Any, names: Mapping[str, Value]) -> Value:
    value = _value(node.operand, names)
    return not value if isinstance(node.op, ast.Not) else -value


def _compare(node: Any, names: Mapping[str, Value]) -> bool:
    left = _value(node.left, names)
    for how, other in zip(node.ops, node.comparators, strict=True):
        right = _value(other, names)
        if not _COMPARED[type(how)](left, right):
            return False
        left = right
    return True


def _both(node: Any, names: Mapping[str, Value]) -> bool:
    each = (bool(_value(one, names)) for one in node.values)
    return all(each) if isinstance(node.op, ast.And) else any(each)


def _call(node: Any, names: Mapping[str, Value]) -> Value:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
        raise ExpressionError(f"The functions are {', '.join(FUNCTIONS)}.")
    return FUNCTIONS[node.func.id](*(_value(one, names) for one in node.args))


_EVALUATED: Final[Mapping[type[ast.expr], Callable[[Any, Mapping[str, Value]], Value]]] = {
    ast.Constant: _constant, ast.Name: _name, ast.Attribute: _attribute, ast.Subscript: _subscript,
    ast.BinOp: _binary, ast.UnaryOp: _unary, ast.Compare: _compare, ast.BoolOp: _both, ast.Call: _call,
}  # fmt: skip
_NODES: Final = (
    *_EVALUATED, ast.Load, *_BINARY, *_COMPARED, ast.Pow, ast.USub, ast.Not, ast.And, ast.Or,
)  # fmt: skip
