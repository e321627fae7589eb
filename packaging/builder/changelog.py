"""The one changelog, `packaging/CHANGELOG.md`, in the forms that packages want."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from html import escape

from builder.tools import NAME, PACKAGING, Missing, version

MAINTAINER = "Concurrency Explorer authors <concurrency-explorer@users.noreply.github.com>"
HEAD = re.compile(r"^## (\S+) \((\d{4}-\d{2}-\d{2})\)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Release:
    """One release: its version, its day, and its words in one paragraph or a few."""

    version: str
    day: date
    words: str


def releases() -> list[Release]:
    """All releases, the newest first. The newest must be the version that is built: `Missing` otherwise."""
    parts = HEAD.split((PACKAGING / "CHANGELOG.md").read_text("utf-8"))[1:]
    found = [
        Release(parts[at], date.fromisoformat(parts[at + 1]), parts[at + 2].strip()) for at in range(0, len(parts), 3)
    ]
    if not found or found[0].version != version():
        raise Missing(f"packaging/CHANGELOG.md says nothing of {version()}, which is built; write its paragraph first.")
    return found


def as_debian() -> str:
    """As `changelog.Debian`."""
    told = []
    for each in releases():
        lines = "\n".join(f"    {line}" for line in each.words.splitlines() if line)
        when = format_datetime(datetime.combine(each.day, datetime.min.time(), UTC))
        told.append(f"{NAME} ({each.version}) stable; urgency=medium\n\n  *\n{lines}\n\n -- {MAINTAINER}  {when}\n")
    return "\n".join(told)


def as_appstream() -> str:
    """As the `release` elements of the metainfo."""
    return "\n    ".join(
        f'<release version="{each.version}" date="{each.day}"><description>'
        f"<p>{escape(' '.join(each.words.split()))}</p></description></release>"
        for each in releases()
    )
