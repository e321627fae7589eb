"""The bill of materials (CycloneDX): what travels in the frozen program, by name, version, licence and hash."""

import json
import re
import sys
from pathlib import Path
from typing import Any

from builder import changelog, environment, frozen, licences
from builder.tools import NAME, PACKAGING, TITLE, machine, run, say, version, work

SYSTEMS = {"win32": "windows", "darwin": "macos"}
_PINNED = re.compile(r"^([\w.-]+)==(\S+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def build(output: Path) -> Path:
    """Write NAME-VERSION-SYSTEM-ARCH.cdx.json: of the frozen folder if it is there, else of what the locks say."""
    told = licences.listed(frozen.folder(output)) if frozen.built(output) else None
    parts = told or licences.installed(environment.ready("freeze", environment.FREEZE))
    system = SYSTEMS.get(sys.platform, sys.platform)
    bill = {
        "title": TITLE,
        "name": NAME,
        "version": version(),
        "day": changelog.releases()[0].day.isoformat(),
        "for": f"{system}-{machine()}",
        "parts": described(parts, hashes(*(lock.read_text("utf-8") for lock in environment.FREEZE))),
    }
    told_to = work("sbom") / "parts.json"
    told_to.write_text(json.dumps(bill), "utf-8")
    made = output / f"{NAME}-{version()}-{system}-{machine()}.cdx.json"
    writer = environment.ready("publish", environment.PUBLISH)
    run([writer, PACKAGING / "builder" / "bill.py", told_to, made])
    say(f"{made}: {len(bill['parts'])} parts")
    return made


def described(parts: list[dict[str, Any]], known: dict[tuple[str, str], list[str]]) -> list[dict[str, Any]]:
    """Each part but the program itself, with where it comes from and the hashes that the lock admits for it."""
    found = []
    for part in parts:
        if part["name"] == TITLE:
            continue
        admitted = known.get((plain(part["name"]), part["version"]), [])
        of_debian = "libraries" in part and not any(map(licences.in_a_wheel, part["libraries"]))
        origin = "pypi" if admitted else "deb" if of_debian else "generic"
        kept = {key: part[key] for key in ("name", "version", "licence")}
        found.append({**kept, "origin": origin, "hashes": admitted})
    return found


def hashes(*locks: str) -> dict[tuple[str, str], list[str]]:
    """SHA-256 of the files that locks admit, by plain name and version."""
    found: dict[tuple[str, str], list[str]] = {}
    for entry in (entry for lock in locks for entry in re.split(r"\n(?=\S)", lock.strip())):
        pinned = _PINNED.match(entry)
        if pinned is not None:
            found[plain(pinned[1]), pinned[2]] = _HASH.findall(entry)
    return found


def plain(name: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
