"""Expressions of lessons, such as `ceil(N / T) * S` or `max(main.processes["worker"].rss_mb_max)`.

They come from files that anybody may write, so they are never run as Python: the text is parsed, and a walker that
knows a few kinds of nodes computes the value. A name is one of those given; `.key` reads a figure, `[0]` an element of
a list, `[*]` all of them, `["word"]` those elements whose role, name, runner or host is that word. A key after several
elements reads it of each; elements without a figure are left out.
"""

import ast
import keyword
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

MOST_CHARACTERS: Final = 300
MOST: Final = 1e15
"""No figure of a run is larger; what would be is a mistake, or meant to keep the computer busy."""
MOST_POWER: Final = 64
LABELS: Final = ("role", "name", "runner", "host", "id", "kind")
CONSTANTS: Final = {"true": True, "false": False}

_WORDS: Final = "|".join(keyword.kwlist)
_TAKEN: Final = re.compile(rf"""(?<![\w"'])({_WORDS})\b(?=\s*[.\[])|(?<=\.)({_WORDS})\b""")
"""Words of Python where a name is meant: a run may be called `try`."""
_MARK: Final = "_is_a_name_here"

Value = float | bool | str | list[Any]


class ExpressionError(ValueError):
    """An expression that cannot be computed, in one sentence that quotes what is wrong."""


def evaluate(text: str, names: Mapping[str, Any]) -> Value:
    """The value of `text`, a number, a truth, a text or a list of them. Raises `ExpressionError`.

    `names` hold numbers, and for each run its figures (mappings and lists as in JSON).
    """
    tree = parse(text)
    try:
        found = _value(tree, names)
    except RecursionError:
        raise ExpressionError(f"'{text}' is nested too deeply.") from None
    if isinstance(found, Mapping):
        raise ExpressionError(f"'{text}' is a group of figures; name one of them: {', '.join(map(str, found))}.")
    if found is None:
        raise ExpressionError(f"'{text}' was not measured in this run.")
    return found  # type: ignore[no-any-return]  # figures come from JSON; what else they can be was refused above


def parse(text: str) -> ast.expr:
    """The checked tree of `text`, without computing it: every node is of a kind that is known. Raises
    `ExpressionError`.
    """
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(f"An expression has at most {MOST_CHARACTERS} characters; this one has {len(text)}.")
    try:
        python = _TAKEN.sub(lambda found: found[0] + _MARK, text.strip().replace("[*]", "[:]"))
        tree = ast.parse(python, mode="eval").body
        for part in ast.walk(tree):
            if isinstance(part, ast.Name):
                part.id = part.id.removesuffix(_MARK)
            elif isinstance(part, ast.Attribute):
                part.attr = part.attr.removesuffix(_MARK)
        _check(tree, text)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError(f"'{text}' is no expression.") from None
    return tree


def names_in(text: str) -> set[str]:
    """The names that `text` begins its figures with and computes with, functions left out. Raises `ExpressionError`."""
    tree = parse(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called} - set(
        CONSTANTS
    )


def _check(node: ast.expr, text: str) -> None:
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            if not isinstance(part.func, ast.Name) or part.func.id not in FUNCTIONS or part.keywords:
                raise ExpressionError(f"'{text}' calls what is not known. Known are: {', '.join(sorted(FUNCTIONS))}.")
        elif isinstance(part, ast.Attribute):
            if part.attr.startswith("_"):
                raise ExpressionError(f"'{text}' asks for '{part.attr}', which is no figure.")
        elif isinstance(part, ast.Constant):
            if isinstance(part.value, bool) or not isinstance(part.value, (int, float, str)):
                raise ExpressionError(f"'{text}' holds {part.value!r}; only numbers and texts can be used.")
            if not isinstance(part.value, str) and not abs(part.value) <= MOST:
                raise ExpressionError(f"'{text}' holds a number that is too large.")
        elif isinstance(part, ast.Slice):
            if part.lower is not None or part.upper is not None or part.step is not None:
                raise ExpressionError(f"'{text}' takes a part of a list; take one element or all, [*].")
        elif not isinstance(part, KNOWN):
            raise ExpressionError(f"'{text}' holds what an expression cannot: {type(part).__name__}.")


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return _named(node.id, names)
    if isinstance(node, ast.Attribute):
        return _key(_value(node.value, names), node.attr)
    if isinstance(node, ast.Subscript):
        return _element(_value(node.value, names), node.slice, names)
    if isinstance(node, ast.UnaryOp):
        operand = _number(_value(node.operand, names))
        return -operand if isinstance(node.op, ast.USub) else operand
    if isinstance(node, ast.BinOp):
        return _bounded(_computed(node.op, _number(_value(node.left, names)), _number(_value(node.right, names))))
    if isinstance(node, ast.Compare):
        return _compared(node, names)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _bounded(FUNCTIONS[node.func.id](*[_known(_value(each, names)) for each in node.args]))
    raise ExpressionError(f"An expression cannot hold {type(node).__name__}.")


