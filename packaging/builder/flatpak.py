"""A Flatpak bundle, made of the same files as the tar.xz; needs flatpak-builder, and the runtime that it names."""

import json
import sys
from pathlib import Path
from typing import Any

from builder import sums, tar
from builder.tools import IDENTIFIER, NAME, PACKAGING, Missing, fresh, machine, need, run, say, version, work

MANIFEST = PACKAGING / "flatpak" / f"{IDENTIFIER}.json"
RUNTIMES = "https://dl.flathub.org/repo/flathub.flatpakrepo"


def possible() -> None:
    """Raise `Missing` but on a Linux with flatpak-builder."""
    if sys.platform != "linux":
        raise Missing("flatpak needs Linux.")
    need("flatpak", "flatpak-builder")


def build(output: Path) -> Path:
    """Write NAME-VERSION-ARCH.flatpak."""
    place = fresh(work("flatpak"))
    manifest = place / MANIFEST.name
    manifest.write_text(json.dumps(filled(tar.build(output))), "utf-8")
    made = output / f"{NAME}-{version()}-{machine()}.flatpak"
    run(["flatpak", "remote-add", "--user", "--if-not-exists", "flathub", RUNTIMES])
    run(["flatpak-builder", "--user", "--install-deps-from=flathub", "--force-clean", f"--repo={place / 'repo'}",
         f"--state-dir={place / 'state'}", place / "folder", manifest])  # fmt: skip
    # Whoever installs the bundle gets the runtime from there, without having set it up.
    run(["flatpak", "build-bundle", f"--runtime-repo={RUNTIMES}", place / "repo", made, IDENTIFIER])
    say(f"{made}: {made.stat().st_size / 1e6:.1f} MB")
    return made


def filled(archive: Path) -> dict[str, Any]:
    """The manifest, with this archive as what it is made of."""
    text = MANIFEST.read_text("utf-8").replace("@ARCHIVE@", json.dumps(str(archive.resolve()))[1:-1])
    manifest: dict[str, Any] = json.loads(text.replace("@SHA256@", sums.digest(archive)))
    return manifest
