"""A document of its own: style and, where there is something to move about in, the viewer, in one HTML file.

It asks nobody for anything: its content security policy forbids every request, and every script but the viewer, which
it knows by its hash.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from explorer.export.html.markup import Markup, join, section, tag
from explorer.paths import resources
from explorer.tokens import DARK, LIGHT, Tokens

MOST_PICTURE: Final = 6_000_000
FOLDER: Final = "report"
KINDS: Final = ("light.png", "dark.png")
"""The kinds (`explorer.export.format.Format`) of the two files that a `Picture` is."""


class Picture(NamedTuple):
    """A PNG in light colours and the same in dark ones: the page is as its reader's browser is."""

    light: bytes
    dark: bytes


def document(title: str, body: Markup, data: Mapping[str, Any] | None = None) -> str:
    """The text of the file; `data` is what the viewer shows (`viewer.viewer_data`), None: no script is in it."""
    folder = resources() / FOLDER
    script = (folder / "viewer.js").read_text(encoding="utf-8") if data is not None else ""
    style = _colours() + (folder / "report.css").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"script-src {_quoted(script)}; base-uri 'none'; form-action 'none'"
    )
    head = join(
        (
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=policy),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="referrer", content="no-referrer"),
            tag("title", f"{title} – Concurrency Explorer"),
            Markup(f"<style>{style}</style>"),
        )
    )
    scripts = "" if data is None else f"{_data(data)}<script>{script}</script>"
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}{scripts}</body></html>\n'


def picture_section(title: str, picture: Picture, words: str, *above: Markup, id_: str) -> Markup:
    """A section with a picture, which `words` describe, or with a sentence if that is too large for a document."""
    if max(map(len, picture)) > MOST_PICTURE:
        left_out = f"The picture of the lanes was left out, because it is larger than {MOST_PICTURE / 1e6:.0f} MB."
        return section(title, tag("p", left_out), id_=id_)
    dark = tag("source", media="screen and (prefers-color-scheme: dark)", srcset=_png(picture.dark))
    return section(title, *above, tag("picture", dark, tag("img", src=_png(picture.light), alt=words)), id_=id_)


def _png(image: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(image).decode("ascii")


def _data(data: Mapping[str, Any]) -> str:
    # Within a script element only "</script" and "<!--" mean anything: neither is there without its first letter.
    told = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="trace">{told}</script>'


def _quoted(script: str) -> str:
    return f"'{_hash(script)}'" if script else "'none'"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _colours() -> str:
    dark, light = (_variables(tokens) for tokens in (DARK, LIGHT))
    return f":root{{color-scheme:light dark;{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}" + "".join(
        f".state-{state.name.lower()}{{fill:var(--{state.name.lower()});stroke:var(--{state.name.lower()}-edge)}}"
        for state in LIGHT.states
    )


def _variables(tokens: Tokens) -> str:
    names = (
        "bg",
        "panel",
        "raised",
        "lane",
        "group",
        "line",
        "line2",
        "text",
        "text2",
        "text3",
        "accent",
        "danger",
        "ink",
        "dot",
    )
    plain = "".join(f"--{name}:{getattr(tokens, name)};" for name in names)
    looks = (
        f"--{state.name.lower()}:{look.fill};--{state.name.lower()}-edge:{look.edge or 'none'};"
        for state, look in tokens.states.items()
    )
    return plain + "".join(looks)
