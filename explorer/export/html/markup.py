"""Markup that cannot be broken by what it holds: every text that is not `Markup` is escaped where it is put in."""

import html
import re
from collections.abc import Iterable, Sequence
from typing import Final

_UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What has no place in a document."""
_EMPTY: Final = frozenset({"meta", "img", "br", "line", "path", "rect", "circle", "input", "source"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def text(value: object) -> Markup:
    """A value as text in a document."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(_UNSEEN.sub("\ufffd", str(value))))


def join(parts: Iterable[object]) -> Markup:
    """Parts one after the other."""
    return Markup("".join(map(text, parts)))


def tag(name: str, /, *children: object, **attributes: object) -> Markup:
    """An element. Attributes that are None are left out; `class_` is class, and `_` in a name is `-`."""
    said = "".join(f' {_attribute(key)}="{text(value)}"' for key, value in attributes.items() if value is not None)
    if name in _EMPTY:
        return Markup(f"<{name}{said}>" if name in ("meta", "img", "br", "input", "source") else f"<{name}{said}/>")
    return Markup(f"<{name}{said}>{join(children)}</{name}>")


def section(title: str, *children: object, id_: str) -> Markup:
    """A section with its heading."""
    return tag("section", tag("h2", title), *children, id=id_)


def sentences(lines: Iterable[object], class_: str = "sentences") -> Markup:
    """A list of sentences."""
    return tag("ul", *(tag("li", line) for line in lines), class_=class_)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], numbers: Sequence[int] = ()) -> Markup:
    """A table; the columns in `numbers` stand at the right."""

    def cells(kind: str, row: Sequence[object]) -> Markup:
        return tag("tr", *(tag(kind, cell, class_="n" if at in numbers else None) for at, cell in enumerate(row)))

    top = tag("thead", cells("th", head)) if head else Markup("")
    return tag("div", tag("table", top, tag("tbody", *(cells("td", row) for row in rows))), class_="scrolls")


def _attribute(name: str) -> str:
    return {"viewBox": name}.get(name, name.rstrip("_").replace("_", "-"))
