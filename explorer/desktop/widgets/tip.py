"""Texts for tooltips, which Qt takes for HTML if they look like it: names and notes may come from anybody's file."""

import html
from collections.abc import Iterable


def tip(text: str) -> str:
    """`text` as a tooltip that shows it as it is."""
    return tip_of(text.split("\n")) if "<" in text or "&" in text else text


def tip_of(lines: Iterable[str]) -> str:
    """Lines as a tooltip that shows them as they are."""
    return "<br>".join(f"<span>{html.escape(line)}</span>" for line in lines if line)
