"""The audience's page: one HTML, one style sheet, one script, two fonts; and the headers that fence it in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from explorer.lessons.audience.gateway.http import Response

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""With every answer to the room. The page may load nothing from elsewhere, and nothing learns where it came from."""
FILES: Final = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "inter-regular.woff2": "font/woff2",
    "inter-bold.woff2": "font/woff2",
}
INDEX: Final = "index.html"
BASE: Final = b"{{base}}"
"""Stands in the page for the token, so that its parts are found below it."""


@dataclass(frozen=True, slots=True)
class Page:
    """The page in memory: `parts` by name."""

    index: bytes
    parts: dict[str, bytes]

    @classmethod
    def read(cls, folder: Path) -> "Page":
        """Read it from `folder`. Raises OSError."""
        return cls((folder / INDEX).read_bytes(), {name: (folder / name).read_bytes() for name in FILES})

    def part(self, name: str, base: str) -> Response | None:
        """The page itself (empty name) or a part of it; None if there is no such part."""
        if not name:
            body, kind = self.index.replace(BASE, base.encode()), "text/html; charset=utf-8"
        elif name in self.parts:
            body, kind = self.parts[name], FILES[name]
        else:
            return None
        return Response(200, HEADERS | {"content-type": kind}, body)
