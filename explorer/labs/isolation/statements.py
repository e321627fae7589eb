"""SQL of a schedule as text: what stands in quotes, the `{names}` in it, and whether the lab can run it at all.

Nothing here understands SQL. It tells words from quoted text, so that a semicolon, a brace or a word within quotes is
taken for what it is. What the words reach is told in `reach`.
"""

import re
from typing import Final

from explorer.labs.isolation.reach import out_of_reach
from explorer.labs.isolation.schedule import CONTROLS

_QUOTED: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_OTHERWISE: Final = (
    # MySQL: a backslash escapes, # begins a comment, and -- only with a blank after it.
    re.compile(r"""'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`[^`]*`|--(?=\s)[^\n]*|\#[^\n]*|/\*.*?\*/""", re.DOTALL),
    # SQLite: names in brackets.
    re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/""", re.DOTALL),
    # PostgreSQL: texts between dollars, and E'…' with backslashes.
    re.compile(
        r"""\$(\w*)\$.*?\$\1\$|\b[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/""", re.DOTALL
    ),
)
"""How engines read it, besides: what is text to one is a statement to another, and nothing must be hidden from any."""
_ORDER: Final = re.compile(r"/\*(?:M?!|\+)")
"""A comment that MySQL and MariaDB carry out, or take for a hint."""
_NESTED: Final = re.compile(r"/\*(?:(?!\*/).)*/\*", re.DOTALL)
"""PostgreSQL ends such a comment at the last of its ends, the others at the first."""
_READINGS: Final = (_QUOTED, *_OTHERWISE)
_GLUES_BEFORE: Final = re.compile(r"""[\w$&@'"`{}\[\]\\-]""")
_GLUES_BEHIND: Final = re.compile(r"""[\w$'"`{}\[\]\\]""")
"""What would make something else of a value beside it: of a text another text, of a minus and -5 a comment."""
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
STATEMENTS: Final = (
    "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "TABLE", "REPLACE", "MERGE", "LOCK", "SAVEPOINT",
    "RELEASE",
)  # fmt: skip
"""What a step may begin with, besides the three that control a transaction."""


def bare(sql: str) -> str:
    """The statement with a blank for each character in quotes and in comments: as long as it was."""
    return _QUOTED.sub(lambda found: " " * len(found.group()), sql)


def placeholders(sql: str) -> tuple[str, ...]:
    """The names in braces, each once, in their order. They are replaced wherever they stand, in quotes as well."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(sql)))


def first_word(sql: str) -> str:
    """The word that says what the statement does, in capitals; empty if there is none."""
    found = re.match(r"[\s(]*([A-Za-z]+)", bare(sql))
    return found.group(1).upper() if found else ""


def fault(sql: str) -> str:
    """Why the lab cannot run this as a step, in one sentence that says what to do; empty if it can."""
    words = bare(sql).strip()
    if not first_word(sql):
        return "the SQL of this step is empty; write a statement such as SELECT balance FROM account, or COMMIT."
    if "\0" in sql:
        return "the SQL holds a null character; remove it."
    if _ORDER.search(sql):
        return "MariaDB carries out what stands in a comment that begins with an exclamation mark; write it as SQL."
    if _NESTED.search(sql):
        return "a comment within a comment hides SQL from some engines; take one of them out."
    if any(";" in one.sub(" ", sql).rstrip("; \n\t") for one in _READINGS):
        return "a step is one statement; make a step of its own of what follows the semicolon."
    word = first_word(sql)
    if words.rstrip("; \n\t").upper() in CONTROLS or re.match(r"ROLLBACK\s+(?:WORK\s+)?TO\b", words, re.IGNORECASE):
        return ""
    if word in (*CONTROLS, "START", "END", "ABORT"):
        return "write BEGIN, COMMIT and ROLLBACK alone, without more words; the level is chosen for the run as a whole."
    if word not in STATEMENTS:
        return f"a step cannot begin with {word}; it may begin with {', '.join((*STATEMENTS, *CONTROLS))}."
    if any(not _stand_alone(sql, one) for one in _READINGS):
        return "a {name} stands for a whole value; write it outside of quotes, with a blank before and after it."
    return next((reason for one in _READINGS if (reason := out_of_reach(sql, one))), "")


def _stand_alone(sql: str, quoted: re.Pattern[str]) -> bool:
    """Whether each value that is put in is one of its own: within quotes it could end them, and be SQL itself."""
    rest = quoted.sub(lambda found: "'" * len(found.group()), sql)
    return all(
        _PLACEHOLDER.fullmatch(rest, found.start(), found.end())
        and not _GLUES_BEFORE.match(rest[max(0, found.start() - 1) : found.start()])
        and not _GLUES_BEHIND.match(rest[found.end() :])
        for found in _PLACEHOLDER.finditer(sql)
    )
