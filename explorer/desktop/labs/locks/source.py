"""The functions that a scenario's requests run, as lines to be shown: without docstrings, with their real numbers. No
Qt.
"""

import ast
import io
import keyword
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from functools import cache
from pathlib import Path


class Ink(Enum):
    """What a piece of a line is."""

    PLAIN = "plain"
    KEYWORD = "keyword"
    TEXT = "text"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of source: its number, its pieces, and whether it `differs` from the function as written."""

    number: int
    pieces: tuple[tuple[str, Ink], ...]
    differs: bool = False

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(text for text, _ in self.pieces)


def shown_lines(file: Path, functions: Sequence[str], against: Sequence[str] = ()) -> list[list[Line]]:
    """The functions of a file, each as its lines; those of `against` are what it would be as written. A function that
    is not there is left out.
    """
    known = _functions(file)
    before = [line.text.strip() for name in against for line in known.get(name, ())[1:]]
    return [
        _marked(known[name], before) if against and name not in against else list(known[name])
        for name in functions
        if name in known
    ]


def functions_at(file: Path, numbers: Iterable[int]) -> list[str]:
    """The functions of a file in which these lines stand, in the order of the file."""
    wanted = set(numbers)
    found = _functions(file).items()
    return [name for name, lines in found if wanted & set(range(lines[0].number, lines[-1].number + 1))]


def _marked(lines: Sequence[Line], before: Sequence[str]) -> list[Line]:
    """The lines after the first, which is only the name, with those marked that are not among `before`."""
    texts = [line.text.strip() for line in lines[1:]]
    same = {0}
    for block in SequenceMatcher(None, before, texts, autojunk=False).get_matching_blocks():
        same |= set(range(block.b + 1, block.b + block.size + 1))
    return [Line(line.number, line.pieces, at not in same) for at, line in enumerate(lines)]


@cache
def _functions(file: Path) -> dict[str, tuple[Line, ...]]:
    """All functions at the top of a file and of its classes, by name, as lines."""
    source = file.read_text(encoding="utf-8")
    lines = _lines(source)
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            without = _docstring(node)
            first, last = node.lineno, node.end_lineno or node.lineno
            found[node.name] = tuple(lines[number] for number in range(first, last + 1) if number not in without)
    return found


def _docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> range:
    first = node.body[0]
    if ast.get_docstring(node) is None or len(node.body) == 1:
        return range(0)
    return range(first.lineno, (first.end_lineno or first.lineno) + 1)


def _lines(source: str) -> dict[int, Line]:
    texts = source.splitlines()
    inks = [[Ink.PLAIN] * len(text) for text in texts]
    kinds = {tokenize.COMMENT: Ink.COMMENT, tokenize.STRING: Ink.TEXT}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        ink = kinds.get(token.type)
        if token.type == tokenize.NAME and keyword.iskeyword(token.string):
            ink = Ink.KEYWORD
        if ink is not None:
            for row in range(token.start[0], token.end[0] + 1):
                begin = token.start[1] if row == token.start[0] else 0
                end = token.end[1] if row == token.end[0] else len(texts[row - 1])
                inks[row - 1][begin:end] = [ink] * (end - begin)
    return {at: Line(at, _pieces(text, inks[at - 1])) for at, text in enumerate(texts, 1)}


def _pieces(text: str, inks: Sequence[Ink]) -> tuple[tuple[str, Ink], ...]:
    pieces: list[tuple[str, Ink]] = []
    for letter, ink in zip(text, inks, strict=True):
        if pieces and pieces[-1][1] is ink:
            pieces[-1] = (pieces[-1][0] + letter, ink)
        else:
            pieces.append((letter, ink))
    return tuple(pieces)
