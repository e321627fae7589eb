"""What a database statement is called: its verb and its table, never what it is about.

A name is written down and shown, so it may hold nothing but words of the language and names of tables: literals are
taken out before anything is looked for.
"""

import re
from typing import Final

_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
# A backslash may or may not escape the quote behind it; the server's settings decide, so both readings are tried.
_LITERALS: Final = (
    re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", re.DOTALL),
    re.compile(r"'(?:[^'\\]|\\.|'')*'|\$(\w*)\$.*?\$\1\$", re.DOTALL),
)
_VERB: Final = re.compile(r"[A-Za-z]+")
_TABLE: Final = re.compile(
    r"\b(?:FROM|INTO|UPDATE|TABLE|JOIN|LISTEN|NOTIFY)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+|ONLY\s+)*"
    r"(?:[\"`\[]?\w+[\"`\]]?\.)*[\"`\[]?([A-Za-z_]\w*)",
    re.IGNORECASE,
)
_FUNCTION: Final = re.compile(r"\A\s*SELECT\s+([A-Za-z_]\w*)\s*\(", re.IGNORECASE)
_LONGEST: Final = 60


def statement_name(statement: str) -> str:
    """A short name of an SQL statement, such as "SELECT account"."""
    plain = _COMMENT.sub(" ", statement)
    names = {_name(literals.sub(" ", plain)) for literals in _LITERALS}
    if len(names) == 1:
        return names.pop()
    verb = _VERB.search(plain)
    return verb.group().upper() if verb else "statement"


def _name(plain: str) -> str:
    verb = _VERB.search(plain)
    if verb is None:
        return "statement"
    word = verb.group().upper()
    found = _TABLE.search(plain) or _FUNCTION.search(plain)
    return f"{word} {found.group(1)}"[:_LONGEST] if found and word != "WITH" else word
