"""Which figures there are: a misspelt one is told when a lesson is read, and not after its runs."""

import ast
import typing
from collections.abc import Mapping
from typing import Any

from explorer.lessons.expression import ExpressionError, parsed, plain
from explorer.options import suggest

KEEPING = frozenset({"pick", "begins", "known"})
"""Functions that give what they are given, or less of it."""


def check_figures(text: str, runs: Mapping[str, Any]) -> None:
    """Raises `ExpressionError` where `text` asks for a figure that there is none of.

    `runs` are the types of their figures by id (a TypedDict); C and D are there besides. What a type leaves open, a
    dict or Any, is not looked into.
    """
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Attribute):
            _type_of(node, runs)


def _type_of(node: ast.expr, runs: Mapping[str, Any]) -> Any:
    """The type of a part of an expression; None where it is not known."""
    match node:
        case ast.Name():
            return runs.get(plain(node))
        case ast.Attribute(value=value, attr=key):
            return _figure(_type_of(value, runs), key)
        case ast.Subscript(value=value, slice=at):
            found = _type_of(value, runs)
            every = isinstance(at, ast.Constant) and at.value is Ellipsis
            return found if every else _entry(found)
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in KEEPING:
            return _type_of(first, runs)
    return None


def _entry(found: Any) -> Any:
    return typing.get_args(found)[0] if typing.get_origin(found) is list else None


def _figure(found: Any, key: str) -> Any:
    """The type of a figure of this name; of a list's entries a list of it."""
    found = _present(found)
    if typing.get_origin(found) is list:
        inner = _figure(_entry(found), key)
        return list[inner] if inner is not None else None  # type: ignore[valid-type]  # a type that is worked out
    if not typing.is_typeddict(found) or key in ("C", "D"):
        return None
    known = typing.get_type_hints(found)
    if key not in known:
        raise ExpressionError(f"There is no figure '{key}'. {suggest(key, sorted(known))}")
    return known[key]


def _present(found: Any) -> Any:
    """Without null."""
    return next((one for one in typing.get_args(found) if one is not type(None)), None) if _optional(found) else found


def _optional(found: Any) -> bool:
    return type(None) in typing.get_args(found)