def _named(name: str, names: Mapping[str, Any]) -> Any:
    if name in names:
        return names[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    raise ExpressionError(f"There is no '{name}'. Known are: {', '.join(sorted(names))}.")


def _key(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        if key not in value:
            raise ExpressionError(f"There is no figure '{key}'. Known are: {', '.join(map(str, value)) or 'none'}.")
        return value[key]
    if isinstance(value, list):
        found = [_key(each, key) for each in value if each is not None]
        return [each for each in found if each is not None]
    if value is None:
        raise ExpressionError(f"What '{key}' belongs to was not measured in this run.")
    raise ExpressionError(f"'{key}' is asked of a single figure, which has no parts.")


def _element(value: Any, index: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(index, ast.Slice):
        if isinstance(value, Mapping):
            return list(value.values())
        if not isinstance(value, list):
            raise ExpressionError("[*] stands behind what is no list.")
        return value
    at = _value(index, names)
    if isinstance(value, Mapping) and isinstance(at, str):
        return _key(value, at)
    if isinstance(value, list) and isinstance(at, str):
        return [each for each in value if isinstance(each, Mapping) and any(each.get(one) == at for one in LABELS)]
    if isinstance(value, list) and isinstance(at, int) and not isinstance(at, bool):
        if -len(value) <= at < len(value):
            return value[at]
        raise ExpressionError(f"There is no element {at} in a list of {len(value)}.")
    raise ExpressionError("An index stands behind what has no elements.")


def _compared(node: ast.Compare, names: Mapping[str, Any]) -> bool:
    left = _known(_value(node.left, names))
    for op, each in zip(node.ops, node.comparators, strict=True):
        right = _known(_value(each, names))
        if not isinstance(op, (ast.Eq, ast.NotEq)):
            left, right = _number(left), _number(right)
        if not COMPARISONS[type(op)](left, right):
            return False
        left = right
    return True


def _known(value: Any) -> Any:
    if value is None:
        raise ExpressionError("A figure was not measured in this run.")
    return value


def _number(value: Any) -> float:
    if isinstance(value, (int, float)):
        return value
    raise ExpressionError("A figure was not measured in this run." if value is None else f"{value!r} is no number.")


def _bounded(value: Any) -> Any:
    if isinstance(value, complex) or (isinstance(value, (int, float)) and not abs(value) <= MOST):
        raise ExpressionError("A number in the expression becomes too large.")
    return value


def _computed(op: ast.operator, left: float, right: float) -> Any:
    if isinstance(op, ast.Pow) and not abs(right) <= MOST_POWER:
        raise ExpressionError(f"A power is at most {MOST_POWER}.")
    try:
        return OPERATORS[type(op)](left, right)
    except ZeroDivisionError:
        raise ExpressionError("The expression divides by zero.") from None
    except OverflowError:
        raise ExpressionError("A number in the expression becomes too large.") from None


def _numbers(values: Sequence[Any]) -> list[float]:
    flat = [part for each in values for part in (_numbers(each) if isinstance(each, list) else [_number(each)])]
    return flat


def _of_all(function: Callable[[list[float]], float]) -> Callable[..., float]:
    def called(*values: Any) -> float:
        numbers = _numbers(values)
        if not numbers:
            raise ExpressionError("None of these figures was measured in this run.")
        return function(numbers)

    return called


def _of_one(function: Callable[[float], float]) -> Callable[..., float]:
    def called(*values: Any) -> float:
        if len(values) != 1:
            raise ExpressionError("ceil, floor, abs and round take one number.")
        return function(_number(values[0]))

    return called


def _length(*values: Any) -> int:
    if len(values) != 1 or not isinstance(values[0], (list, Mapping)):
        raise ExpressionError("len takes one list.")
    return len(values[0])


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "ceil": _of_one(math.ceil),
    "floor": _of_one(math.floor),
    "abs": _of_one(abs),
    "round": _of_one(round),
    "min": _of_all(min),
    "max": _of_all(max),
    "sum": _of_all(sum),
    "len": _length,
}
OPERATORS: Final[Mapping[type[ast.operator], Callable[[float, float], Any]]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.FloorDiv: lambda left, right: left // right,
    ast.Pow: lambda left, right: float(left) ** right,
}
COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
}
KNOWN: Final = (
    ast.Name, ast.Load, ast.Subscript, ast.UnaryOp, ast.USub, ast.UAdd, ast.BinOp, ast.Compare,
    *OPERATORS, *COMPARISONS,
)  # fmt: skip
