#!/usr/bin/env python3
"""Build what users install, each kind by one command; everything lands in `dist/`.

    python3 packaging/build.py frozen    the program with its own Python, one folder (what the others wrap)
    python3 packaging/build.py deb       Debian and Ubuntu
    python3 packaging/build.py rpm       Fedora, openSUSE and their kin
    python3 packaging/build.py tar       any Linux, into a home folder, with install.sh
    python3 packaging/build.py appimage  any Linux, one file that needs no installation
    python3 packaging/build.py flatpak   any Linux with Flatpak
    python3 packaging/build.py nsis      Windows, on Windows: an installer for one user, without an administrator
    python3 packaging/build.py dmg       macOS, on macOS: the bundle in a disk image
    python3 packaging/build.py wheel     what pip installs: sdist and wheel, checked as the index checks them
    python3 packaging/build.py sbom      the bill of materials (CycloneDX)
    python3 packaging/build.py all       everything that this system can build, with checksums

A tool that is missing is named in one sentence, with the package that brings it; exit status 2.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "packaging"))

from builder import appimage, deb, dmg, flatpak, frozen, nsis, rpm, sbom, sums, tar, wheel  # noqa: E402  # the folder must be on the path first
from builder.tools import Missing, say  # noqa: E402

KINDS: dict[str, Callable[[Path], object]] = {
    "frozen": frozen.build,
    "deb": deb.build,
    "rpm": rpm.build,
    "tar": tar.build,
    "appimage": appimage.build,
    "flatpak": flatpak.build,
    "nsis": nsis.build,
    "dmg": dmg.build,
    "wheel": wheel.build,
    "sbom": sbom.build,
}
POSSIBLE: dict[str, Callable[[], None]] = {
    "appimage": appimage.possible,
    "flatpak": flatpak.possible,
    "nsis": nsis.possible,
    "dmg": dmg.possible,
}
"""What says that a kind cannot be built here, before anything is built."""
WITHOUT_FOLDER = {"wheel", "sbom"}
"""Kinds that do not wrap the folder of `frozen`."""
ON = {"linux": ("deb", "rpm", "tar", "wheel", "sbom"), "win32": ("nsis", "sbom"), "darwin": ("dmg", "sbom")}
"""What `all` builds on each system: what needs nothing from elsewhere."""


def frozen_first(kinds: Sequence[str], *, have: bool) -> bool:
    """Whether the folder must be built before these kinds, if we `have` one already."""
    return "frozen" in kinds or (not have and any(kind not in WITHOUT_FOLDER for kind in kinds))


def _place(words: str) -> Path:
    """A folder, seen from where the caller is; the tools are run elsewhere."""
    return Path(words).resolve()


def main() -> int:
    """Build the kinds that are named."""
    parser = argparse.ArgumentParser(description="Build what users install.")
    parser.add_argument("kinds", nargs="+", choices=[*KINDS, "all"], metavar="KIND", help=", ".join([*KINDS, "all"]))
    parser.add_argument("--output", type=_place, default=ROOT / "dist", help="where it lands; dist/ by default")
    parser.add_argument("--keep", action="store_true", help="take the folder of the last `frozen` as it is")
    chosen = parser.parse_args()
    kinds = ON.get(sys.platform, ()) if "all" in chosen.kinds else tuple(chosen.kinds)
    chosen.output.mkdir(parents=True, exist_ok=True)
    try:
        for kind in kinds:
            POSSIBLE.get(kind, lambda: None)()
        if frozen_first(kinds, have=chosen.keep and frozen.built(chosen.output)):
            frozen.build(chosen.output)
        for kind in kinds:
            if kind != "frozen":
                KINDS[kind](chosen.output)
    except Missing as missing:
        print(f"build.py: {missing}", file=sys.stderr)
        return 2
    say(f"checksums in {sums.write(chosen.output)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
