"""SQL in pieces that are coloured, and in lines that fit into a column. No Qt."""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Final

_WORDS: Final = """
add all alter and as asc begin between by case check commit count create deferred delete desc distinct drop else end
exclusive exists for from group having if immediate in index insert into is join key like limit locked max min nowait
not null of on or order primary returning rollback select serializable set share skip start sum table then transaction
union unique update using values where with
"""
KEYWORDS: Final = frozenset(_WORDS.split())
LINE_BEFORE: Final = frozenset(("where", "values", "order", "for", "returning", "having", "limit"))
"""Words that begin a line of their own where there is room for more than one."""
MAY_BREAK: Final = LINE_BEFORE | {"from", "set", "into", "and", "or"}
_TOKEN: Final = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|\d+(?:\.\d+)?|\w+|\s+|\{\w+\}|.", re.ASCII)


class Ink(Enum):
    """What a piece of SQL is."""

    PLAIN = "plain"
    KEYWORD = "keyword"
    TEXT = "text"
    NUMBER = "number"


Piece = tuple[str, Ink]
Line = tuple[Piece, ...]


def pieces(sql: str) -> Iterator[Piece]:
    """Its words, values and signs with what they are; white space is one blank."""
    for token in _TOKEN.findall(" ".join(sql.split("\n"))):
        if token.isspace():
            yield " ", Ink.PLAIN
        elif token.startswith("'"):
            yield token, Ink.TEXT
        elif token[0].isdigit():
            yield token, Ink.NUMBER
        else:
            yield token, Ink.KEYWORD if token.lower() in KEYWORDS else Ink.PLAIN


def fitted(sql: str, widths: Sequence[int]) -> tuple[Line, ...]:
    """`sql` in at most as many lines as there are `widths` (letters of each). What has no room is left out where it
    says least, the table's name, before a clause is broken or it is cut.
    """
    whole: tuple[Line, ...] = ()
    for words in (sql, *shorter(sql)):
        shown = lines(words, widths)
        cut = text_of(shown[-1]).endswith("…")
        if not cut and all(_breaks(line, MAY_BREAK) for line in shown[1:]):
            return shown
        whole = whole or (() if cut else shown)
    return whole or shown


def lines_with_chips(shown: Sequence[Line], beside: int) -> int:
    """How many lines SQL and chips take: one more than the SQL where its last line is longer than the `beside` letters
    that the chips leave of it.
    """
    return len(shown) + (len(text_of(shown[-1])) > beside)


def shorter(sql: str) -> Iterator[str]:
    """Without the name of the table, then without a column's name on both sides, then without an order and the key's
    name.
    """
    words = re.sub(r"^(UPDATE)\s+\w+\s+SET\b", r"\1 …", sql, flags=re.IGNORECASE)
    words = re.sub(r"\bFROM\s+\w+", "…", words, count=1, flags=re.IGNORECASE)
    words = re.sub(r"^(INSERT)\s+INTO\s+\w+(\s*\([^)]*\))?", r"\1 …", words, flags=re.IGNORECASE)
    yield words
    words = re.sub(r"\b(\w+) = \1 ([+-])", r"\1 = … \2", words)
    yield words
    words = re.sub(r"\s+ORDER\s+BY\s.*$", "", words, flags=re.IGNORECASE)
    yield words
    yield re.sub(r"\b(WHERE)\s+\w+ = ", r"\1 … ", words, flags=re.IGNORECASE)


def lines(sql: str, widths: Sequence[int]) -> tuple[Line, ...]:
    """`sql` in at most as many lines as there are `widths` (letters of each); what has no room ends in "…"."""
    words, most = _words(sql), len(widths)
    clauses = any(_breaks(word, LINE_BEFORE) for word in words[1:])
    found = [words] if most == 1 or (_length(words) <= widths[0] and not clauses) else _wrapped(words, widths)
    if len(found) > most:
        found = [*found[: most - 1], [piece for line in found[most - 1 :] for piece in line]]
    return tuple(_cut(_joined(line), widths[at]) for at, line in enumerate(found))


def _words(sql: str) -> list[list[Piece]]:
    """Pieces that belong together, without the blanks between."""
    words: list[list[Piece]] = [[]]
    for text, ink in pieces(sql.strip()):
        if text.isspace():
            words.append([])
        else:
            words[-1].append((text, ink))
    return [word for word in words if word]


def _wrapped(words: Sequence[list[Piece]], widths: Sequence[int]) -> list[list[list[Piece]]]:
    """First at clauses, then wherever it is needed."""
    clauses: list[list[list[Piece]]] = []
    for word in words:
        if not clauses or _breaks(word, MAY_BREAK):
            clauses.append([])
        clauses[-1].append(word)
    found: list[list[list[Piece]]] = [[]]

    def full(more: list[list[Piece]]) -> bool:
        return bool(found[-1]) and _length([*found[-1], *more]) > widths[min(len(found), len(widths)) - 1]

    for clause in clauses:
        if full(clause) or (found[-1] and _breaks(clause[0], LINE_BEFORE)):
            found.append([])
        for word in clause:
            if full([word]):
                found.append([])
            found[-1].append(word)
    return found


def _breaks(word: Sequence[Piece], at: frozenset[str]) -> bool:
    return word[0][0].lower() in at


def _length(words: Sequence[Sequence[Piece]]) -> int:
    return sum(len(text) for word in words for text, _ in word) + max(0, len(words) - 1)


def _joined(words: Sequence[Sequence[Piece]]) -> list[Piece]:
    found: list[Piece] = []
    for word in words:
        if found:
            found.append((" ", Ink.PLAIN))
        found += word
    return found


def _cut(line: Sequence[Piece], columns: int) -> Line:
    if sum(len(text) for text, _ in line) <= columns:
        return tuple(line)
    kept: list[Piece] = []
    room = max(1, columns - 1)
    for text, ink in line:
        if room <= 0:
            break
        kept.append((text[:room], ink))
        room -= len(text)
    return (*kept, ("…", Ink.PLAIN))


def text_of(line: Line) -> str:
    """The line without its colours."""
    return "".join(text for text, _ in line)
