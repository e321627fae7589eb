"""The little Markdown of lessons as HTML that Qt lays out: paragraphs, lists, emphasis, code. No Qt.

Whatever is written is text first: nothing in it is taken for HTML.
"""

import html
import re
from collections.abc import Iterator
from typing import Final

_FENCE: Final = re.compile(r"^```")
_ITEM: Final = re.compile(r"^\s*(?:[-*]|\d+\.)\s+(.*)$")
_NUMBERED: Final = re.compile(r"^\s*\d+\.\s")
_CODE: Final = re.compile(r"`([^`]+)`")
_BOLD: Final = re.compile(r"\*\*(.+?)\*\*")
_ITALIC: Final = re.compile(r"(?<![\w*])\*(?!\s)([^*]+?)\*(?![\w*])")
GAP: Final = 9
"""Between two paragraphs, px."""
LINE: Final = 1.5
"""Height of a line, over the height of the type: fixed, or lines with code in them would be higher."""


def as_html(text: str, px: int = 14, mono: str = "JetBrains Mono") -> str:
    """The text as HTML, in type of `px` pixels; code in the font `mono`."""
    style = f"font-family: '{mono}'; font-size: {round(px * 0.94)}px"
    line = f"-qt-line-height-type: fixed; line-height: {round(px * LINE)}px"
    parts = []
    for kind, lines in _blocks(text):
        if kind == "code":
            body = html.escape("\n".join(lines))
            parts.append(f'<pre style="{style}; margin: 0 0 {GAP}px 0">{body}</pre>')
        elif kind in ("ul", "ol"):
            items = "".join(f'<li style="margin-bottom: 4px; {line}">{_inline(item, style)}</li>' for item in lines)
            parts.append(f'<{kind} style="margin: 0 0 {GAP}px 16px; -qt-list-indent: 0; {line}">{items}</{kind}>')
        else:
            words = _inline(" ".join(lines), style)
            parts.append(f'<p style="margin: 0 0 {GAP}px 0; {line}">{words}</p>')
    return "".join(parts)


def as_words(text: str) -> str:
    """The text without its marks, for a screen reader."""
    plain = _CODE.sub(r"\1", text)
    plain = _BOLD.sub(r"\1", plain)
    return " ".join(_ITALIC.sub(r"\1", plain).split())


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Paragraphs ("p"), lists ("ul", "ol") and code ("code"), each with its lines or items."""
    block: list[str] = []
    kind = "p"
    fenced = False

    def ended() -> Iterator[tuple[str, list[str]]]:
        if block:
            yield kind, list(block)
            block.clear()

    for line in text.splitlines():
        if _FENCE.match(line.strip()):
            yield from ended()
            fenced, kind = not fenced, "p" if fenced else "code"
            continue
        if fenced:
            block.append(line)
            continue
        item = _ITEM.match(line)
        if not line.strip():
            yield from ended()
            kind = "p"
        elif item is not None:
            wanted = "ol" if _NUMBERED.match(line) else "ul"
            if kind != wanted:
                yield from ended()
            kind = wanted
            block.append(item[1])
        elif kind in ("ul", "ol") and block:
            block[-1] += f" {line.strip()}"
        else:
            block.append(line.strip())
    yield from ended()


def _inline(text: str, style: str) -> str:
    """One paragraph: code is left as it is, the rest may be emphasised."""
    parts = []
    for at, piece in enumerate(_CODE.split(text)):
        words = html.escape(piece, quote=False)
        if at % 2:
            parts.append(f'<span style="{style}">{words}</span>')
        else:
            parts.append(_ITALIC.sub(r"<i>\1</i>", _BOLD.sub(r"<b>\1</b>", words)))
    return "".join(parts)
