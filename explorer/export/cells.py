"""Text in cells of CSV, such that no spreadsheet takes it for a formula.

A spreadsheet computes what begins with = + - or @, whoever wrote it: a route asked for by a stranger, a name in a trace
made elsewhere. As is usual an apostrophe goes before it, which a spreadsheet takes for "this is text" and a script can
take away again. The same before what a program that splits at semicolons, tabs or line ends would see at the beginning
of a cell, and before the wide forms of these characters, which some take for the plain ones. Numbers are no text and
stay as they are, negative ones too.
"""

import re
from typing import Final

_FORMULA: Final = re.compile(r"(?<![\s\0;])([\s\0;]*)(?=[=+\-@＝＋－＠])")
"""What may stand before a formula, from its first character on: else each of many blanks would be looked at anew."""
_BEGIN: Final = re.compile(r"[;\t\r\n]")


def harmless(text: str) -> str:
    """The text with an apostrophe where a spreadsheet would see a formula begin; most texts as they are."""
    return _FORMULA.sub(_marked, text)


def _marked(found: re.Match[str]) -> str:
    before = _BEGIN.sub(r"\g<0>'", found[0])
    return before if found.start() else f"'{before}"
